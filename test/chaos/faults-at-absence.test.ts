import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/sandbox/fault.ts';
import { boundWith, boundWithout, relyingOn } from '../support/changing-company.ts';
import { branch, type FaultFixture, listPath, openFaultFixture } from '../support/fault-fixture.ts';
import { answer, faults, type NamedFault } from '../support/faults.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import type { RunResult } from '../support/result.ts';
import { isChaos, shareOf } from '../support/tier.ts';

// The list lacks a domain: only ZMS' own 404 for it by name says that it is gone, and everything else keeps what it gives.

/** For each domain, the roles that it fills, and who is left in them without it. */
const domains: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'acme.eks.search': { 'search/k8s_ns_admins': [], 'search/k8s_ns_viewers': [], 'search/oncall': [] },
  'acme.org': {
    'payments-api/k8s_ns_admins': ['api'],
    'payments-web/k8s_ns_admins': [],
    'search/k8s_ns_viewers': ['keepers'],
  },
  'acme.platform': {
    'payments-api/k8s_ns_viewers': [],
    'payments-api/oncall': [],
    'payments-web/k8s_ns_viewers': [],
    'search/oncall': [],
  },
  'acme.crew': {
    'payments-api/k8s_ns_viewers': ['sre', 'auditors'],
    'payments-api/oncall': ['sre'],
    'payments-web/k8s_ns_viewers': ['sre', 'auditors'],
    'search/oncall': ['sre'],
  },
};

const looks: readonly (Pick<NamedFault, 'name' | 'code'> & { readonly fault?: Fault })[] = [
  { name: 'it is still there', code: 'ZMS_STALE' },
  ...faults.filter(({ name }) => name !== '404 in ZMS’ own shape'),
];
/** What is met by a domain other than the namespace's own. */
const some = ['it is still there', '403', '404 in the servlet’s shape', '404 without a body', '500'];

for (const [at, domain] of Object.keys(domains).entries()) {
  const own = domain.startsWith('acme.eks.');
  const command = own ? 'sync' : 'render';
  test(`${command} keeps grants when the list lacks ${domain} and ZMS does not confirm it`, async (t) => {
    await using fixture = await openFaultFixture();
    const all = looks.filter((look) => own || some.includes(look.name));
    for (const { name, fault, code } of shareOf(all, at, own ? 9 : 5)) {
      await t.test(name, async () => {
        fixture.reset(command);
        fixture.fail(listPath, answer(200, listWithout(fixture, domain)));
        if (fault !== undefined) fixture.fail(`/domain/${domain}`, fault);
        const { plan } = await run(fixture, 3, command);
        assert.deepEqual(
          plan.kept.map((kept) => `${kept.namespace}/${kept.role} ${kept.problem.code}`).sort(),
          relyingOn(domain).map((place) => `${place} ${code}`),
        );
        for (const { problem } of plan.kept) assert.ok(problem.message.includes(domain), problem.message);
        assert.deepEqual(await fixture.boundBy(command), boundWithout(domain));

        fixture.heal();
        await run(fixture, 0, command);
        assert.deepEqual(await fixture.boundBy(command), boundWithout());
      });
    }

    // One whose own roles are gone, and one that is far from those it fills.
    if (!isChaos && !own && domain !== 'acme.crew') return;
    await t.test('ZMS answers 404: the domain is absent', async () => {
      fixture.reset('sync');
      fixture.removeDomain(domain);
      assert.deepEqual((await run(fixture, 0)).plan.kept, []);
      assert.deepEqual(await fixture.boundBy('sync'), boundWith(domains[domain] ?? {}));
    });
  });
}

test('a deleted domain that would empty a neverEmpty role is held: exit 4', async () => {
  await using fixture = await openFaultFixture('maxRemovedGrants: null\n  neverEmpty: [k8s_ns_admins]');
  fixture.removeDomain('acme.eks.search');
  const { plan } = await run(fixture, 4);
  assert.deepEqual(
    plan.held.map(({ namespace, code }) => `${namespace} ${code}`),
    ['search LIMIT_NEVER_EMPTY'],
  );
  const admins = 'prod/search/k8s_ns_admins';
  const held = { [admins]: boundWithout('acme.eks.search')[admins] };
  assert.deepEqual(await fixture.boundBy('sync'), { ...boundWith(domains['acme.eks.search'] ?? {}), ...held });
});

test('a document newer than the list is used', async () => {
  await using fixture = await openFaultFixture();
  fixture.fail(listPath, answer(200, fixture.before.list));
  await run(fixture, 0);
  assert.deepEqual(await fixture.boundBy('sync'), boundWithout());
});

test('a deleted domain is confirmed once, and not when nothing is granted from it', async () => {
  await using fixture = await openFixture({ rendered: true, config: (text) => text.replace(/limits:\n.*\n/, '') });
  fixture.removeDomain('acme.eks.checkout');
  const { plan }: RunResult = JSON.parse((await fixture.expect(0, ['sync', '--json'])).out);
  assert.deepEqual(
    plan.changes.map((change) => (change.kind === 'lose' ? `${change.subject.name} ${change.reason}` : change.kind)),
    ['user.lena domain-absent'],
  );
  assert.equal(looksAt(fixture, 'acme.eks.checkout'), 1);
  merge(fixture.dir, branch);
  await fixture.expect(0, ['sync']);
  assert.equal(looksAt(fixture, 'acme.eks.checkout'), 1);
  assert.equal(looksAt(fixture, 'acme.eks.labs'), 0, 'it was never there');
});

function listWithout({ after }: FaultFixture, domain: string): string {
  const list: { readonly domains: readonly { readonly domain: { readonly name: string } }[] } = JSON.parse(after.list);
  return JSON.stringify({ domains: list.domains.filter((it) => it.domain.name !== domain) });
}

function looksAt({ sandbox }: Fixture, domain: string): number {
  return sandbox.requests.filter(({ path }) => path.endsWith(`/domain/${domain}`)).length;
}

async function run(fixture: FaultFixture, code: number, command = 'sync'): Promise<RunResult> {
  return JSON.parse((await fixture.meet(code, command, '--json')).out);
}
