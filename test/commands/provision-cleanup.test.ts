import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mark } from '../../src/model/provision.ts';
import type { SandboxDomain } from '../../src/sandbox/state.ts';
import { clockAhead } from '../support/fixture.ts';
import {
  isWrite,
  openProvisionFixture,
  type ProvisionFixture,
  type ProvisionFixtureOptions,
} from '../support/provision-fixture.ts';

const web = 'acme.eks.web';
const admins = 'adminUsers: [user.lead, acme.platform.gitops]';
const day = 86_400_000;
/** Longer than `pruneAfterDays` says unless it is told otherwise. */
const later = { clock: clockAhead(8 * day) };

/** Two domains of ours, `search` and `web`; the namespace of the latter has left git. */
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

const isThere = (fixture: ProvisionFixture, name = web) => fixture.sandbox.state().domains[name] !== undefined;

for (const [prune, args, named, goes] of [
  ['false', ['--apply'], false, false],
  ['false', ['--prune'], true, false],
  ['false', ['--apply', '--prune'], true, false],
  ['report', [], true, false],
  ['report', ['--apply', '--prune'], true, false],
  ['delete', [], true, false],
  ['delete', ['--prune'], true, false],
  ['delete', ['--apply'], true, true],
  ['delete', ['--apply', '--prune'], true, true],
] as const) {
  test(`prune: ${prune} with ${args.join(' ') || 'no flag'} ${named ? 'names' : 'passes over'} it and ${goes ? 'deletes' : 'keeps'} it`, async () => {
    await using fixture = await openLeft(`prune: ${prune}`);
    const { plan, steps } = await fixture.provision(0, args, later);
    assert.deepEqual(
      plan.departed.map(({ domain, kept }) => [domain, kept]),
      named ? [[web, undefined]] : [],
    );
    assert.deepEqual(fixture.asked().filter(isWrite), goes ? ['DELETE /subdomain/acme.eks/web'] : []);
    assert.deepEqual([isThere(fixture), isThere(fixture, 'acme.eks.search')], [!goes, true]);
    assert.deepEqual(
      steps.map(({ outcome }) => outcome.kind),
      goes ? ['done'] : [],
    );
  });
}

test('what is deleted is asked for once; the next run has nothing to do', async () => {
  await using fixture = await openLeft();
  await fixture.provision(5, ['--exit-code'], later);
  await fixture.provision(0, ['--apply'], later);
  fixture.asked();
  const { plan } = await fixture.provision(0, ['--apply', '--exit-code'], later);
  assert.deepEqual([plan.departed, fixture.asked().filter(isWrite)], [[], []]);
});

for (const [what, how, reason] of [
  ['made by somebody else', () => ({ tags: { team: ['shop'] } }), undefined],
  ['remade without a tag', () => ({ tags: undefined, roles: {} }), undefined],
  ['marked by another program', () => ({ tags: { [mark.key]: ['terraform'] } }), undefined],
  [
    'with a member entered by hand',
    (it: SandboxDomain) => ({ roles: { ...it.roles, oncall: { members: [{ name: 'user.eve' }] } } }),
    /user\.eve is in its role oncall/,
  ],
  ['with a role of its own', (it: SandboxDomain) => ({ roles: { ...it.roles, ops: { members: [] } } }), /the role ops/],
  ['with a group of its own', () => ({ groups: { sre: [] } }), /the group sre/],
  ['with a policy of its own', () => ({ policies: { readers: [] } }), /the policy readers/],
  ['that is disabled', () => ({ enabled: false }), /disabled/],
] as const) {
  test(`a domain ${what} stays${reason === undefined ? ', and is not even named' : ', and it is said why'}`, async () => {
    await using fixture = await openLeft();
    change(fixture, web, how);
    const { plan } = await fixture.provision(0, ['--apply'], later);
    const [found] = plan.departed;
    if (reason === undefined) assert.equal(found, undefined);
    else assert.match(found?.kept ?? '', reason);
    assert.deepEqual([fixture.asked().filter(isWrite), isThere(fixture)], [[], true]);
  });
}

