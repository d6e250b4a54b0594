import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RoleConfig } from '../../../src/config/types.ts';
import { nameObjects } from '../../../src/generators/rbac/names.ts';
import { adminRules, viewerRules } from '../../support/rbac.ts';

const domain = 'eks.users.ajktown-api';
const own: RoleConfig = { athenzRole: 'k8s_ns_viewers', rules: viewerRules };
const bound: RoleConfig = { athenzRole: 'k8s_ns_viewers', clusterRole: 'view' };

describe('portable names', () => {
  test('contain the Athenz role, and a roleRef hash for the binding', () => {
    assert.deepEqual(nameObjects('portable', domain, own), {
      binding: 'athenz-k8s_ns_viewers-019b7d1f',
      roleRef: { kind: 'Role', name: 'athenz-k8s_ns_viewers' },
    });
    assert.deepEqual(nameObjects('portable', domain, bound), {
      binding: 'athenz-k8s_ns_viewers-9a21aed6',
      roleRef: { kind: 'ClusterRole', name: 'view' },
    });
  });

  test('do not depend on the domain or the rules', () => {
    assert.deepEqual(
      nameObjects('portable', 'other.ns', { ...own, rules: adminRules }),
      nameObjects('portable', domain, own),
    );
  });

  test('differ for each roleRef, because a roleRef is immutable', () => {
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

  test('contain only characters that are valid in names and paths', () => {
    fc.assert(
      fc.property(anyRole, (role) => {
        const { binding, roleRef } = nameObjects('portable', domain, role);
        assert.match(binding, /^athenz-[a-z0-9_.-]+-[0-9a-f]{8}$/);
        if (roleRef.kind === 'Role') assert.match(roleRef.name, /^athenz-[a-z0-9_.-]+$/);
      }),
    );
  });

  test('are unique per role name and roleRef', () => {
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
  test('are <domain>:role.<role> and <domain>:role.<role>:members', () => {
    assert.deepEqual(nameObjects('operator', domain, own), {
      binding: 'eks.users.ajktown-api:role.k8s_ns_viewers:members',
      roleRef: { kind: 'Role', name: 'eks.users.ajktown-api:role.k8s_ns_viewers' },
    });
  });

  test('depend on the domain', () => {
    assert.equal(nameObjects('operator', 'eks.b', own).binding, 'eks.b:role.k8s_ns_viewers:members');
  });
});
