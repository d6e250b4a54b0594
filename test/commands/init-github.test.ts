import assert from 'node:assert/strict';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { readFiles } from '../support/generated.ts';
import { assertGolden } from '../support/golden.ts';
import { initFlags } from '../support/init-flags.ts';
import { fingerprint, gitEnv, makeRepository, type TestRepository, writeFiles } from '../support/repository.ts';
import { type Ran, type RunOptions, runMain } from '../support/run.ts';
import { lint } from '../support/workflow.ts';

const github = ['--forge', 'github', '--repository', 'acme/access', '--workflows-from', 'acme/athenz-gitops@v1.2.3'];

function init({ dir }: TestRepository, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return runMain(['init', '--offline', ...initFlags, ...args], { cwd: dir, env: gitEnv, ...options });
}

/** Everything that a run wrote, as one text, with what it printed. */
async function written(repository: TestRepository, { code, out, err }: Ran): Promise<string> {
  const files = [...(await readFiles(repository.dir, '.'))].filter(([path]) => !path.startsWith('.git/'));
  const shown = files.map(([path, text]) => `==> ${path} <==\n${text}`);
  return `${out}${err}exit code ${code}\n\n${shown.join('\n')}`;
}

const every = ['--workflow', 'sync', 'guard', 'provision', 'drift'];
const cases: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['app', [...github, ...every, '--codeowners', '@acme/platform']],
  [
    'token',
    [
      ...[...github, '--auth', 'token', '--base', 'trunk', '--runner', 'zms-net', '--config', 'access/gitops.yaml'],
      ...['--workflow', 'sync', 'provision', '--secret', 'cert=CRT', '--secret', 'key=PRIVATE'],
      ...['--namespaces', 'clusters/[ab]/*.yaml', '--namespaces', 'names.txt'],
    ],
  ],
  ['local', ['--forge', 'local', '--codeowners', '@ada']],
];
for (const [name, args] of cases) {
  test(`init writes the files of test/data/report/init/${name}.txt`, async () => {
    await using repository = await makeRepository();
    const ran = await init(repository, args);
    await assertGolden(`init/${name}.txt`, await written(repository, ran));
    for (const [path, text] of await readFiles(repository.dir, '.')) {
      if (path.startsWith('.github/workflows/')) assert.deepEqual(await lint(path, text), []);
    }
  });
}

test('the repository is that of the remote origin, also on another GitHub', async () => {
  await using repository = await makeRepository();
  repository.git('remote', 'add', 'origin', 'git@github.example.com:acme/access.git');
  const { code } = await init(repository, ['--forge', 'github', '--no-workflows']);
  assert.equal(code, 0);
  const text = await readFile(join(repository.dir, 'athenz-gitops.yaml'), 'utf8');
  assert.match(text, /repository: acme\/access\n/);
  assert.match(text, /apiUrl: https:\/\/github\.example\.com\/api\/v3\n/);
});

test('a repository that is not the remote is an error with the next step', async () => {
  await using repository = await makeRepository();
  repository.git('remote', 'add', 'origin', 'https://me:sec@ret@github.com/acme/access.git');
  const { code, out } = await init(repository, [...github, '--repository', 'acme/acess']);
  assert.equal(code, 3);
  assert.match(
    out,
    /^error +remote +origin is https:\/\/github\.com\/acme\/access\.git, but .* is acme\/acess\n +→ correct/m,
  );
});

test('what is there is named and kept, and a stopped run can be repeated', async () => {
  await using repository = await makeRepository();
  await init(repository, github);
  const sync = '.github/workflows/athenz-gitops-sync.yml';
  const again = await init(repository, [...github, '--config', 'b.yaml']);
  // Their config is another.
  assert.match(
    again.err,
    /^error: USAGE: writing \.github\/.*-sync\.yml, .*-guard\.yml: already exist with other content\n/,
  );
  await repository.write({ 'athenz-gitops.yaml': null });
  assert.match((await init(repository, github)).out, /^Unchanged: \.github\/workflows\/athenz-gitops-sync\.yml\.$/m);
  await repository.write({ 'athenz-gitops.yaml': null, [sync]: 'mine\n' });
  const before = await fingerprint(repository.dir);
  const { code, err } = await init(repository, github);
  assert.equal(code, 2);
  assert.match(
    err,
    /writing .*-sync\.yml: already exists with other content\n {2}Keep it with --no-workflows, .*--force/,
  );
  assert.deepEqual(await fingerprint(repository.dir), before);
  assert.match((await init(repository, [...github, '--force'])).out, /^Replaced .*-sync\.yml: /m);
});

