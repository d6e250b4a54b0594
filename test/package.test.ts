import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { projectRoot } from './support/generated.ts';
import { openGitHubFixture } from './support/github-fixture.ts';
import { install, type Packed, pack, packageNames, readPackage } from './support/packed.ts';
import { gitEnv } from './support/repository.ts';

// What is published, packed and installed in an empty folder: it runs without the sources, and has nothing that does not belong in it.

let packed: Packed;
let plain: string;
let both: string;
before(async () => {
  packed = await pack();
  [plain, both] = [join(packed.dir, 'plain'), join(packed.dir, 'both')];
  await Promise.all([install(packed, plain, ['athenz-gitops']), install(packed, both, packageNames)]);
});
after(() => packed[Symbol.asyncDispose]());

async function program(dir: string, ...args: readonly string[]) {
  const bin = join(dir, 'node_modules/athenz-gitops/bin/athenz-gitops.js');
  const options = { cwd: dir, env: gitEnv, timeout: 60_000 };
  const run = promisify(execFile)(process.execPath, [bin, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), stdout: String(stdout), stderr: String(stderr) }),
  );
  return run;
}

const compiled = globSync('**/*.ts', { cwd: join(projectRoot, 'src') }).map(
  (file) => `dist/${file.replace(/\.ts$/, '.js')}`,
);
const isSandbox = (file: string) => file.startsWith('dist/sandbox/');

test('the package has each compiled source once, and beside them only what is used', async () => {
  const files = [...(await packed.list('athenz-gitops')).keys()].sort();
  assert.deepEqual(
    files.filter((file) => file.startsWith('dist/')),
    compiled.filter((file) => !isSandbox(file)).sort(),
  );
  const schemas = (await readdir(join(projectRoot, 'schemas'))).map((name) => `schemas/${name}`);
  assert.deepEqual(
    files.filter((file) => !file.startsWith('dist/') && !file.startsWith('templates/')),
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/athenz-gitops.js', 'package.json', ...schemas].sort(),
  );
  const templates = globSync('templates/**/*.*', { cwd: projectRoot }).filter((file) => !file.includes('/sandbox/'));
  assert.deepEqual(
    files.filter((file) => file.startsWith('templates/')),
    templates.sort(),
  );
});

test("the sandbox's package has the sandbox, what it imports, and the sample", async () => {
  const files = [...(await packed.list('athenz-gitops-sandbox')).keys()].sort();
  const own = files.filter(isSandbox);
  assert.ok(own.includes('dist/sandbox/package.js') && own.every((file) => compiled.includes(file)), `${own}`);
  const sample = ['athenz-gitops', 'athenz', 'namespaces'].map((name) => `templates/sandbox/${name}.yaml`);
  const others = files.filter((file) => !own.includes(file) && !/^dist\/(model|runtime)\/[a-z-]+\.js$/.test(file));
  assert.deepEqual(others, ['LICENSE', 'README.md', 'package.json', ...sample].sort());
});

test('publint finds nothing wrong', async () => {
  for (const name of packageNames) {
    const { messages, pkg } = await publint({ pkgDir: join(both, 'node_modules', name), pack: false });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  }
});

