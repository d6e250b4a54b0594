import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { initFlags } from '../support/init-flags.ts';
import { fingerprint, gitEnv, makeRepository, type TestRepository } from '../support/repository.ts';
import { type Ran, runMain } from '../support/run.ts';

const file = 'athenz-gitops.yaml';

function init({ dir }: TestRepository, args: readonly string[], cwd = dir): Promise<Ran> {
  return runMain(['init', '--offline', ...args], { cwd, env: gitEnv });
}

test('flags alone write a minimal config in the order of the reference', async () => {
  await using repository = await makeRepository();
  const identity = ['--cert', 'certs/a.crt', '--key', '/etc/a.key', '--ca', 'certs/ca.crt'];
  const cluster = ['--cluster', 'eu', '--namespaces', 'ns/*.yaml', '--namespaces', 'more.txt'];
  const { code, out, err } = await init(repository, [...initFlags, ...identity, ...cluster, '--role', 'admins=admin']);
  // The certificate is not there yet.
  assert.deepEqual([code, err], [3, '']);
  assert.match(out, /^Wrote athenz-gitops\.yaml: cluster eu, 2 roles, 0 namespaces\.\n/);
  assert.match(out, /\n\nNext:\n {2}athenz-gitops doctor\n {2}athenz-gitops plan\n$/);
  const text = await readFile(join(repository.dir, file), 'utf8');
  assert.equal(text.replaceAll(/ *#.*\n/g, '\n').replace(/^\n+/, ''), expectedConfig);
});

const expectedConfig = `athenz:
  zmsUrl: https://zms.example.com/zms/v1
  certPath: certs/a.crt
  keyPath: /etc/a.key
  caPath: certs/ca.crt

clusters:
  - name: eu
    domain: eks.{namespace}
    namespaces:
      files: [ns/*.yaml, more.txt]

roles:
  - athenzRole: viewers
    clusterRole: view
  - athenzRole: admins
    clusterRole: admin
`;

test('paths from the working directory still resolve from the config', async () => {
  await using repository = await makeRepository();
  const cwd = join(repository.dir, 'here');
  await mkdir(cwd);
  const glob = join(repository.dir, 'clusters', '*.yaml');
  const paths = ['--cert', 'c.crt', '--key', '../c.key', '--namespaces', 'ns.txt', '--namespaces', glob];
  const { code, out } = await init(repository, [...initFlags, ...paths, '--config', '../new/folder/g.yaml'], cwd);
  assert.equal(code, 3);
  assert.match(out, /\n {2}athenz-gitops plan --config \.\.\/new\/folder\/g\.yaml\n$/);
  const { athenz, clusters } = await loadConfig(join(repository.dir, 'new/folder/g.yaml'));
  assert.deepEqual([athenz.certPath, athenz.keyPath], [join(cwd, 'c.crt'), join(repository.dir, 'c.key')]);
  assert.deepEqual(clusters[0]?.namespaces, { files: ['../../here/ns.txt', '../../clusters/*.yaml'], exclude: [] });
});

test('the next commands can be typed as they are printed', async () => {
  await using repository = await makeRepository();
  const { out } = await init(repository, [...initFlags, '--config', "$(a) 'b'.yaml"]);
  assert.match(out, /\n {2}athenz-gitops plan --config '\$\(a\) '\\''b'\\''\.yaml'\n$/);
});

const rejected: readonly (readonly [name: string, args: readonly string[], expected: RegExp])[] = [
  ['no flags', [], /USAGE: .*missing --zms-url, --domain, --role\n {2}Add .* in a terminal/],
  ['a missing flag', initFlags.slice(0, 4), /missing --role\n/],
  ['a certificate without its key', [...initFlags, '--cert', 'a'], /missing --key\n/],
  ['a key without its certificate', [...initFlags, '--key', 'a'], /missing --cert\n/],
  ['a role without a ClusterRole', [...initFlags, '--role', 'admins'], /--role: must be <Athenz role>=<ClusterRole>/],
  ['a duplicate role', [...initFlags, '--role', 'viewers=edit'], /--role: "viewers" is already listed/],
  ['a role with capitals', [...initFlags, '--role', 'Admins=edit'], /--role: .*lower case/],
  ['a negated glob', [...initFlags, '--namespaces', '!a'], /--namespaces: must include files, /],
  [
    'a glob outside the repository',
    [...initFlags, '--namespaces', '../a/*'],
    /the path \.\.\/a\/\* is outside the repository/,
  ],
  ['an unsupported forge', [...initFlags, '--forge', 'gitlab'], /'gitlab' is invalid.*github, local, none/],
  [
    'GitHub without a repository',
    [...initFlags, '--forge', 'github'],
    /missing --repository, --workflows-from owner\/athenz-gitops@<tag or commit>\n/,
  ],
  ['flags for GitHub alone', [...initFlags, '--runner', 'a'], /--runner: only for --forge github\n/],
  [
    'a config whose path GitHub would take for an expression',
    [
      ...[...initFlags, '--forge', 'github', '--repository', 'acme/access', '--workflows-from', 'acme/x@v1'],
      ...['--config', `\${{ secrets.KEY }}.yaml`],
    ],
    /GitHub takes "\$\{\{" in .* for an expression\n {2}Choose another name/,
  ],
  ['an unknown workflow', [...initFlags, '--workflow', 'a'], /'a' is invalid.*sync, guard, provision, drift/],
  ...['-x', 'a b', 'a..b', 'a\n  b: c', 'a.lock', '/a', '@'].map(
    (base) => [`the base ${base}`, [...initFlags, `--base=${base}`], /--base: must be a branch name/] as const,
  ),
  ['an invalid owner', [...initFlags, '--codeowners', 'acme'], /--codeowners: must be @user, @org\/team or /],
  ['a secret without a use', [...initFlags, '--secret', 'A'], /--secret: must be <use>=<name>/],
  [
    'renamed secrets of an environment',
    [...initFlags, '--forge', 'github', '--environment', 'prod', '--secret', 'cert=A'],
    /--secret cannot be used with --environment\n {2}Give the secrets .* ATHENZ_CERT, /,
  ],
  ['--domain with --from', ['--from', 'x', '--domain', 'a.{namespace}'], /--domain cannot be used with --from/],
  ['--role with --from', ['--from', 'x', '--role', 'a=b'], /--role cannot be used with --from/],
  ['a missing file', ['--from', 'x.yaml'], /CONFIG_NOT_FOUND: .*x\.yaml.*\n {2}Give its path with --from/],
];
for (const [name, args, expected] of rejected) {
  test(`${name}: exit 2, and nothing is written`, async () => {
    await using repository = await makeRepository();
    const { code, out, err } = await init(repository, args);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, expected);
    assert.deepEqual(await readdir(repository.dir), ['.git']);
  });
}

test('reports every invalid flag at once, and never prints a key', async () => {
  await using repository = await makeRepository();
  const pem = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
  const wrong = ['--zms-url', 'http://a', '--domain', 'a', '--cluster', 'A', '--cert', 'a', '--key', pem];
  const { code, out, err } = await init(repository, wrong);
  assert.equal(code, 2);
  for (const flag of ['--zms-url: ', '--domain: ', '--cluster: ', '--key: ']) assert.ok(err.includes(flag), flag);
  assert.doesNotMatch(out + err, /PRIVATE|c2VjcmV0/);
});

for (const existing of ['text\n', '->nowhere']) {
  test(`only --force overwrites an existing file (${JSON.stringify(existing)})`, async () => {
    await using repository = await makeRepository();
    await repository.write({ [file]: existing });
    const before = await fingerprint(repository.dir);
    for (const args of [[], initFlags, ['--from', 'nowhere']]) {
      const { code, err } = await init(repository, args);
      assert.equal(code, 2);
      assert.match(err, /^error: USAGE: writing athenz-gitops\.yaml: it already exists\n.*--force/);
    }
    assert.deepEqual(await fingerprint(repository.dir), before);
    assert.equal((await init(repository, [...initFlags, '--force'])).code, 0);
    await loadConfig(join(repository.dir, file));
    assert.deepEqual(await readdir(repository.dir), ['.git', file]);
  });
}

test('a failed run with --force keeps the existing file', async () => {
  await using repository = await makeRepository();
  await repository.write({ [file]: 'text\n' });
  const before = await fingerprint(repository.dir);
  for (const args of [['--force'], [...initFlags, '--force', '--namespaces', '../a.txt']]) {
    assert.equal((await init(repository, args)).code, 2);
    assert.deepEqual(await fingerprint(repository.dir), before);
  }
});

test('reports a folder that cannot be created', async () => {
  await using repository = await makeRepository();
  await repository.write({ below: 'a file' });
  const { code, err } = await init(repository, [...initFlags, '--config', 'below/g.yaml']);
  assert.equal(code, 1);
  assert.match(err, /^error: OUTPUT_WRITE: writing below\/g\.yaml: .*\n.*--config/);
});

test('--quiet writes the same file and prints nothing', async () => {
  await using repository = await makeRepository();
  assert.equal((await init(repository, initFlags)).code, 0);
  const text = await readFile(join(repository.dir, file), 'utf8');
  assert.deepEqual(await init(repository, [...initFlags, '--quiet', '--force']), { code: 0, out: '', err: '' });
  assert.equal(await readFile(join(repository.dir, file), 'utf8'), text);
});

const branches: readonly (readonly [name: string, git: readonly string[], base: string])[] = [
  ['main', [], 'main'],
  ['trunk', ['symbolic-ref', 'HEAD', 'refs/heads/trunk'], 'trunk'],
  ['a topic of main', ['checkout', '--quiet', '-b', 'topic'], 'main'],
];
for (const [name, git, base] of branches) {
  test(`on ${name}, the base branch is ${base}`, async () => {
    await using repository = await makeRepository();
    if (name.includes('topic')) await repository.commit();
    if (git.length > 0) repository.git(...git);
    assert.equal((await init(repository, [...initFlags, '--config', 'new/g.yaml'])).code, 0);
    const { forge } = await loadConfig(join(repository.dir, 'new/g.yaml'));
    assert.deepEqual([forge.kind, forge.base, forge.remote], ['local', base, null]);
  });
}

test('--forge none is written to the config', async () => {
  await using repository = await makeRepository();
  await init(repository, [...initFlags, '--forge', 'none']);
  assert.equal((await loadConfig(join(repository.dir, file))).forge.kind, 'none');
});

test('lists the remaining steps: files, namespaces, identity, repository', async () => {
  await using repository = await makeRepository();
  await repository.write({ 'clusters/default/all.yaml': '[a, b, kube-system]' });
  const { out } = await init(repository, initFlags);
  assert.match(out, /cluster default, 1 role, 2 namespaces/);
  assert.match(out, /^warning {2}certificate {2}no client certificate is given\n +→ set ATHENZ_CERT and ATHENZ_KEY /m);
  assert.match(out, /^To do:\n- Excluded namespaces: kube-system\.\n\nNext/m);
  const identity = ['--cert', 'a.crt', '--key', 'clusters/default/all.yaml', '--namespaces', 'none/*'];
  const more = await init(repository, [...initFlags, '--config', 'b/g.yaml', ...identity]);
  assert.match(more.out, /^error {4}certificate {2}.*a\.crt.*\n +→ check the path in athenz\.certPath/m);
  assert.match(more.out, /^- .*no file matches none\/\*\.\n\nNext/m);
  const outside = await init(repository, initFlags, join(repository.dir, '..'));
  assert.match(outside.out, /^- Plan and sync need a git repository/m);
});
