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

/** What is said of the trusted domain `acme`, what of `eks.web`, with a policy or without → steps, problems. */
for (const [what, acme, web, withPolicy, steps, problems] of [
  ['a new role, its policy left to others', sre, [], false, ['eks.web create-domain', role], []],
  ['a new role with its policy', sre, [], true, ['eks.web create-domain', role, policy], []],
  ['a policy that is there', asserts('acme:role.sre', 'eks.web:role.viewers'), [delegated], true, [], []],
  ['a policy with a pattern', asserts('acme:role.sre', 'eks.*:role.viewers'), [delegated], true, [], []],
  ['a policy for another role there', asserts('acme:role.other', 'eks.*:role.*'), [delegated], true, [policy], []],
  [
    'a policy about another namespace',
    asserts('acme:role.sre', 'eks.search:role.viewers'),
    [delegated],
    true,
    [policy],
    [],
  ],
  ['a role that is there without its policy', sre, [delegated], true, [policy], []],
  ['a role that is there, its policy left to others', sre, [delegated], false, [], []],
  ['no trusted domain', undefined, [delegated], true, [], ['web PROVISION_TRUST_MISSING']],
  ['a trusted domain that cannot be read', 'unknown', [delegated], true, [], ['web ZMS_UNAVAILABLE']],
] as const) {
  test(`delegation: ${what}`, () => {
    const documents = typeof acme === 'object' ? [documentOf('acme', acme), ...web] : web;
    const athenz = athenzOf(documents, { listed: ['eks'], unknown: acme === 'unknown' ? ['acme'] : [] });
    const plan = planFrom({ provision: trust(withPolicy), athenz });
    assert.deepEqual([wordsOf(plan), codesOf(plan)], [steps, problems]);
  });
}

test('a role that cannot be delegated yet is not created without that', () => {
  const plan = planFrom({
    provision: trust(true),
    athenz: athenzOf([documentOf('eks.web', { roles: { admin: [] } })]),
  });
  assert.deepEqual([wordsOf(plan), codesOf(plan)], [[], ['web PROVISION_TRUST_MISSING']]);
});

test('the policy lets in the members of one role for one role', () => {
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

for (const [what, trusts, provision, is, shall] of [
  ['to another domain', { viewers: 'other' }, trust(false), 'other', 'acme'],
  ['not at all', {}, trust(false), 'not delegated', 'acme'],
  ['where the config has members', { viewers: 'other' }, '{adminUsers: [user.lead]}', 'other', 'not delegated'],
] as const) {
  test(`a role delegated ${what} is reported and never written`, () => {
    const athenz = athenzOf([documentOf('eks.web', { trusts }), documentOf('acme', sre)]);
    const plan = planFrom({ provision, athenz, update: true });
    assert.deepEqual(wordsOf(plan), []);
    const [drift] = plan.domains[0]?.drift ?? [];
    assert.deepEqual([drift?.role, drift?.setting, drift?.is, drift?.shall], ['viewers', 'trust', is, shall]);
    assert.ok(drift?.left !== undefined);
  });
}