test('--dry-run lists everything and writes nothing', async () => {
  await using repository = await makeRepository();
  const before = await fingerprint(repository.dir);
  const { code, out } = await init(repository, [
    ...github,
    '--dry-run',
    '--config',
    'new/g.yaml',
    '--codeowners',
    '@ada',
  ]);
  assert.equal(code, 0);
  for (const path of ['new/g.yaml', '.github/workflows/athenz-gitops-guard.yml', '.github/CODEOWNERS'])
    assert.ok(out.includes(`Would write ${path}: `), out);
  assert.match(out, /\nNothing was written: run again without --dry-run\.\n$/);
  assert.deepEqual(await fingerprint(repository.dir), before);
});

test('CODEOWNERS covers what the config trusts, and itself, but nothing outside of the repository', async () => {
  await using repository = await makeRepository();
  await repository.write({ CODEOWNERS: '* @ada\n' });
  const config = (text: string) =>
    `${text.replace('caPath: ', 'publicKeys: {"0": certs/zms.pub, "1": /etc/zms.pub}\n  caPath: ')}output: {templates: templates/rbac}\n`;
  await init(repository, ['--ca', 'certs/ca.crt', ...github, '--no-workflows']);
  const text = await readFile(join(repository.dir, 'athenz-gitops.yaml'), 'utf8');
  await repository.write({ 'athenz-gitops.yaml': config(text), 'templates/rbac/role.yaml': '' });
  const args = [
    'init',
    '--workflows-only',
    '--workflows-from',
    'acme/athenz-gitops@v1',
    '--codeowners',
    '@acme/platform',
  ];
  await runMain(args, { cwd: repository.dir, env: gitEnv });
  const owned = (await readFile(join(repository.dir, 'CODEOWNERS'), 'utf8'))
    .split('\n')
    .filter((it) => it.startsWith('/'));
  assert.deepEqual(
    owned.map((line) => line.replace(' @acme/platform', '')),
    [
      '/output/default/',
      '/athenz-gitops.yaml',
      '/templates/rbac/',
      '/certs/ca.crt',
      '/certs/zms.pub',
      '/.github/',
      '/CODEOWNERS',
    ],
  );
});

