import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { refsOf } from '../support/repository.ts';

/** Two clusters over the same domains: `dev` has two of the namespaces. */
function twoClusters(groupBy: string): (text: string) => string {
  return (text) =>
    text
      .replace(
        'roles:\n',
        `  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/dev/*.yaml]}}\n\nroles:\n`,
      )
      .replace('kind: local', `kind: none\n  groupBy: ${groupBy}`);
}

async function openTwo(groupBy: string): Promise<Fixture> {
  const fixture = await openFixture({ uncommitted: true, config: twoClusters(groupBy) });
  await fixture.commit({ 'clusters/dev/namespaces.yaml': '[search, checkout]\n' });
  return fixture;
}

const groups: readonly (readonly [groupBy: string, branches: Readonly<Record<string, number>>])[] = [
  ['all', { all: 8 }],
  ['cluster', { dev: 2, prod: 6 }],
  [
    'namespace',
    {
      'dev.checkout': 1,
      'dev.search': 1,
      'prod.checkout': 1,
      'prod.labs': 1,
      'prod.payments-api': 1,
      'prod.payments-web': 1,
      'prod.reports': 1,
      'prod.search': 1,
    },
  ],
];
for (const [groupBy, branches] of groups) {
  test(`groupBy ${groupBy}: one branch per group, each file in exactly one`, async () => {
    await using fixture = await openTwo(groupBy);
    await fixture.expect(0, ['sync']);
    const names = botBranches(fixture);
    const files = names.map((name) =>
      fixture.git('diff', '--name-only', 'main', `athenz-gitops/main/${name}`).split('\n'),
    );
    assert.deepEqual(Object.fromEntries(names.map((name, index) => [name, files[index]?.length])), branches);
    assert.equal(new Set(files.flat()).size, 8);
    const before = refsOf(fixture.dir);
    await fixture.expect(0, ['sync']);
    assert.equal(refsOf(fixture.dir), before);
  });
}

test('changing groupBy deletes the old branches', async () => {
  await using fixture = await openTwo('cluster');
  await fixture.expect(0, ['sync']);
  await fixture.editConfig((text) => text.replace('groupBy: cluster', 'groupBy: all'));
  await fixture.expect(0, ['sync']);
  assert.deepEqual(botBranches(fixture), ['all']);
});

test('--cluster syncs only that cluster and leaves other branches alone', async () => {
  await using fixture = await openTwo('cluster');
  await fixture.expect(0, ['sync', '--cluster', 'dev']);
  assert.deepEqual(botBranches(fixture), ['dev']);
  await fixture.expect(0, ['sync']);
  fixture.git('branch', 'athenz-gitops/main/gone', 'athenz-gitops/main/prod');
  const prod = fixture.git('rev-parse', 'athenz-gitops/main/prod');
  const dev = fixture.git('rev-parse', 'athenz-gitops/main/dev');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const { out } = await fixture.expect(0, ['sync', '--cluster', 'dev', '--json']);
  const { proposals, plan } = JSON.parse(out);
  assert.deepEqual(
    proposals.map((it: { scope: string; action: string }) => `${it.scope} ${it.action}`),
    ['dev update'],
  );
  assert.ok(plan.files.every((file: { path: string }) => file.path.startsWith('output/dev/')));
  assert.deepEqual(botBranches(fixture), ['dev', 'gone', 'prod']);
  assert.equal(fixture.git('rev-parse', 'athenz-gitops/main/prod'), prod);
  assert.notEqual(fixture.git('rev-parse', 'athenz-gitops/main/dev'), dev);
});

test('--cluster reads only the domains of that cluster', async () => {
  await using fixture = await openTwo('cluster');
  await fixture.expect(0, ['plan', '--cluster', 'dev']);
  const read = fixture.sandbox.requests.map(({ path }) => /domain\/(.*)\/signed/.exec(path)?.[1]).filter(Boolean);
  assert.deepEqual(read.sort(), ['acme.eks.checkout', 'acme.eks.search', 'acme.org', 'acme.platform']);
});

test('--cluster for every cluster is the same as no filter', async () => {
  await using fixture = await openTwo('all');
  await fixture.expect(0, ['sync', '--cluster', 'dev', '--cluster', 'prod']);
  assert.deepEqual(botBranches(fixture), ['all']);
});

const rejected: readonly (readonly [name: string, groupBy: string, args: readonly string[], expected: RegExp])[] = [
  ['--cluster with groupBy all', 'all', ['--cluster', 'dev'], /groupBy "all"/],
  ['an unknown cluster', 'cluster', ['--cluster', 'pord'], /no such cluster \(did you mean "prod"\?\)/],
];
for (const command of ['sync', 'plan', 'render']) {
  for (const [name, groupBy, args, expected] of rejected) {
    test(`${command} rejects ${name}, exit 2`, async () => {
      await using fixture = await openTwo(groupBy);
      const before = refsOf(fixture.dir);
      const { err } = await fixture.expect(2, [command, ...args]);
      assert.match(err, /^error: USAGE: /);
      assert.match(err, expected);
      assert.equal(refsOf(fixture.dir), before);
      assert.equal(fixture.sandbox.requests.length, 0);
    });
  }
}

test('a namespace named lock gets a valid branch name', async () => {
  await using fixture = await openTwo('namespace');
  await fixture.commit({ 'clusters/dev/namespaces.yaml': '[lock]\n' });
  await fixture.expect(0, ['sync']);
  assert.ok(botBranches(fixture).includes('dev.lock_'));
  const before = refsOf(fixture.dir);
  await fixture.expect(0, ['sync']);
  assert.equal(refsOf(fixture.dir), before);
});

function botBranches({ git }: Fixture): readonly string[] {
  return git('for-each-ref', '--format=%(refname:lstrip=4)', 'refs/heads/athenz-gitops').split('\n');
}
