import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedFiles, projectRoot } from './generated.ts';

// Writes what is generated and committed; test/generated.test.ts keeps it in step.
const files = await generatedFiles();
await rm(join(projectRoot, 'output', 'prod'), { recursive: true, force: true });
for (const [path, text] of files) {
  await mkdir(dirname(join(projectRoot, path)), { recursive: true });
  await writeFile(join(projectRoot, path), text);
}
