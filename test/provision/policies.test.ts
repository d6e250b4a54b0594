import assert from 'node:assert/strict';
import { test } from 'node:test';
import { athenzOf, codesOf, documentOf, planFrom, stepOf, wordsOf } from '../support/provision-plan.ts';

const role = 'eks.web create-role viewers';
const policy = 'eks.web create-policy athenz-gitops.eks.web.viewers';
const trust = (withPolicy: boolean) =>
  `{adminUsers: [user.lead], roles: {viewers: {trust: {domain: acme, role: sre, policy: ${withPolicy}}}}}`;
const sre = { roles: { admin: [], sre: ['user.sam'] } };
const asserts = (asserted: string, resource: string) => ({ ...sre, assumes: [{ role: asserted, resource }] });
const delegated = documentOf('eks.web', { trusts: { viewers: 'acme' } });

/** The trusted domain `acme`, the domain `eks.web`, config with policy → steps, problems. */
for (const [what, acme, web, withPolicy, steps, problems] of [
  ['new role, policy not configured', sre, [], false, ['eks.web create-domain', role], []],
  ['new role with policy', sre, [], true, ['eks.web create-domain', role, policy], []],
  ['existing policy', asserts('acme:role.sre', 'eks.web:role.viewers'), [delegated], true, [], []],
  ['existing policy with a wildcard', asserts('acme:role.sre', 'eks.*:role.viewers'), [delegated], true, [], []],
  [
    'existing policy for another trusted role',
    asserts('acme:role.other', 'eks.*:role.*'),
    [delegated],
    true,
    [policy],
    [],
  ],
  [
    'existing policy for another namespace',
    asserts('acme:role.sre', 'eks.search:role.viewers'),
    [delegated],
    true,
    [policy],
    [],
  ],
  ['existing role without policy', sre, [delegated], true, [policy], []],
  ['existing role, policy not configured', sre, [delegated], false, [], []],
  ['missing trusted domain', undefined, [delegated], true, [], ['web PROVISION_TRUST_MISSING']],
  ['unreadable trusted domain', 'unknown', [delegated], true, [], ['web ZMS_UNAVAILABLE']],
] as const) {
  test(`delegation: ${what}`, () => {
    const documents = typeof acme === 'object' ? [documentOf('acme', acme), ...web] : web;
    const athenz = athenzOf(documents, { listed: ['eks'], unknown: acme === 'unknown' ? ['acme'] : [] });
    const plan = planFrom({ provision: trust(withPolicy), athenz });
    assert.deepEqual([wordsOf(plan), codesOf(plan)], [steps, problems]);
  });
}

test('a role is not created if its trusted domain is missing', () => {
  const plan = planFrom({
    provision: trust(true),
    athenz: athenzOf([documentOf('eks.web', { roles: { admin: [] } })]),
  });
  assert.deepEqual([wordsOf(plan), codesOf(plan)], [[], ['web PROVISION_TRUST_MISSING']]);
});

test('the policy allows one trusted role to assume one role', () => {
  const step = stepOf(
    planFrom({ provision: trust(true), athenz: athenzOf([documentOf('acme', sre)], {}) }),
    'create-policy',
  );
  assert.deepEqual(step, {
    kind: 'create-policy',
    target: 'acme',
    policy: 'athenz-gitops.eks.web.viewers',
    asserts: { role: 'acme:role.sre', resource: 'eks.web:role.viewers' },
  });
});

for (const [what, trusts, provision, actual, desired] of [
  ['delegated to another domain', { viewers: 'other' }, trust(false), 'other', 'acme'],
  ['that is not delegated', {}, trust(false), 'not delegated', 'acme'],
  [
    'delegated but without trust in the config',
    { viewers: 'other' },
    '{adminUsers: [user.lead]}',
    'other',
    'not delegated',
  ],
] as const) {
  test(`a role ${what} is reported and not changed`, () => {
    const athenz = athenzOf([documentOf('eks.web', { trusts }), documentOf('acme', sre)]);
    const plan = planFrom({ provision, athenz, update: true });
    assert.deepEqual(wordsOf(plan), []);
    const [drift] = plan.domains[0]?.drift ?? [];
    assert.deepEqual([drift?.role, drift?.setting, drift?.is, drift?.shall], ['viewers', 'trust', actual, desired]);
    assert.ok(drift?.left !== undefined);
  });
}
