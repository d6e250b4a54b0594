import { readFileSync } from 'node:fs';
import { notesOf } from './changelog.ts';

// node packaging/release-notes.ts TAG: prints what the changelog says of a release, or what keeps it from being one.

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };
try {
  process.stdout.write(notesOf(process.argv[2] ?? '', version, read('CHANGELOG.md')));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
