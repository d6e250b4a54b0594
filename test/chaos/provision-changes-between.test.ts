import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, servletError, zmsError } from '../support/faults.ts';
import { callFaults } from '../support/provision-calls.ts';
import { openProvisionFaults, type ProvisionFaultFixture } from '../support/provision-faults.ts';
import { isWrite, membersIn, withDomains } from '../support/provision-fixture.ts';
import { failuresIn, fresh, kept, partsOf, platform, service, whole } from '../support/provision-state.ts';
import { shareOf } from '../support/tier.ts';

// Somebody is at work between two requests of a run, or a server has not heard of it yet: nobody's work is undone.

const post = 'POST /subdomain/acme.eks';
const policy = `/domain/${platform}/policy/athenz-gitops.${fresh}.oncall`;
const lost = { kind: 'reset', carriedOut: true } as const;
const notFound = zmsError(404, 'getRole: Role not found');

/** Does something once, when a call comes in the n-th time and has not been answered yet. */
function when(fixture: ProvisionFaultFixture, call: string, action: () => void, nth = 1): void {
  let seen = 0;
  fixture.watch((it) => {
    if (it === call && ++seen === nth) action();
  });
}

function addMember({ sandbox }: ProvisionFaultFixture, domain: string, kind: 'roles' | 'groups', name: string): void {
  sandbox.update(({ domains }) => {
    const { [domain]: old } = domains;
    assert.ok(old !== undefined);
    const { members = [], ...settings } = old[kind][name] ?? {};
    const changed = { ...old[kind], [name]: { ...settings, members: [...members, { name: 'user.new' }] } };
    return { domains: { ...domains, [domain]: { ...old, [kind]: changed } } };
  });
}

test('somebody joins what was written before the answer got lost: nobody has to go', async (t) => {
  await using fixture = await openProvisionFaults();
  // A replica that does not know it yet may be asked.
  for (const lagging of [false, true]) {
    const targets = [
      [kept, 'role', 'k8s_ns_viewers'],
      [fresh, 'role', 'k8s_ns_admins'],
      [fresh, 'group', 'crew'],
    ] as const;
    const lostAnswers = [lost, { ...zmsError(500), carriedOut: true }, { ...zmsError(200), carriedOut: true }];
    for (const [at, [domain, kind, name]] of targets.entries()) {
      const path = `/domain/${domain}/${kind}/${name}`;
      for (const fault of shareOf(lostAnswers, at + Number(lagging), targets.length)) {
        const what = `${fault.kind === 'status' ? fault.status : fault.kind}${lagging ? ', a replica is asked' : ''}`;
        await t.test(`${path}, ${what}`, async () => {
          fixture.restore();
          fixture.fail(`PUT ${path}`, fault, 1);
          if (lagging) fixture.fail(`GET ${path}`, notFound);
          // A role that is there already is looked for before it is written, too.
          when(fixture, `GET ${path}`, () => addMember(fixture, domain, `${kind}s`, name), domain === kept ? 2 : 1);
          const { code } = await fixture.apply();
          assert.equal(code, 0);
          const made = [...partsOf(fixture.sandbox.state())].find(
            ([part]) => part === `${domain} ${kind}s ${name}`,
          )?.[1];
          assert.match(made ?? '', /user\.new/);
          assert.match(made ?? '', /user\.(ida|kim)/);
          assert.deepEqual(fixture.overwritten, []);
        });
      }
    }
  }
});

test('a policy that somebody changes before the lost answer is looked into is not written again', async () => {
  await using fixture = await openProvisionFaults();
  for (const lagging of [false, true]) {
    fixture.restore();
    fixture.fail(`PUT ${policy}`, lost, 1);
    if (lagging) fixture.fail(`GET ${policy}`, notFound);
    assert.equal((await fixture.apply()).code, 0);
    assert.deepEqual(fixture.overwritten, []);
  }
});

