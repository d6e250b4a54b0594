import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mark } from '../../src/model/tags.ts';
import type { SandboxDomain } from '../../src/sandbox/state.ts';
import { clockAhead } from '../support/fixture.ts';
import {
  isWrite,
  openProvisionFixture,
  type ProvisionFixture,
  type ProvisionFixtureOptions,
} from '../support/provision-fixture.ts';
import { shareOf, testInChaos } from '../support/tier.ts';

const web = 'acme.eks.web';
const admins = 'adminUsers: [user.lead, acme.platform.gitops]';
const day = 86_400_000;
/** Later than the default `pruneAfterDays`. */
const later = { clock: clockAhead(8 * day) };

/** Provisions the namespaces, then removes all but `search` from git. */
async function openLeft(more = 'prune: delete', options: ProvisionFixtureOptions = {}): Promise<ProvisionFixture> {
  const fixture = await openProvisionFixture({ provision: `{${admins}, ${more}}`, ...options });
  await fixture.provision(0, ['--apply']);
  await fixture.declare('search');
  fixture.asked();
  return fixture;
}

function change(fixture: ProvisionFixture, name: string, how: (domain: SandboxDomain) => Partial<SandboxDomain>): void {
  fixture.sandbox.update(({ domains }) => {
    const domain = domains[name];
    if (domain === undefined) throw new Error(`there is no ${name}`);
    return { domains: { ...domains, [name]: { ...domain, ...how(domain) } } };
  });
}

const exists = (fixture: ProvisionFixture, name = web) => fixture.sandbox.state().domains[name] !== undefined;

const settings: readonly (readonly [prune: string, args: readonly string[], reported: boolean, deleted: boolean])[] = [
  ['false', ['--apply'], false, false],
  ['false', ['--prune'], true, false],
  ['false', ['--apply', '--prune'], true, false],
  ['report', [], true, false],
  ['report', ['--apply', '--prune'], true, false],
  ['delete', [], true, false],
  ['delete', ['--prune'], true, false],
  ['delete', ['--apply'], true, true],
  ['delete', ['--apply', '--prune'], true, true],
];
for (const [prune, args, reported, deleted] of shareOf(settings, 1, 2)) {
  test(`prune: ${prune} with ${args.join(' ') || 'no flag'} ${reported ? 'reports' : 'ignores'} and ${deleted ? 'deletes' : 'keeps'} it`, async () => {
    await using fixture = await openLeft(`prune: ${prune}`);
    const { plan, steps } = await fixture.provision(0, args, later);
    assert.deepEqual(
      plan.departed.map(({ domain, kept }) => [domain, kept]),
      reported ? [[web, undefined]] : [],
    );
    assert.deepEqual(fixture.asked().filter(isWrite), deleted ? ['DELETE /subdomain/acme.eks/web'] : []);
    assert.deepEqual([exists(fixture), exists(fixture, 'acme.eks.search')], [!deleted, true]);
    assert.deepEqual(
      steps.map(({ outcome }) => outcome.kind),
      deleted ? ['done'] : [],
    );
  });
}

test('a domain is deleted once, and the next run has nothing to do', async () => {
  await using fixture = await openLeft();
  await fixture.provision(5, ['--exit-code'], later);
  await fixture.provision(0, ['--apply'], later);
  fixture.asked();
  const { plan } = await fixture.provision(0, ['--apply', '--exit-code'], later);
  assert.deepEqual([plan.departed, fixture.asked().filter(isWrite)], [[], []]);
});

for (const [what, how, reason] of [
  ['with only foreign tags', () => ({ tags: { team: ['shop'] } }), undefined],
  ['recreated without tags', () => ({ tags: undefined, roles: {} }), undefined],
  ['tagged by another program', () => ({ tags: { [mark.key]: ['terraform'] } }), undefined],
  [
    'with a member added by hand',
    (it: SandboxDomain) => ({ roles: { ...it.roles, oncall: { members: [{ name: 'user.eve' }] } } }),
    /user\.eve is in its role oncall/,
  ],
  ['with an extra role', (it: SandboxDomain) => ({ roles: { ...it.roles, ops: { members: [] } } }), /the role ops/],
  ['with an extra group', () => ({ groups: { sre: { members: [] } } }), /the group sre/],
  ['with an extra policy', () => ({ policies: { readers: [] } }), /the policy readers/],
  ['that is disabled', () => ({ enabled: false }), /disabled/],
] as const) {
  test(`keeps a domain ${what}${reason === undefined ? ', unreported' : ', with the reason'}`, async () => {
    await using fixture = await openLeft();
    change(fixture, web, how);
    const { plan } = await fixture.provision(0, ['--apply'], later);
    const [found] = plan.departed;
    if (reason === undefined) assert.equal(found, undefined);
    else assert.match(found?.kept ?? '', reason);
    assert.deepEqual([fixture.asked().filter(isWrite), exists(fixture)], [[], true]);
  });
}

