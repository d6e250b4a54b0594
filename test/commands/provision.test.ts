import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterTag, configTag, mark } from '../../src/model/tags.ts';
import { isWrite, membersIn, openProvisionFixture, stepsOf } from '../support/provision-fixture.ts';
import { isChaos } from '../support/tier.ts';

const roles = ['k8s_ns_admins', 'k8s_ns_viewers', 'oncall'];
const service = 'acme.platform.gitops';

test('missing domains and roles are planned, and created only with --apply', async () => {
  await using fixture = await openProvisionFixture();
  const plan = await fixture.provision(0);
  const expected = ['search', 'web'].flatMap((name) => [
    `acme.eks.${name} create-domain`,
    ...roles.map((role) => `acme.eks.${name} create-role ${role}`),
  ]);
  assert.deepEqual(stepsOf(plan), expected);
  await fixture.provision(5, ['--exit-code']);
  assert.ok(!fixture.asked().some(isWrite));

  const { steps } = await fixture.provision(0, ['--apply']);
  assert.deepEqual(
    steps.map(({ outcome }) => outcome.kind),
    expected.map(() => 'done'),
  );
  const { domains } = fixture.sandbox.state();
  for (const name of ['search', 'web']) {
    assert.deepEqual(Object.keys(domains[`acme.eks.${name}`]?.roles ?? {}).sort(), ['admin', ...roles]);
    const tags = { [mark.key]: [mark.value], [clusterTag]: ['prod'], [configTag]: ['ours'] };
    assert.deepEqual(domains[`acme.eks.${name}`]?.tags, tags);
  }
  assert.deepEqual(membersIn(fixture.sandbox.state(), 'acme.eks.web'), {
    admin: ['user.lead', service].toSorted(),
    k8s_ns_admins: [],
    k8s_ns_viewers: [],
    oncall: [],
  });
  fixture.asked();
  const again = await fixture.provision(0, ['--apply', '--exit-code']);
  assert.deepEqual([stepsOf(again), again.plan.ready], [[], 2]);
  assert.ok(!fixture.asked().some(isWrite));
});

const amount = isChaos ? 1000 : 100;

test(`creates domains for ${amount} namespaces, and a second run sends one request`, async () => {
  const namespaces = Array.from({ length: amount }, (_, index) => `team-${index}`);
  await using fixture = await openProvisionFixture({ namespaces, cached: true });
  fixture.sandbox.update((state) => {
    return { domains: { ...state.domains, acme: { quota: { subdomain: 2000 } } } };
  });
  const { steps } = await fixture.provision(0, ['--apply']);
  assert.equal(steps.length, 4 * amount);
  for (const name of namespaces) {
    const found = Object.keys(fixture.sandbox.state().domains[`acme.eks.${name}`]?.roles ?? {}).sort();
    assert.deepEqual(found, ['admin', ...roles]);
  }
  const requests = fixture.asked();
  assert.equal(requests.filter(isWrite).length, 4 * amount);
  assert.equal(requests.length - 4 * amount, 3 + amount, 'the list, the quota, and a second read of what now exists');
  await fixture.provision(0, ['--apply']);
  assert.deepEqual(fixture.asked(), ['GET /sys/modified_domains']);
});

test('members, trust and settings set by people are never overwritten', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['web'] });
  await fixture.provision(0, ['--apply']);
  fixture.sandbox.update(({ domains }) => {
    const web = domains['acme.eks.web'];
    const by = { ...web?.roles, k8s_ns_admins: { members: [{ name: 'user.ada' }], selfServe: true } };
    const oncall = { members: [], trust: 'acme.platform' };
    return { domains: { ...domains, 'acme.eks.web': { ...web, roles: { ...by, oncall }, description: 'Ours' } } };
  });
  const before = fixture.sandbox.state();
  fixture.asked();
  for (const args of [[], ['--apply'], ['--apply', '--update'], ['--apply', '--prune']])
    await fixture.provision(0, args);
  assert.deepEqual(fixture.sandbox.state(), before);
  assert.deepEqual(fixture.asked().filter(isWrite), []);
});

test('an apply that is interrupted says what it did, exits with 143, and the next one continues', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['search'] });
  const stop = new AbortController();
  fixture.sandbox.intercept(({ method }) => {
    if (method !== 'GET') stop.abort('SIGTERM');
    return undefined;
  });
  const { out, err } = await fixture.expect(143, ['provision', '--apply', '--json'], { stop: () => stop.signal });
  const kinds = new Set(JSON.parse(out).steps.map(({ outcome }: { outcome: { kind: string } }) => outcome.kind));
  assert.ok(kinds.size > 1, out);
  assert.match(err, /error: CANCELLED: provisioning: interrupted\n {2}Run again/);
  await fixture.provision(0, ['--apply']);
  await fixture.provision(0, ['--exit-code']);
});
