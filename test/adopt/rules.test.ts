import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingOf, proposalFrom, together, written } from '../support/adoption.ts';
import { adminRules, viewerRules } from '../support/rbac.ts';

const readRules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

test('proposes the rules most namespaces have, and no role on a tie', () => {
  const variants = together(
    written({ a: { admins: [], viewers: [] }, b: { admins: [] } }, { admins: adminRules, viewers: viewerRules }),
    written({ c: { admins: [] }, d: { admins: [] } }, { admins: readRules }),
  );
  const { proposal, unproposed } = proposalFrom(variants);
  assert.deepEqual(proposal.roles, [{ athenzRole: 'viewers', rules: viewerRules, namespaces: 1 }]);
  assert.deepEqual(unproposed, [
    {
      role: 'admins',
      namespaces: ['a', 'b', 'c', 'd'],
      variants: [
        { rules: adminRules, namespaces: ['a', 'b'] },
        { rules: readRules, namespaces: ['c', 'd'] },
      ],
    },
  ]);
  const most = together(variants, written({ e: { admins: [] } }, { admins: readRules }));
  assert.deepEqual(proposalFrom(most).proposal.roles[0], { athenzRole: 'admins', rules: readRules, namespaces: 3 });
});

test('the order of rules and verbs does not matter', () => {
  const [rule = { apiGroups: [], resources: [], verbs: [] }, ...more] = viewerRules;
  const reordered = [...more, { ...rule, verbs: rule.verbs.toReversed() }];
  const live = together(
    written({ a: { viewers: [] } }, { viewers: viewerRules }),
    written({ b: { viewers: [] } }, { viewers: reordered }),
  );
  const { proposal, left, unproposed } = proposalFrom(live);
  assert.deepEqual(
    [proposal.roles, left, unproposed],
    [[{ athenzRole: 'viewers', rules: viewerRules, namespaces: 2 }], [], []],
  );
  assert.deepEqual(proposalFrom(new Map([...live].toReversed())).proposal, proposal);
});

test('never proposes empty rules, even if most namespaces have them', () => {
  const empty = written({ a: { admins: [] }, b: { admins: [] } }, { admins: [] });
  const usable = written({ c: { admins: [] } }, { admins: adminRules });
  assert.deepEqual(proposalFrom(together(empty, usable)).proposal.roles[0]?.rules, adminRules);
  const { unproposed } = proposalFrom(together(empty, written({ c: { viewers: [] } }, { viewers: viewerRules })));
  assert.deepEqual(unproposed, [{ role: 'admins', namespaces: ['a', 'b'], variants: [] }]);
});

test('a role without a Role in the cluster is not proposed', () => {
  const live = together(written({ billing: { k8s_ns_admins: [], k8s_ns_viewers: [] } }), {
    bindings: [bindingOf('billing', 'eks.users.billing:role.oncall:members', ['user.ada'])],
  });
  const { proposal, unproposed, left } = proposalFrom(live);
  assert.deepEqual(
    proposal.roles.map((it) => it.athenzRole),
    ['k8s_ns_admins', 'k8s_ns_viewers'],
  );
  assert.deepEqual(unproposed, [{ role: 'oncall', namespaces: ['billing'], variants: [] }]);
  assert.deepEqual(
    left.map((it) => it.reason.kind),
    ['role-missing'],
  );
});
