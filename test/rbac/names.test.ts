import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RoleConfig } from '../../src/config/types.ts';
import { nameObjects } from '../../src/rbac/names.ts';
import { adminRules, viewerRules } from '../support/rbac.ts';

const domain = 'eks.users.ajktown-api';
const own: RoleConfig = { athenzRole: 'k8s_ns_viewers', rules: viewerRules };
const bound: RoleConfig = { athenzRole: 'k8s_ns_viewers', clusterRole: 'view' };

describe('portable names', () => {
  test('say which Athenz role it is; the binding’s ends in a hash of its roleRef', () => {
    assert.deepEqual(nameObjects('portable', domain, own), {
      binding: 'athenz-k8s_ns_viewers-019b7d1f',
      roleRef: { kind: 'Role', name: 'athenz-k8s_ns_viewers' },
    });
    assert.deepEqual(nameObjects('portable', domain, bound), {
      binding: 'athenz-k8s_ns_viewers-9a21aed6',
      roleRef: { kind: 'ClusterRole', name: 'view' },
    });
  });

  test('do not depend on the domain, nor on what the rules are', () => {
    assert.deepEqual(
      nameObjects('portable', 'other.ns', { ...own, rules: adminRules }),
      nameObjects('portable', domain, own),
    );
  });

  test('another roleRef makes another binding, since a roleRef cannot change under one name', () => {
    const named = (clusterRole: string) => nameObjects('portable', domain, { ...bound, clusterRole }).binding;
    const names = ['view', 'edit', 'admin', 'cluster-admin', 'View', 'athenz-k8s_ns_viewers'].map(named);
    const all = [...names, nameObjects('portable', domain, own).binding];
    assert.equal(new Set(all).size, all.length, all.join());
  });

  const athenzName = fc.stringMatching(/^[a-z0-9_][a-z0-9_-]{0,20}(\.[a-z0-9_][a-z0-9_-]{0,20})?$/);
  const clusterRole = fc.oneof(fc.stringMatching(/^[a-z:.-]{1,20}$/), fc.string({ minLength: 1 }));
  const anyRole: fc.Arbitrary<RoleConfig> = fc.oneof(
    athenzName.map((athenzRole) => ({ athenzRole, rules: [] })),
    fc.record({ athenzRole: athenzName, clusterRole }),
  );

  test('hold no ":", also when the ClusterRole’s name does, and nothing else a name or path may not hold', () => {
    fc.assert(
      fc.property(anyRole, (role) => {
        const { binding, roleRef } = nameObjects('portable', domain, role);
        assert.match(binding, /^athenz-[a-z0-9_.-]+-[0-9a-f]{8}$/);
        if (roleRef.kind === 'Role') assert.match(roleRef.name, /^athenz-[a-z0-9_.-]+$/);
      }),
    );
  });

  test('two roles that differ in name or roleRef never share a binding', () => {
    const key = (role: RoleConfig) => `${role.athenzRole} ${'rules' in role ? '' : role.clusterRole}`;
    fc.assert(
      fc.property(fc.uniqueArray(anyRole, { selector: key, minLength: 2 }), (roles) => {
        const names = roles.map((role) => nameObjects('portable', domain, role).binding);
        assert.equal(new Set(names).size, names.length);
      }),
    );
  });
});

describe('operator names', () => {
  test('are exactly those that the operators gave: <domain>:role.<role>, and :members behind it', () => {
    assert.deepEqual(nameObjects('operator', domain, own), {
      binding: 'eks.users.ajktown-api:role.k8s_ns_viewers:members',
      roleRef: { kind: 'Role', name: 'eks.users.ajktown-api:role.k8s_ns_viewers' },
    });
  });

  test('are another role’s in another domain', () => {
    assert.equal(nameObjects('operator', 'eks.b', own).binding, 'eks.b:role.k8s_ns_viewers:members');
  });
});
