import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zmsError } from '../support/faults.ts';
import { type CallFault, callFaults } from '../support/provision-calls.ts';
import { type Applied, openProvisionFaults, type ProvisionFaultFixture } from '../support/provision-faults.ts';
import { isWrite, openProvisionFixture } from '../support/provision-fixture.ts';
import { assertBetween, failuresIn, fresh, kept, partsOf, platform, whole } from '../support/provision-state.ts';
import { shareOf } from '../support/tier.ts';

// Each call of a run is met by each fault, for a while and for good: what is there stays to the letter, the rest is done,
// the report names what is not, and the next run does exactly that.

const list = 'GET /sys/modified_domains';
const quota = 'GET /domain/acme/quota';
/** What was created is read for the next run's sake. */
const afterwards = `GET /domain/${fresh}/signed`;

/** Those that the run makes in the fixture, and the domains that may lack something afterwards. */
const calls: Readonly<Record<string, readonly string[]>> = {
  [list]: [fresh, kept, platform],
  [`GET /domain/${kept}/signed`]: [kept],
  [`GET /domain/${whole}/signed`]: [],
  [`GET /domain/${platform}/signed`]: [platform],
  [quota]: [],
  'POST /subdomain/acme.eks': [fresh, platform],
  [`PUT /domain/${fresh}/group/crew`]: [fresh],
  [`PUT /domain/${fresh}/role/k8s_ns_admins`]: [fresh],
  [`PUT /domain/${fresh}/role/k8s_ns_viewers`]: [fresh],
  [`PUT /domain/${fresh}/role/oncall`]: [fresh, platform],
  [`GET /domain/${kept}/role/k8s_ns_viewers`]: [kept],
  [`PUT /domain/${kept}/role/k8s_ns_viewers`]: [kept],
  [`PUT /domain/${kept}/role/k8s_ns_admins/meta`]: [kept],
  [`GET /domain/${platform}/policy/athenz-gitops.${fresh}.oncall`]: [platform],
  [`PUT /domain/${platform}/policy/athenz-gitops.${fresh}.oncall`]: [platform],
  [afterwards]: [],
};

test('without a fault everything is created and a second run writes nothing', async () => {
  await using fixture = await openProvisionFaults();
  assert.deepEqual(fixture.calls.toSorted(), Object.keys(calls).toSorted());
  assert.deepEqual([(await fixture.apply()).code, fixture.asked().filter(isWrite)], [0, []]);
  for (const [part, content] of partsOf(fixture.before)) {
    // The one setting that --update is for.
    const made =
      part === `${kept} roles k8s_ns_admins` ? content.replace('{', '{"description":"May do all",') : content;
    assert.equal(partsOf(fixture.after).get(part), made, part);
  }
});

test('a fault at any call leaves what exists and is reported', async (t) => {
  await using fixture = await openProvisionFaults();
  for (const [at, [call, touched]] of Object.entries(calls).entries()) {
    for (const [index, named] of shareOf(callFaults(call), at, Object.keys(calls).length).entries()) {
      const { name, fault, passing } = named;
      // What is not tried again is the same once and always.
      for (const times of passing ? shareOf([1, Number.POSITIVE_INFINITY], index, 2) : [Number.POSITIVE_INFINITY]) {
        await t.test(`${call}: ${name}, ${times === 1 ? 'once' : 'lasting'}`, async () => {
          fixture.restore();
          fixture.fail(call, fault, times);
          const applied = await fixture.apply();
          if (times === 1) assert.equal(applied.code, 0, applied.err);
          else if (mustFail(call, name)) assert.equal(applied.code, 3, applied.err);
          assertTold(applied, fixture, call, named);
          assertBetween(fixture.before, fixture.after, fixture.sandbox.state(), touched);
          // A policy for a role that is not there would be for whoever makes one of that name.
          const { [platform]: target, [fresh]: made } = fixture.sandbox.state().domains;
          assert.ok(made?.roles['oncall'] !== undefined || Object.keys(target?.policies ?? {}).length === 0);
          fixture.heal();
          if (!fixture.isComplete()) assert.equal((await fixture.apply()).code, 0);
          assert.ok(fixture.isComplete());
          assert.deepEqual(fixture.overwritten, []);
        });
      }
    }
  }
});

test('missing domains are created when an existing one cannot be read', async () => {
  await using fixture = await openProvisionFixture();
  await fixture.provision(0, ['--apply']);
  fixture.removeDomain('acme.eks.web');
  const { 'acme.eks.search': search } = fixture.sandbox.state().domains;
  fixture.sandbox.intercept(({ path }) => (path.endsWith('search/signed') ? zmsError(500) : undefined));
  const { plan, steps } = await fixture.provision(3, ['--apply']);
  assert.deepEqual(
    plan.problems.map(({ domain, problem }) => `${domain} ${problem.code}`),
    ['acme.eks.search ZMS_UNAVAILABLE'],
  );
  assert.deepEqual(
    [...new Set(steps.map(({ domain, outcome }) => `${domain} ${outcome.kind}`))],
    ['acme.eks.web done'],
  );
  assert.deepEqual(fixture.sandbox.state().domains['acme.eks.search'], search);
  // With nothing missing and nothing read there is nothing to go by.
  fixture.sandbox.intercept(({ path }) => (path.endsWith('/signed') ? zmsError(500) : undefined));
  await fixture.expect(1, ['provision', '--apply']);
});

test('a refused write is sent once, a failing one three times', async (t) => {
  await using fixture = await openProvisionFaults();
  const tries = [
    [429, 1],
    [403, 1],
    [409, 1],
    [500, 3],
  ] as const;
  for (const [at, call] of Object.keys(calls).filter(isWrite).entries()) {
    for (const [code, times] of shareOf(tries, at, tries.length)) {
      await t.test(`${code} at ${call}`, async () => {
        fixture.restore();
        fixture.fail(call, zmsError(code));
        await fixture.apply();
        assert.equal(fixture.asked().filter((it) => it === call).length, times);
      });
    }
  }
});

/** Reads that decide: of all answers that are no document and no role, only ZMS' own 404 for a role lets a run go on. */
function mustFail(call: string, fault: string): boolean {
  if (!call.startsWith('GET ') || [list, quota, afterwards].includes(call)) return false;
  return call.endsWith('/signed') || fault !== '404 in ZMS’ own shape';
}

/** The exit code says whether all is done, and the report why not. */
function assertTold(
  { code, err, result }: Applied,
  fixture: ProvisionFaultFixture,
  call: string,
  named: CallFault,
): void {
  if (code === 1) {
    assert.equal(call, list);
    assert.match(err, new RegExp(`^error: ${named.code}: `));
    assert.deepEqual(fixture.sandbox.state(), fixture.before);
    return;
  }
  assert.ok(result !== undefined && (code === 0 || code === 3), `${code}: ${err}`);
  assert.equal(result.exitCode, code);
  const failures = failuresIn(result);
  assert.equal(failures.length === 0, code === 0);
  if (code === 0) assert.ok(fixture.isComplete());
  for (const { domain, outcome } of failures) {
    assert.ok(domain === fresh || domain === call.split('/')[2] || call.includes(platform), domain);
    assert.ok('problem' in outcome && named.codes.includes(outcome.problem.code), JSON.stringify(outcome));
  }
}
