import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { projectRoot } from './support/generated.ts';
import { openGitHubFixture } from './support/github-fixture.ts';
import { install, type Packed, pack, readPackage } from './support/packed.ts';
import { gitEnv } from './support/repository.ts';
import { testInChaos } from './support/tier.ts';

// What is published, packed and installed in an empty folder: it runs without the sources, and has nothing that does not belong in it.

let packed: Packed;
let dir: string;
before(async () => {
  packed = await pack();
  dir = join(packed.dir, 'installed');
  await install(packed, dir);
});
after(() => packed[Symbol.asyncDispose]());

async function program(...args: readonly string[]) {
  const bin = join(dir, 'node_modules/athenz-gitops/bin/athenz-gitops.js');
  const options = { cwd: dir, env: gitEnv, timeout: 60_000 };
  const run = promisify(execFile)(process.execPath, [bin, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), stdout: String(stdout), stderr: String(stderr) }),
  );
  return run;
}

test('the package has the bundle, and beside it only what is used', () => {
  const files = [...packed.files.keys()].sort();
  assert.ok(files.includes('dist/main.js') && files.includes('dist/THIRD-PARTY-NOTICES.txt'), `${files}`);
  const isPart = (file: string) => /^dist\/[\w.-]+-[A-Z0-9]{8}\.js$/.test(file);
  const others = ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/athenz-gitops.js', 'package.json'];
  const folders = ['schemas', 'templates'].flatMap((folder) => globSync(`${folder}/**/*.*`, { cwd: projectRoot }));
  assert.deepEqual(
    files.filter((file) => !isPart(file)),
    [...others, ...folders, 'dist/main.js', 'dist/THIRD-PARTY-NOTICES.txt'].sort(),
  );
});

test('publint finds nothing wrong', async () => {
  const { messages, pkg } = await publint({ pkgDir: join(dir, 'node_modules/athenz-gitops'), pack: false });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('it needs no other package, and names those it has with their licences', async () => {
  const installed = join(dir, 'node_modules/athenz-gitops');
  const own = Object.keys(await readPackage(installed));
  assert.deepEqual(
    own.filter((key) => /dependencies|scripts|private/i.test(key)),
    [],
  );
  const notices = await readFile(join(installed, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
  const { dependencies = {} } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  // What the SBOM of a release is made from.
  const { packages } = JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly dev?: boolean }>>;
  };
  const shipped = Object.entries(packages).flatMap(([place, { version, dev }]) =>
    dev ? [] : [`${place.replace(/^.*node_modules\//, '')} ${version}`],
  );
  for (const [, bundled = ''] of notices.matchAll(/^-{80}\n\n(\S+ \S+), /gm))
    assert.ok(shipped.includes(bundled), bundled);
  for (const name of Object.keys(dependencies)) {
    const { version } = await readPackage(join(projectRoot, 'node_modules', name));
    assert.match(notices, new RegExp(`^${name} ${version.replaceAll('.', '\\.')}, `, 'm'));
  }
});

/** Of November 2026: 6.5 MB, 1.4 MB as a tarball; a third is @kubernetes/client-node, a tenth the sandbox and its certificates. */
const budget = { files: 200, megabytes: 8, packedMegabytes: 2 };

test('the size stays within its budget', async () => {
  const measured = {
    files: packed.files.size,
    megabytes: [...packed.files.values()].reduce((sum, size) => sum + size, 0) / 1e6,
    packedMegabytes: (await stat(packed.tarball)).size / 1e6,
  };
  for (const [what, most] of Object.entries(budget)) {
    const amount = measured[what as keyof typeof budget];
    assert.ok(amount <= most && amount > most / 2, `${what}: ${amount}, and the budget is ${most}`);
  }
});

test('every command shows its help', async () => {
  const { version } = await readPackage(projectRoot);
  assert.equal((await program('--version')).stdout, `${version}\n`);
  const { stdout: help } = await program('--help');
  const commands = [...help.matchAll(/^ {2}([a-z]+) .*$/gm)].flatMap(([, name = '']) =>
    name === 'help' ? [] : [name],
  );
  assert.ok(commands.includes('watch') && commands.includes('copies') && commands.length >= 14, `${commands}`);
  // In one process: each has the same bundle.
  const lines = [...commands.map((it) => [it, '--help']), ['copies', 'status', '--help']];
  const script = `import { main } from './node_modules/athenz-gitops/dist/main.js';
for (const line of ${JSON.stringify(lines)}) process.exitCode ||= await main(line);`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout: pages } = await promisify(execFile)(process.execPath, args, { cwd: dir, env: gitEnv });
  assert.equal(pages.match(/^Usage: athenz-gitops /gm)?.length, lines.length, pages);
});

test('init and render work with templates and schema of the package', async () => {
  const flags = ['--zms-url=https://zms.example.com/zms/v1', '--cert=a.crt', '--key=a.key', '--domain=eks.{namespace}'];
  await writeFile(join(dir, 'namespaces.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a}\n');
  const gitHub = ['--forge=github', '--repository=acme/access', '--workflows-from=acme/athenz-gitops@v1'];
  const others = ['--namespaces=namespaces.yaml', '--role=admins=admin', ...gitHub, '--offline'];
  const init = await program('init', ...flags, ...others);
  // The certificate and its key are not there yet.
  assert.deepEqual([init.code, init.stderr], [3, '']);
  assert.match(init.stdout, /^error {4}certificate {2}.*\ba\.crt: /m);
  assert.match(init.stdout, /^Wrote athenz-gitops\.yaml: cluster default, 1 role, 1 namespace\.\n/);
  const workflow = await readFile(join(dir, '.github/workflows/athenz-gitops-sync.yml'), 'utf8');
  assert.match(workflow, /^ {4}uses: acme\/athenz-gitops\/\.github\/workflows\/sync\.yml@v1$/m);
  const render = await program('render');
  assert.match(render.stderr, /^error: ATHENZ_CERT_MISSING: /);
});

testInChaos('the sandbox says what is wrong in the words of the program', async () => {
  await mkdir(join(dir, 'bad'));
  await writeFile(join(dir, 'bad/athenz.yaml'), 'domains: 3\n');
  const { code, stderr } = await program('sandbox', '--dir', 'bad', '--port', '0');
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^error: CONFIG_INVALID:/);
});

testInChaos('the demo runs to its end', async () => {
  const { code, stdout, stderr } = await program('demo');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nDone\. The folder was deleted/);
});

testInChaos('sync opens a pull request on GitHub, and has nothing left to do once it is merged', async () => {
  await using fixture = await openGitHubFixture();
  const bin = join(dir, 'node_modules/athenz-gitops/bin/athenz-gitops.js');
  const sync = async () => {
    const options = { cwd: fixture.dir, env: fixture.env, timeout: 60_000 };
    return (await promisify(execFile)(process.execPath, [bin, 'sync'], options)).stdout;
  };
  assert.match(await sync(), /^Created http.*\/pull\/1\b/m);
  assert.equal(fixture.github.pull(1).state, 'open');
  await fixture.github.merge(1, 'squash');
  assert.match(await sync(), /^Deleted branch athenz-gitops\/main\/prod/m);
  assert.match(await sync(), /^No changes\. Git matches Athenz\./m);
});