/** What another has just made, with people in it. */
const theirs = withDomains({
  domains: {
    [fresh]: {
      description: 'Theirs',
      roles: {
        admin: [service, 'user.zoe'],
        k8s_ns_admins: { members: ['user.zoe', 'user.yan'], selfServe: true },
        oncall: { trust: 'acme.eks' },
      },
      groups: { crew: ['user.zoe'] },
    },
  },
});

function appear({ sandbox }: ProvisionFaultFixture): void {
  sandbox.update((state) => withDomains(state, theirs));
}

/** What was there is as it was. */
function assertTheirs({ sandbox, overwritten }: ProvisionFaultFixture): void {
  const is = partsOf(sandbox.state());
  for (const [part, content] of partsOf(theirs)) assert.equal(is.get(part), content);
  assert.deepEqual(overwritten, []);
}

const conflicts = ['Domain name conflict: acme.eks.fresh', 'Entry already exists'];

test('a domain that appears before it is created gets what it lacks, and no more', async () => {
  await using fixture = await openProvisionFaults();
  for (const [at, text] of conflicts.entries()) {
    for (const lagging of shareOf([false, true], at, 2)) {
      fixture.restore();
      when(fixture, post, () => appear(fixture));
      fixture.fail(post, zmsError(400, text));
      for (const part of ['role/k8s_ns_admins', 'role/oncall', 'group/crew'])
        if (lagging) fixture.fail(`GET /domain/${fresh}/${part}`, notFound);
      const { code, result } = await fixture.apply();
      assert.equal(code, 0);
      assertTheirs(fixture);
      assert.deepEqual(membersIn(fixture.sandbox.state(), fresh)['k8s_ns_viewers'], ['user.jon', 'user.kim']);
      const made = result?.steps.filter(({ domain, outcome }) => domain === fresh && outcome.kind === 'done');
      assert.deepEqual(
        made?.map(({ step }) => step.kind),
        ['create-role', 'create-policy'],
      );
      fixture.heal();
      fixture.asked();
      assert.deepEqual([(await fixture.apply()).code, fixture.asked().filter(isWrite)], [0, []]);
    }
  }
});

test('what is said to be there and is not there either is reported, and nothing is written in it', async () => {
  await using fixture = await openProvisionFaults();
  fixture.restore();
  fixture.fail(post, zmsError(400, `Domain name conflict: ${fresh}`));
  const { code, result } = await fixture.apply();
  assert.equal(code, 3);
  const failed = result === undefined ? [] : failuresIn(result);
  assert.deepEqual([...new Set(failed.map(({ domain }) => domain))], [fresh]);
  assert.deepEqual(
    fixture.asked().filter((it) => isWrite(it) && it.includes(fresh)),
    [],
  );
  fixture.heal();
  assert.equal((await fixture.apply()).code, 0);
  assert.ok(fixture.isComplete());
});

test('a replica that lags behind as a whole, so that all it says fits together, gets nothing written', async () => {
  await using fixture = await openProvisionFaults();
  // A write elsewhere would bring the replica up to date.
  await fixture.declare('fresh');
  for (const again of [false, true]) {
    fixture.restore();
    // The domain is older than the roles that somebody makes in it.
    const { [fresh]: made } = theirs.domains;
    when(fixture, post, () => {
      fixture.sandbox.update((state) =>
        withDomains(state, { domains: { [fresh]: { ...made, roles: {}, groups: {} } } }),
      );
      appear(fixture);
    });
    if (again) fixture.fail(post, lost, 1);
    for (const part of ['', '/signed', '/role/k8s_ns_admins', '/role/oncall', '/role/k8s_ns_viewers', '/group/crew'])
      fixture.fail(`GET /domain/${fresh}${part}`, { kind: 'replica' });
    const { code, result } = await fixture.apply();
    assert.equal(code, 3);
    assert.ok(result?.steps.some(({ outcome }) => 'problem' in outcome && outcome.problem.code === 'ZMS_STALE'));
    assertTheirs(fixture);
    fixture.heal();
    assert.equal((await fixture.apply()).code, 0);
    assertTheirs(fixture);
  }
});