test('both have one version, and exact versions of all that they need', async () => {
  const [own, sandbox] = await Promise.all(packageNames.map((name) => readPackage(join(both, 'node_modules', name))));
  assert.equal(own?.version, sandbox?.version);
  for (const [name, version] of Object.entries({ ...own?.dependencies, ...sandbox?.dependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
    assert.equal((await readPackage(join(projectRoot, 'node_modules', name))).version, version, name);
  }
  // npm would run it on the machine of whoever installs, and its result could depend on that machine.
  const lock = JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
  };
  for (const name of Object.keys({ ...own?.dependencies, ...sandbox?.dependencies }))
    assert.ok(!lock.packages[`node_modules/${name}`]?.hasInstallScript, `${name} has an install script`);
  assert.ok(!('@peculiar/x509' in (own?.dependencies ?? {})), 'certificates are the matter of the sandbox');
});

/** 116 packages, 7,104 files and 106 MB in November 2026; half of it is @kubernetes/client-node with what it needs. */
const budget = { packages: 120, files: 7_500, megabytes: 110, packedFiles: 600, packedMegabytes: 2 };

test('the size stays within its budget', async () => {
  const list = await packed.list('athenz-gitops');
  const bytes = [...list.values()].reduce((sum, size) => sum + size, 0);
  const { dependencies } = await readPackage(join(plain, 'node_modules/athenz-gitops'));
  const files = Object.keys(dependencies).flatMap((name) =>
    globSync('**', { cwd: join(projectRoot, 'node_modules', name), withFileTypes: true }).filter((it) => it.isFile()),
  );
  const sizes = await Promise.all(files.map(async (it) => (await stat(join(it.parentPath, it.name))).size));
  const measured = {
    packages: Object.keys(dependencies).length + 1,
    files: files.length + list.size,
    megabytes: (sizes.reduce((sum, size) => sum + size, 0) + bytes) / 1e6,
    packedFiles: list.size,
    packedMegabytes: bytes / 1e6,
  };
  for (const [what, most] of Object.entries(budget)) {
    const amount = measured[what as keyof typeof budget];
    assert.ok(amount <= most && amount > most / 2, `${what}: ${amount}, and the budget is ${most}`);
  }
});

test('every command shows its help', async () => {
  const { version } = await readPackage(projectRoot);
  assert.equal((await program(plain, '--version')).stdout, `${version}\n`);
  const { stdout: help } = await program(plain, '--help');
  const commands = [...help.matchAll(/^ {2}([a-z]+) .*$/gm)].flatMap(([, name = '']) =>
    name === 'help' ? [] : [name],
  );
  assert.ok(commands.includes('watch') && commands.includes('copies') && commands.length >= 14, `${commands}`);
  const pages = await Promise.all(
    [...commands.map((it) => [it]), ['copies', 'status']].map((it) => program(plain, ...it, '--help')),
  );
  for (const { stdout } of pages) assert.match(stdout, /^Usage: athenz-gitops /);
});

test('init and render work without the sandbox, with templates and schema of the package', async () => {
  const flags = ['--zms-url=https://zms.example.com/zms/v1', '--cert=a.crt', '--key=a.key', '--domain=eks.{namespace}'];
  await writeFile(join(plain, 'namespaces.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a}\n');
  const init = await program(plain, 'init', ...flags, '--namespaces=namespaces.yaml', '--role=admins=admin');
  assert.equal(init.code, 0, init.stderr);
  const render = await program(plain, 'render');
  assert.match(render.stderr, /^error: ATHENZ_CERT_MISSING: /);
});

test('without its package, sandbox and demo name the one to install', async () => {
  const { version } = await readPackage(projectRoot);
  for (const command of ['sandbox', 'demo']) {
    const { code, stdout, stderr } = await program(plain, command);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^error: SANDBOX_MISSING: .*athenz-gitops-sandbox/);
    assert.ok(stderr.includes(`npm install ./athenz-gitops-sandbox-${version}.tgz`), stderr);
  }
});

test('with its package the sandbox starts, and says what is wrong in the words of the program', async () => {
  await mkdir(join(both, 'bad'));
  await writeFile(join(both, 'bad/athenz.yaml'), 'domains: 3\n');
  const { code, stderr } = await program(both, 'sandbox', '--dir', 'bad', '--port', '0');
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^error: CONFIG_INVALID:/);
});

test('a sandbox of another version is refused', async () => {
  const file = join(both, 'node_modules/athenz-gitops-sandbox/package.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"version": "[^"]*"/, '"version": "0.0.1"'));
  const { code, stderr } = await program(both, 'demo');
  await writeFile(file, text);
  assert.equal(code, 2);
  assert.match(stderr, /^error: SANDBOX_MISSING: athenz-gitops-sandbox is 0\.0\.1, but this is athenz-gitops /);
});

test('the demo runs to its end', async () => {
  const { code, stdout, stderr } = await program(both, 'demo');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nDone\. The folder was deleted/);
});

test('sync opens a pull request on GitHub, and has nothing left to do once it is merged', async () => {
  await using fixture = await openGitHubFixture();
  const bin = join(plain, 'node_modules/athenz-gitops/bin/athenz-gitops.js');
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
