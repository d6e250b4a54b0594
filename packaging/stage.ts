import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// node packaging/stage.ts [FOLDER]: puts the package together in a folder, from what `npm run build` made, ready for `npm pack` and
// `npm publish`. It needs no other package: dist/ has all of them.

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder = 'build'] = process.argv.slice(2);
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>> & {
  readonly files: readonly string[];
};
const { name, version, description, keywords, license, type, bin, exports, files, engines } = own;

/** Of whoever publishes, as npm's provenance has to name it. */
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
const from = server && repository ? { repository: { type: 'git', url: `git+${server}/${repository}.git` } } : {};

const into = resolve(folder, 'athenz-gitops');
rmSync(into, { recursive: true, force: true });
mkdirSync(into, { recursive: true });
for (const it of [...files, 'README.md', 'LICENSE']) cpSync(join(root, it), join(into, it), { recursive: true });
const staged = { name, version, description, keywords, license, type, ...from, bin, exports, files, engines };
writeFileSync(join(into, 'package.json'), `${JSON.stringify(staged, null, 2)}\n`);
process.stdout.write(`${into}\n`);