test('a domain that appears while reads of it fail keeps what is in it', async (t) => {
  await using fixture = await openProvisionFaults();
  for (const [at, part] of ['', '/signed', '/role/k8s_ns_admins', '/role/k8s_ns_viewers'].entries()) {
    const call = `GET /domain/${fresh}${part}`;
    for (const { name, fault, passing } of shareOf(callFaults(call), 2 * at, 8)) {
      for (const times of passing ? shareOf([1, Number.POSITIVE_INFINITY], at, 2) : [Number.POSITIVE_INFINITY]) {
        await t.test(`${call}: ${name}, ${times === 1 ? 'once' : 'lasting'}`, async () => {
          fixture.restore();
          when(fixture, post, () => appear(fixture));
          fixture.fail(call, fault, times);
          const { code, err } = await fixture.apply();
          assert.ok(code === 0 || code === 3, err);
          assertTheirs(fixture);
          fixture.heal();
          assert.equal((await fixture.apply()).code, 0);
          assertTheirs(fixture);
          assert.ok('k8s_ns_viewers' in membersIn(fixture.sandbox.state(), fresh));
        });
      }
    }
  }
});

test('a role that appears, and a 404 that is not ZMS’ own: it is not written', async () => {
  await using fixture = await openProvisionFaults();
  for (const fault of [servletError, answer(404, ''), answer(404, '<html>404</html>', 'text/html')]) {
    fixture.restore();
    when(fixture, 'GET /domain/acme/quota', () => addMember(fixture, kept, 'roles', 'k8s_ns_viewers'));
    fixture.fail(`GET /domain/${kept}/role/k8s_ns_viewers`, fault);
    const { code, result } = await fixture.apply();
    assert.equal(code, 3);
    const failed = result === undefined ? [] : failuresIn(result);
    assert.deepEqual(
      failed.map(({ domain, outcome }) => `${domain} ${'problem' in outcome && outcome.problem.code}`),
      [`${kept} ZMS_NOT_FOUND`],
    );
    assert.deepEqual(membersIn(fixture.sandbox.state(), kept)['k8s_ns_viewers'], ['user.new']);
    fixture.heal();
    assert.equal((await fixture.apply()).code, 0);
    assert.deepEqual(membersIn(fixture.sandbox.state(), kept)['k8s_ns_viewers'], ['user.new']);
  }
});

test('a domain that not every server knows at once is waited for', async () => {
  await using fixture = await openProvisionFaults();
  fixture.restore();
  for (const part of ['role/k8s_ns_admins', 'group/crew'])
    fixture.fail(`PUT /domain/${fresh}/${part}`, answer(404, ''), 2);
  fixture.fail(`GET /domain/${fresh}`, notFound);
  assert.equal((await fixture.apply()).code, 0);
  assert.ok(fixture.isComplete());
});

test('a list that is too short creates nothing anew, and a role that appears is not written', async () => {
  await using fixture = await openProvisionFaults();
  fixture.restore();
  // The whole domain comes back after the list was asked for; a role of another one is made by hand.
  const { [whole]: gone } = fixture.before.domains;
  fixture.sandbox.update(({ domains: { [whole]: _, ...domains } }) => ({ domains }));
  when(fixture, 'GET /domain/acme/quota', () => {
    fixture.sandbox.update((state) => withDomains(state, { domains: { [whole]: gone ?? null } }));
    addMember(fixture, kept, 'roles', 'k8s_ns_viewers');
  });
  assert.equal((await fixture.apply()).code, 0);
  assert.deepEqual(fixture.sandbox.state().domains[whole], gone);
  assert.deepEqual(membersIn(fixture.sandbox.state(), kept)['k8s_ns_viewers'], ['user.new']);
  assert.deepEqual(fixture.overwritten, []);
});