test('a domain changed within pruneAfterDays waits', async () => {
  await using fixture = await openLeft('prune: delete, pruneAfterDays: 30');
  for (const [ahead, there] of [
    [0, true],
    [29, true],
    [31, false],
  ] as const) {
    await fixture.provision(0, ['--apply'], { clock: clockAhead(ahead * day) });
    assert.equal(isThere(fixture), there, `after ${ahead} days`);
  }
});

for (const [what, files, code] of [
  ['does not parse', { 'clusters/prod/broken.yaml': 'kind: [' }, 3],
  ['names a namespace as nothing can be named', { 'clusters/prod/odd.yaml': '[Bad_Name]' }, 3],
  ['is the only one and is gone', { 'clusters/prod/namespaces.yaml': null }, 3],
] as const) {
  test(`a namespace file that ${what} deletes nothing`, async () => {
    await using fixture = await openLeft();
    await fixture.commit(files);
    const { plan } = await fixture.provision(code, ['--apply'], later);
    assert.deepEqual([plan.departed, fixture.asked().filter(isWrite)], [[], []]);
    assert.ok(isThere(fixture));
  });
}

test('a namespace whose annotation is wrong is still in git', async () => {
  const more = 'prune: delete, annotations: {adminUsers: acme/admins}';
  await using fixture = await openLeft(more);
  await fixture.declare('search', { name: 'web', annotations: { 'acme/admins': 'nobody!' } });
  await fixture.provision(3, ['--apply'], later);
  assert.deepEqual([fixture.asked().filter(isWrite), isThere(fixture)], [[], true]);
});

test('a namespace that the config excludes keeps its domain', async () => {
  await using fixture = await openLeft();
  await fixture.editConfig((text) => text.replace(/files: .*/, '$&\n      exclude: [web]'));
  await fixture.declare('search', 'web');
  const { plan } = await fixture.provision(0, ['--apply'], later);
  assert.deepEqual([plan.departed, isThere(fixture)], [[], true]);
});

test('with --cluster nothing is deleted: another cluster may have the namespace', async () => {
  await using fixture = await openLeft();
  const cluster =
    '  - {name: dev, domain: "acme.dev.{namespace}", namespaces: {files: [clusters/dev/*.yaml]}}\n\nroles:\n';
  await fixture.editConfig((text) => text.replace('roles:\n', cluster));
  await fixture.commit({ 'clusters/dev/namespaces.yaml': '[]\n' });
  const { plan } = await fixture.provision(0, ['--apply', '--prune', '--cluster', 'prod'], later);
  assert.deepEqual([plan.departed, fixture.asked().filter(isWrite), isThere(fixture)], [[], [], true]);
});

test('no more go in one run than maxPruned, and the others in the next ones', async () => {
  await using fixture = await openLeft('prune: delete, maxPruned: 2', {
    namespaces: ['a', 'b', 'c', 'd', 'e', 'search'],
  });
  for (const left of [['c', 'd', 'e'], ['e'], []]) {
    await fixture.provision(0, ['--apply'], later);
    assert.deepEqual(
      ['a', 'b', 'c', 'd', 'e'].filter((name) => isThere(fixture, `acme.eks.${name}`)),
      left,
    );
  }
});

test('a domain that changes between the plan and its deletion stays', async () => {
  await using fixture = await openLeft();
  const before = fixture.sandbox.requests.length;
  let entered = false;
  // Somebody is entered as soon as the document has been asked for.
  const now = () => {
    const read = fixture.sandbox.requests.slice(before).some(({ url }) => url.includes(`/domain/${web}/signed`));
    if (read && !entered) fixture.setRole(web, 'oncall', ['user.eve']);
    entered = read;
    return later.clock.now();
  };
  const { steps } = await fixture.provision(3, ['--apply'], { clock: { ...later.clock, now } });
  assert.ok(entered);
  assert.deepEqual(
    steps.map(({ outcome }) => 'problem' in outcome && outcome.problem.code),
    ['ZMS_REFUSED'],
  );
  assert.ok(isThere(fixture));
  assert.ok(!fixture.asked().some(isWrite));
});

test('a group that a role elsewhere holds keeps its domain, and ZMS says which role', async () => {
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
  assert.ok(isThere(fixture));
});
