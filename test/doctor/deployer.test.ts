import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, RoleConfig } from '../../src/config/types.ts';
import { checkDeployer } from '../../src/doctor/deployer.ts';
import type { PolicyRule } from '../../src/model/manifest.ts';

function check(...roles: readonly RoleConfig[]) {
  return checkDeployer({ clusters: [{ roles }, { roles }] } as unknown as Pick<Config, 'clusters'>);
}

const admins = (...rules: readonly PolicyRule[]): RoleConfig => ({ athenzRole: 'admins', rules });
const rule = (apiGroup: string, resource: string, ...verbs: readonly string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
});
const group = 'rbac.authorization.k8s.io';

test('what the controller needs follows from rules and ClusterRoles', () => {
  const view = { athenzRole: 'viewers', clusterRole: 'view' };
  const needs = (...roles: readonly RoleConfig[]) => check(...roles)[0]?.message;
  const both = 'escalate and bind on roles, bind on clusterroles view';
  assert.equal(needs(admins(), view), `the GitOps controller needs ${both}, or everything that is granted`);
  assert.match(needs(view) ?? '', /needs bind on clusterroles view,/);
  assert.match(needs(admins()) ?? '', /needs escalate and bind on roles,/);
});

const cases: readonly (readonly [name: string, rules: readonly PolicyRule[], says: readonly RegExp[]])[] = [
  ['escalate', [rule(group, 'roles', 'get', 'escalate')], [/^admins grants escalate on roles: /]],
  ['bind on ClusterRoles', [rule(group, 'clusterroles', 'bind')], [/^admins grants bind on clusterroles: /]],
  ['every verb on roles', [rule(group, '*', '*')], [/escalate on roles/, /bind on roles/]],
  ['impersonation', [rule('', 'serviceaccounts', 'impersonate')], [/impersonate on serviceaccounts: /]],
  ['everything', [rule('*', '*', '*'), rule(group, 'roles', 'escalate')], []],
  ['every verb in the core group', [rule('', '*', '*')], []],
  ['reading', [rule('*', '*', 'get', 'list', 'watch')], []],
  ['bind, limited by name', [{ ...rule(group, 'clusterroles', 'bind'), resourceNames: ['view'] }], []],
];
for (const [name, rules, says] of cases) {
  test(`rules with ${name}: ${says.length === 0 ? 'ok' : 'warning'}`, () => {
    const [, ...found] = check(admins(...rules));
    assert.equal(found.length, says.length, JSON.stringify(found));
    for (const [index, it] of says.entries()) {
      assert.match(found[index]?.message ?? '', it);
      assert.match(found[index]?.fix ?? '', /rules of admins/);
    }
  });
}
