import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closureOf } from './imports.ts';
import { type Lock, pinsOf } from './lock.ts';

// node packaging/stage.ts [FOLDER]: puts the two packages together in a folder, from what `npm run build` compiled, ready for
// `npm pack` and `npm publish`: athenz-gitops, and athenz-gitops-sandbox with src/sandbox and the few files that it imports.

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder = 'build'] = process.argv.slice(2);
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
const own = readJson('package.json') as PackageFile & Readonly<Record<string, unknown>>;
const lock = readJson('package-lock.json') as Lock;

/** Of whoever publishes, as npm's provenance has to name it. */
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
const shared = {
  license: own['license'],
  type: own['type'],
  engines: own['engines'],
  ...(server && repository ? { repository: { type: 'git', url: `git+${server}/${repository}.git` } } : {}),
};

function copy(path: string, to: string, isWanted: (path: string) => boolean = () => true): void {
  mkdirSync(dirname(join(to, path)), { recursive: true });
  cpSync(join(root, path), join(to, path), { recursive: true, filter: isWanted });
}

function stage(file: { readonly name: string; readonly [key: string]: unknown }, write: (into: string) => void): void {
  const into = resolve(folder, file.name);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  write(into);
  copy('LICENSE', into);
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(file, null, 2)}\n`);
  process.stdout.write(`${into}\n`);
}

const { name, version, description, keywords, bin, exports, files } = own;
const dependencies = pinsOf(Object.keys(own.dependencies), lock).versions;
stage({ name, version, description, keywords, ...shared, bin, exports, files, dependencies }, (into) => {
  const left = files.filter((it) => it.startsWith('!')).map((it) => join(root, it.slice(1)));
  const kept = files.filter((it) => !it.startsWith('!'));
  for (const it of [...kept, 'README.md']) copy(it, into, (path) => !left.includes(path));
});

const entry = 'dist/sandbox/package.js';
const closure = closureOf(root, entry);
const sandbox = {
  name: 'athenz-gitops-sandbox',
  version,
  description: 'An in-process Athenz ZMS with sample data, for the commands sandbox and demo of athenz-gitops.',
  ...shared,
  exports: { '.': `./${entry}`, './package.json': './package.json' },
  files: ['dist', 'templates'],
  dependencies: pinsOf([...closure.packages], lock).versions,
};
stage(sandbox, (into) => {
  for (const file of closure.files) copy(file, into);
  copy('templates/sandbox', into);
  cpSync(join(root, 'packaging/sandbox.md'), join(into, 'README.md'));
});
