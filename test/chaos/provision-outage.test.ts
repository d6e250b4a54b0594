import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/sandbox/fault.ts';
import { zmsError } from '../support/faults.ts';
import { isWrite, openProvisionFixture, type ProvisionFixture } from '../support/provision-fixture.ts';
import { isChaos, testInChaos } from '../support/tier.ts';

// A fleet of namespaces meets a ZMS that does not do its part: it is not asked without end, and the run after it
// does what is left.

const hundred = Array.from({ length: 100 }, (_, index) => `team-${index}`);
/** Where it does not matter how many they are. */
const some = isChaos ? hundred : hundred.slice(0, 20);
const roles = 3;
/** Failures in a row before the rest is left, and what may be under way by then; as many tries each. */
const most = { items: 32 + 16, tries: 3 };

async function openFleet(namespaces: readonly string[], quota = 1000): Promise<ProvisionFixture> {
  const fixture = await openProvisionFixture({ namespaces });
  setQuota(fixture, quota);
  return fixture;
}

function setQuota({ sandbox }: ProvisionFixture, subdomain: number): void {
  sandbox.update(({ domains }) => ({
    domains: { ...domains, acme: { roles: {}, groups: {}, assumes: [], quota: { subdomain } } },
  }));
}

async function assertRest(fixture: ProvisionFixture, namespaces: readonly string[]): Promise<void> {
  fixture.sandbox.intercept(undefined);
  await fixture.provision(0, ['--apply']);
  const { domains } = fixture.sandbox.state();
  for (const name of namespaces) assert.equal(Object.keys(domains[`acme.eks.${name}`]?.roles ?? {}).length, roles + 1);
  fixture.asked();
  await fixture.provision(0, ['--apply']);
  assert.ok(!fixture.asked().some(isWrite));
}

const outages: readonly (readonly [name: string, fault: Fault, tries: number])[] = [
  ['resets each connection', { kind: 'reset' }, most.tries],
  ['answers 503', zmsError(503), most.tries],
  ['does not know the client any more', zmsError(401), 1],
];
for (const [name, fault, tries] of isChaos ? outages : outages.slice(0, 1)) {
  test(`a ZMS that ${name} from some write on is left alone after a while`, async () => {
    await using fixture = await openFleet(hundred);
    let writes = 0;
    let after = 0;
    fixture.asked();
    fixture.sandbox.intercept(({ method }) => {
      if (method !== 'GET') writes++;
      if (writes <= 50) return undefined;
      after++;
      return fault;
    });
    const { steps } = await fixture.provision(3, ['--apply']);
    // A last look is taken at what was done: the list, with its tries.
    assert.ok(after <= most.items * tries + 4, `${after}`);
    assert.equal(steps.length, 100 * (1 + roles), 'every step is told');
    assert.ok(steps.filter(({ outcome }) => outcome.kind === 'skipped').length > 200);
    for (const { outcome } of steps.filter(({ outcome }) => 'problem' in outcome))
      assert.ok('problem' in outcome && outcome.problem.message !== '');
    await assertRest(fixture, hundred);
  });
}

test('what ZMS itself gets wrong for some stops nobody else, each is sent at most three times', async () => {
  await using fixture = await openFleet(some);
  // Every third domain, and one role of every other one.
  const isBad = (path: string) => /team-\d*[036]\/role\/oncall$/.test(path);
  fixture.asked();
  fixture.sandbox.intercept(({ method, path }) =>
    method === 'PUT' && isBad(path) ? zmsError(500, 'unable to put role') : undefined,
  );
  const { steps } = await fixture.provision(3, ['--apply']);
  const failed = steps.filter(({ outcome }) => outcome.kind === 'failed');
  assert.equal(failed.length, some.filter((name) => /[036]$/.test(name)).length);
  assert.ok(steps.every(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'done'));
  const sent = Map.groupBy(fixture.asked().filter(isWrite), (it) => it);
  for (const [call, all] of sent) {
    if (!call.startsWith('POST')) assert.equal(all.length, isBad(call) ? most.tries : 1, call);
  }
  await assertRest(fixture, some);
});

test('where only forty fit, forty are asked for, and the others are named', async () => {
  await using fixture = await openFleet(some, some.length / 2);
  fixture.asked();
  const { steps, room } = await fixture.provision(3, ['--apply']);
  // Two of them are there: acme.eks and acme.platform.
  assert.deepEqual(room, [{ top: 'acme', limit: some.length / 2, used: 2, wanted: some.length }]);
  assert.equal(fixture.asked().filter((it) => it.startsWith('POST')).length, some.length / 2 - 2);
  const left = steps.filter(({ step, outcome }) => step.kind === 'create-domain' && outcome.kind !== 'done');
  assert.equal(left.length, some.length / 2 + 2);
  for (const { outcome } of left) assert.ok('problem' in outcome && outcome.problem.code === 'PROVISION_QUOTA');
  setQuota(fixture, 1000);
  await assertRest(fixture, some);
});

testInChaos('a quota that is met all the same is not asked for twice', async () => {
  await using fixture = await openFleet(hundred);
  fixture.asked();
  fixture.sandbox.intercept(({ method }) =>
    method === 'POST' ? zmsError(429, 'subdomain quota exceeded') : undefined,
  );
  const { steps } = await fixture.provision(3, ['--apply']);
  assert.equal(fixture.asked().filter(isWrite).length, 100);
  assert.equal(steps.filter(({ outcome }) => 'problem' in outcome).length, steps.length);
  await assertRest(fixture, hundred);
});