test('lines are added to .gitignore and CODEOWNERS once, below those that are there', async () => {
  await using repository = await makeRepository();
  await repository.write({ '.gitignore': 'dist', 'docs/CODEOWNERS': '* @ada\n' });
  const args = ['--cert', 'c.crt', '--key', 'keys/a b.key', '--codeowners', '@ada', '--codeowners', '@acme/platform'];
  const { out } = await init(repository, args);
  assert.match(out, /^Added to \.gitignore: \/keys\/a b\.key\.$/m);
  const read = async (path: string) => readFile(join(repository.dir, path), 'utf8');
  assert.equal(await read('.gitignore'), 'dist\n\n# Keys and caches of athenz-gitops\n/keys/a b.key\n');
  assert.match(await read('docs/CODEOWNERS'), /^\* @ada\n\n# .*\n\/output\/default\/ @ada @acme\/platform\n\/athenz-/);
  const texts = await readFiles(repository.dir, '.');
  assert.doesNotMatch((await init(repository, [...args, '--force'])).out, /Added to/);
  assert.deepEqual(await readFiles(repository.dir, '.'), texts);
});

test('owners that CODEOWNERS names already are left their review', async () => {
  for (const line of ['/.github/ @acme/security', '.github/workflows/ @acme/security', '/.github @acme/security']) {
    await using repository = await makeRepository();
    const before = `* @all\n${line}\n/athenz-gitops.yaml.old @all\n`;
    await repository.write({ CODEOWNERS: before });
    const { out } = await init(repository, ['--codeowners', '@ada']);
    assert.match(
      out,
      /^Added to CODEOWNERS: \/output\/default\/ @ada, \/athenz-gitops\.yaml @ada, \/CODEOWNERS @ada\.$/m,
    );
    const text = await readFile(join(repository.dir, 'CODEOWNERS'), 'utf8');
    assert.ok(text.startsWith(before) && !text.includes('/.github/ @ada'), text);
  }
});

test('nothing is read or written through a link', async () => {
  await using repository = await makeRepository();
  await using outside = await makeFolder();
  await writeFiles(outside.dir, { secret: 'of another file\n' });
  const args = ['--cert', 'c.crt', '--key', 'c.key', '--codeowners', '@ada', ...github];
  for (const [link, to] of [
    ['.gitignore', '/secret'],
    ['.github/CODEOWNERS', '/secret'],
    ['.github/workflows/athenz-gitops-sync.yml', '/none'],
    ['.github', ''],
  ] as const) {
    await repository.write({ [link]: `->${outside.dir}${to}` });
    const before = [await fingerprint(repository.dir), await fingerprint(outside.dir)];
    const { code, err } = await init(repository, [...args, '--force']);
    assert.equal(code, 1);
    assert.match(
      err,
      /^error: OUTPUT_LINK: writing .*: \.git.* is a link\n {2}Put a file or folder of this repository /,
    );
    assert.deepEqual([await fingerprint(repository.dir), await fingerprint(outside.dir)], before);
    await rm(join(repository.dir, link), { recursive: true });
    await rm(join(repository.dir, '.github'), { recursive: true, force: true });
  }
});

test('checks the files, ZMS and the domain of the namespaces, and writes the config whatever they say', async () => {
  await using fixture = await openFixture();
  const { certPath, keyPath, caPath } = fixture.paths.credentials;
  const run = (args: readonly string[]) => runMain(['init', '--force', ...args], { cwd: fixture.dir, env: gitEnv });
  const files = ['--cert', certPath, '--key', keyPath, '--ca', caPath];
  const here = ['--zms-url', fixture.sandbox.url, '--role', 'viewers=view', ...files];
  const good = await run([...here, '--domain', 'acme.eks.{namespace}']);
  assert.equal(good.code, 0, good.out);
  assert.match(good.out, /^ok +zms +https:.* answers; domain acme\.eks exists$/m);
  const wrongDomain = await run([...here, '--domain', 'acme.nowhere.{namespace}']);
  assert.match(wrongDomain.out, /^error +zms +.*there is no domain acme\.nowhere\n +→ correct clusters/m);
  await fixture.sandbox.close();
  const unreachable = await run([...here, '--domain', 'acme.eks.{namespace}']);
  assert.match(unreachable.out, /^error +zms +ZMS_UNREACHABLE: .*\n +→ /m);
  assert.match(unreachable.out, /^Wrote athenz-gitops\.yaml: /);
  await copyFile(certPath, keyPath);
  const mismatch = await run([...here, '--domain', 'acme.eks.{namespace}', '--quiet']);
  assert.match(mismatch.err, /^error +key /m);
  assert.deepEqual([wrongDomain.code, unreachable.code, mismatch.code, mismatch.out], [3, 3, 3, '']);
});

test('--workflows-only writes what runs a config that is there, and leaves the config', async () => {
  await using repository = await makeRepository();
  const only = (args: readonly string[], options: RunOptions = {}) =>
    runMain(['init', '--workflows-only', ...args], { cwd: repository.dir, env: gitEnv, ...options });
  assert.match((await only([])).err, /^error: CONFIG_NOT_FOUND/);
  await init(repository, ['--forge', 'local']);
  assert.match((await only([])).err, /forge\.kind of athenz-gitops\.yaml is local: workflows are for github\n/);
  await init(repository, [...github, '--no-workflows', '--base', 'trunk', '--force']);
  const before = await readFiles(repository.dir, '.');
  assert.match((await only([])).err, /missing --workflows-from/);
  assert.match((await only(['--domain', 'a.{namespace}'])).err, /cannot be used with option '--domain/);
  const from = ['--workflows-from', 'acme/athenz-gitops@v1', '--workflow', 'provision'];
  assert.match((await only([...from, '--dry-run'])).out, /^Would write .*-provision\.yml: /);
  assert.deepEqual(await readFiles(repository.dir, '.'), before);
  const { code, out } = await only(from);
  assert.equal(code, 0);
  assert.match(out, /^Wrote \.github\/workflows\/athenz-gitops-provision\.yml: .*\n\nTo do:\n- Set the secrets /);
  const after = await readFiles(repository.dir, '.');
  assert.match(after.get('.github/workflows/athenz-gitops-provision.yml') ?? '', /branches: \[trunk\]/);
  assert.equal(after.get('athenz-gitops.yaml'), before.get('athenz-gitops.yaml'));
});
