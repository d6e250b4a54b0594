import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { noticesOf, packagesIn } from './notices.ts';

// npm run build: puts the program and all that it needs into dist/, so that what is installed is what was tested, starts faster than
// hundreds of files would, and brings no package that could be another one on the day it is installed.

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist');
await rm(folder, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/commands/main.ts'],
  outdir: folder,
  bundle: true,
  // What few commands need is loaded by those.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  // Packages in CommonJS call it for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
await writeFile(
  join(folder, 'THIRD-PARTY-NOTICES.txt'),
  await noticesOf(root, packagesIn(Object.keys(metafile.inputs))),
);