test('a domain changed within pruneAfterDays is kept', async () => {
  await using fixture = await openLeft('prune: delete, pruneAfterDays: 30');
  for (const [ahead, kept] of [
    [0, true],
    [29, true],
    [31, false],
  ] as const) {
    await fixture.provision(0, ['--apply'], { clock: clockAhead(ahead * day) });
    assert.equal(exists(fixture), kept, `after ${ahead} days`);
  }
});

for (const [what, files, code] of [
  ['does not parse', { 'clusters/prod/broken.yaml': 'kind: [' }, 3],
  ['has an invalid name', { 'clusters/prod/odd.yaml': '[Bad_Name]' }, 3],
  ['is the only one and is missing', { 'clusters/prod/namespaces.yaml': null }, 3],
] as const) {
  test(`deletes nothing when a namespace file ${what}`, async () => {
    await using fixture = await openLeft();
    await fixture.commit(files);
    const { plan } = await fixture.provision(code, ['--apply'], later);
    assert.deepEqual([plan.departed, fixture.asked().filter(isWrite)], [[], []]);
    assert.ok(exists(fixture));
  });
}

testInChaos('a namespace with an invalid annotation keeps its domain', async () => {
  const more = 'prune: delete, annotations: {adminUsers: acme/admins}';
  await using fixture = await openLeft(more);
  await fixture.declare('search', { name: 'web', annotations: { 'acme/admins': 'nobody!' } });
  await fixture.provision(3, ['--apply'], later);
  assert.deepEqual([fixture.asked().filter(isWrite), exists(fixture)], [[], true]);
});

test('an excluded namespace keeps its domain', async () => {
  await using fixture = await openLeft();
  await fixture.editConfig((text) => text.replace(/files: .*/, '$&\n      exclude: [web]'));
  await fixture.declare('search', 'web');
  const { plan } = await fixture.provision(0, ['--apply'], later);
  assert.deepEqual([plan.departed, exists(fixture)], [[], true]);
});

test('--cluster deletes nothing, as another cluster may have the namespace', async () => {
  await using fixture = await openLeft();
  const cluster =
    '  - {name: dev, domain: "acme.dev.{namespace}", namespaces: {files: [clusters/dev/*.yaml]}}\n\nroles:\n';
  await fixture.editConfig((text) => text.replace('roles:\n', cluster));
  await fixture.commit({ 'clusters/dev/namespaces.yaml': '[]\n' });
  const { plan } = await fixture.provision(0, ['--apply', '--prune', '--cluster', 'prod'], later);
  assert.deepEqual([plan.departed, fixture.asked().filter(isWrite), exists(fixture)], [[], [], true]);
});

test('a run deletes at most maxPruned domains, later runs delete the rest', async () => {
  await using fixture = await openLeft('prune: delete, maxPruned: 2', {
    namespaces: ['a', 'b', 'c', 'd', 'e', 'search'],
  });
  for (const left of [['c', 'd', 'e'], ['e'], []]) {
    await fixture.provision(0, ['--apply'], later);
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'e'].filter((name) => exists(fixture, `acme.eks.${name}`)),
      left,
    );
  }
});

test('a domain that changes between plan and deletion is kept', async () => {
  await using fixture = await openLeft();
  const before = fixture.sandbox.requests.length;
  let added = false;
  // Adds a member as soon as the document has been requested.
  const now = () => {
    const read = fixture.sandbox.requests.slice(before).some(({ url }) => url.includes(`/domain/${web}/signed`));
    if (read && !added) fixture.setRole(web, 'oncall', ['user.eve']);
    added = read;
    return later.clock.now();
  };
  const { steps } = await fixture.provision(3, ['--apply'], { clock: { ...later.clock, now } });
  assert.ok(added);
  assert.deepEqual(
    steps.map(({ outcome }) => 'problem' in outcome && outcome.problem.code),
    ['ZMS_STALE'],
  );
  assert.ok(exists(fixture));
  assert.ok(!fixture.asked().some(isWrite));
});

test('a domain whose group is in a role elsewhere is kept, and the role is named', async () => {
  await using fixture = await openLeft('prune: delete, groups: {devs: {}}');
  change(fixture, 'acme.eks.search', (it) => ({
    roles: { ...it.roles, oncall: { members: [{ name: `${web}:group.devs` }] } },
  }));
  const { steps } = await fixture.provision(3, ['--apply'], later);
  const [outcome] = steps.map((it) => it.outcome);
  assert.ok(outcome?.kind === 'failed');
  assert.equal(outcome.problem.code, 'ZMS_REFUSED');
  assert.match(
    outcome.problem.message,
    /Remove group 'acme\.eks\.web:group\.devs' membership from .*acme\.eks\.search:role\.oncall/,
  );
  const { out } = await fixture.expect(3, ['provision', '--apply'], later);
  assert.match(out, /FAILED.*Remove group/);
  assert.ok(exists(fixture));
});
