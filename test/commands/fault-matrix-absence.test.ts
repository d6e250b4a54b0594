import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { boundWith, boundWithout, relyingOn } from '../support/crowds.ts';
import { branch, type FaultStage, listPath, openFaultStage } from '../support/fault-stage.ts';
import { answer, faults, type NamedFault } from '../support/faults.ts';
import { merge, openStage, type Stage } from '../support/stage.ts';

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

for (const domain of Object.keys(domains)) {
  const own = domain.startsWith('acme.eks.');
  const command = own ? 'sync' : 'render';
  test(`${command}: the list lacks ${domain}, and a second look does not confirm that`, async (t) => {
    await using stage = await openFaultStage();
    for (const { name, fault, code } of looks.filter((look) => own || some.includes(look.name))) {
      await t.test(name, async () => {
        stage.reset(command);
        stage.fail(listPath, answer(200, listWithout(stage, domain)));
        if (fault !== undefined) stage.fail(`/domain/${domain}`, fault);
        const { plan } = await run(stage, 3, command);
        assert.deepEqual(
          plan.kept.map((kept) => `${kept.namespace}/${kept.role} ${kept.problem.code}`).sort(),
          relyingOn(domain).map((place) => `${place} ${code}`),
        );
        for (const { problem } of plan.kept) assert.ok(problem.message.includes(domain), problem.message);
        assert.deepEqual(await stage.boundBy(command), boundWithout(domain));

        stage.heal();
        await run(stage, 0, command);
        assert.deepEqual(await stage.boundBy(command), boundWithout());
      });
    }

    await t.test('ZMS itself says 404: it is gone', async () => {
      stage.reset('sync');
      stage.removeDomain(domain);
      assert.deepEqual((await run(stage, 0)).plan.kept, []);
      assert.deepEqual(await stage.boundBy('sync'), boundWith(domains[domain] ?? {}));
    });
  });
}

test('a domain that is gone would take a role’s last members, which limits hold back: exit 4', async () => {
  await using stage = await openFaultStage('maxRemovedGrants: null\n  neverEmpty: [k8s_ns_admins]');
  stage.removeDomain('acme.eks.search');
  const { plan } = await run(stage, 4);
  assert.deepEqual(
    plan.held.map(({ namespace, code }) => `${namespace} ${code}`),
    ['search LIMIT_NEVER_EMPTY'],
  );
  const admins = 'prod/search/k8s_ns_admins';
  const held = { [admins]: boundWithout('acme.eks.search')[admins] };
  assert.deepEqual(await stage.boundBy('sync'), { ...boundWith(domains['acme.eks.search'] ?? {}), ...held });
});

test('documents that are newer than the list are believed', async () => {
  await using stage = await openFaultStage();
  stage.fail(listPath, answer(200, stage.before.list));
  await run(stage, 0);
  assert.deepEqual(await stage.boundBy('sync'), boundWithout());
});

test('a domain that is gone is asked for once, and no more when nothing is granted from it', async () => {
  await using stage = await openStage({ rendered: true, config: (text) => text.replace(/limits:\n.*\n/, '') });
  stage.removeDomain('acme.eks.checkout');
  const { plan }: RunResult = JSON.parse((await stage.expect(0, ['sync', '--json'])).out);
  assert.deepEqual(
    plan.changes.map((change) => (change.kind === 'lose' ? `${change.subject.name} ${change.reason}` : change.kind)),
    ['user.lena domain-absent'],
  );
  assert.equal(looksAt(stage, 'acme.eks.checkout'), 1);
  merge(stage.dir, branch);
  await stage.expect(0, ['sync']);
  assert.equal(looksAt(stage, 'acme.eks.checkout'), 1);
  assert.equal(looksAt(stage, 'acme.eks.labs'), 0, 'it was never there');
});

function listWithout({ after }: FaultStage, domain: string): string {
  const list: { readonly domains: readonly { readonly domain: { readonly name: string } }[] } = JSON.parse(after.list);
  return JSON.stringify({ domains: list.domains.filter((it) => it.domain.name !== domain) });
}

function looksAt({ sandbox }: Stage, domain: string): number {
  return sandbox.requests.filter(({ path }) => path.endsWith(`/domain/${domain}`)).length;
}

async function run(stage: FaultStage, code: number, command = 'sync'): Promise<RunResult> {
  return JSON.parse((await stage.meet(code, command, '--json')).out);
}
