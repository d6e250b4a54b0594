import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../src/core/plan.ts';
import { type Scope, type SplitOptions, splitScopes } from '../../src/core/scope.ts';
import { toChange } from '../../src/generators/rbac/change.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { rbacNotes } from '../../src/generators/rbac/notes.ts';
import { toProof } from '../../src/generators/rbac/proof.ts';
import type { AccessChange } from '../../src/model/access.ts';
import type { Subject } from '../../src/model/grant.ts';
import { branchSlug, defaultOwner } from '../../src/model/owner.ts';
import { corePlanOf, treeOf } from '../support/planning.ts';
import { clusterOf, configOf, ended, granted, type RoleId, subjectOf, unknown } from '../support/roles.ts';

const config = configOf({ clusters: [clusterOf('dev'), clusterOf('prod'), clusterOf('prod-eu')] });

function split(of: Plan<AccessChange>, groupBy: SplitOptions['groupBy'], maxFiles?: number) {
  return splitScopes(of, rbac, { groupBy, ...(maxFiles === undefined ? {} : { maxFiles }) });
}

function role(place: string, ...members: string[]) {
  return granted(`${place}/k8s_ns_admins` as RoleId, members);
}

const before = [role('dev/web', 'user.ada'), role('prod/web', 'user.ada'), role('prod/api', 'user.bo')];
const after = [role('dev/web'), role('prod/web', 'user.chen'), unknown('prod/api/k8s_ns_admins'), role('prod-eu/web')];
const files = treeOf({ config, access: before });
const plan = corePlanOf({ config, files, access: after, incomplete: ['prod-eu'] });

function shape({ key, files: list, changes, kept, totals }: Scope<AccessChange>): unknown {
  return [key, list.length, changes.length, kept.length, totals.map((total) => total.cluster).join()];
}

test('all: one scope with everything', () => {
  assert.deepEqual(split(plan, 'all').map(shape), [['all', 3, 3, 2, 'dev,prod,prod-eu']]);
});

test('cluster: one scope per configured cluster, even without changes', () => {
  assert.deepEqual(split(plan, 'cluster').map(shape), [
    ['dev', 1, 1, 0, 'dev'],
    ['prod', 1, 2, 1, 'prod'],
    ['prod-eu', 1, 0, 1, 'prod-eu'],
  ]);
  const calm = corePlanOf({ config, files, access: before });
  assert.deepEqual(split(calm, 'cluster').map(shape), [
    ['dev', 0, 0, 0, 'dev'],
    ['prod', 0, 0, 0, 'prod'],
    ['prod-eu', 0, 0, 0, 'prod-eu'],
  ]);
});

test('namespace: one scope per affected namespace, one for cluster problems', () => {
  assert.deepEqual(split(plan, 'namespace').map(shape), [
    ['dev/web', 1, 1, 0, 'dev'],
    ['prod-eu', 0, 0, 1, 'prod-eu'],
    ['prod-eu/web', 1, 0, 0, 'prod-eu'],
    ['prod/api', 0, 0, 1, 'prod'],
    ['prod/web', 1, 2, 0, 'prod'],
  ]);
});

test('a cluster removed from the config has a scope for its removals', () => {
  const left = corePlanOf({ config: configOf({ clusters: [clusterOf('prod')] }), files, access: [] });
  assert.deepEqual(
    split(left, 'cluster').map((scope) => scope.key),
    ['dev', 'prod'],
  );
});

/** As `plan`, with two items at least in each list. */
const full = fullPlan(['dev/web', 'prod/api', 'prod/web']);

function fullPlan(ids: readonly string[]): Plan<AccessChange> {
  const places = ids.map((id) => {
    const [cluster = '', namespace = ''] = id.split('/');
    return { cluster, namespace, role: 'k8s_ns_admins' };
  });
  const subject = subjectOf('user.ada');
  const held = { code: 'LIMIT_NEVER_EMPTY', message: 'too many', next: 'look', changes: [] } as const;
  const skipped = { setting: 'members.services', domain: 'acme', members: 1 } as const;
  const grant = { subject, member: 'user.ada', paths: [{}] };
  return {
    ...plan,
    held: places.map(({ role: _, ...place }) => ({ ...place, ...held })),
    notes: {
      dropped: places.map((place) => ({ ...place, dropped: ended('wildcard', 'user.*') })),
      skippedMembers: places.map((place) => ({ ...place, ...skipped })),
      expiring: places.map((place) => ({ ...place, grant })),
      emptied: places,
    },
    approved: places.map(({ role: _, ...place }) => ({ ...place, kind: 'removals', changes: 1, digest: 'd' })),
    proofs: places.map((place) => toProof({ ...place, subject, reason: 'suspended', polled: plan.at })),
  };
}

const lists = ['files', 'changes', 'kept', 'held', 'approved', 'proofs'] as const;
const noteLists = ['dropped', 'skippedMembers', 'expiring', 'emptied'] as const;

/** Every list of items in a plan or a scope. */
function listsOf(of: Pick<Plan, (typeof lists)[number] | 'notes'>): ReadonlyMap<string, readonly unknown[]> {
  const notes = rbacNotes(of.notes);
  return new Map<string, readonly unknown[]>([
    ...lists.map((name) => [name, of[name]] as const),
    ...noteLists.map((name) => [name, notes[name]] as const),
  ]);
}

for (const groupBy of ['all', 'cluster', 'namespace'] as const) {
  test(`grouped by ${groupBy}, each item of a plan is in exactly one scope`, () => {
    const scopes = split(full, groupBy);
    for (const [part, expected] of listsOf(full)) {
      const all = scopes.flatMap((scope) => listsOf(scope).get(part) ?? []);
      assert.ok(all.length > 1, part);
      assert.equal(all.length, expected.length, part);
      assert.deepEqual(new Set(all), new Set(expected), part);
    }
    assert.equal(
      new Set(scopes.map(({ key }) => branchSlug(defaultOwner, key))).size,
      scopes.length,
      'branches differ',
    );
  });
}

function digest(of: Plan<AccessChange>): string {
  const [scope] = split(of, 'all');
  return scope?.digest ?? '';
}

test('the digest does not depend on the time of the plan', () => {
  const later = corePlanOf({ config, files, access: after, at: new Date('2027-01-01T00:00:00Z') });
  assert.match(digest(plan), /^sha256:[0-9a-f]{64}$/);
  assert.equal(digest(later), digest(plan));
});

const where = { cluster: 'prod', namespace: 'web' };
const file = { ...where, path: 'output/prod/web/rbac.yaml' };
const before1 = '1'.repeat(40);
const after1 = { oid: '2'.repeat(40), formerOid: '3'.repeat(40), text: 'kind: Role' };
const ada: Subject = { kind: 'User', name: 'user.ada' };
const who = {
  ...where,
  role: 'k8s_ns_admins',
  subject: ada,
  permission: { roleRef: { kind: 'Role', name: 'a' } },
} as const;
const gain: AccessChange = { ...who, kind: 'gain', paths: [{}] };
const loss: AccessChange = { ...who, kind: 'lose', reason: 'not-a-member', proven: false };
const small: Plan<AccessChange> = {
  ...plan,
  files: [{ ...file, before: before1, after: after1 }],
  changes: [toChange(gain)],
};

for (const [name, other] of [
  ['another base file', { files: [{ ...file, before: '3'.repeat(40), after: after1 }] }],
  ['a new file', { files: [{ ...file, after: after1 }] }],
  ['a removed file', { files: [{ ...file, before: before1 }] }],
  ['another file content', { files: [{ ...file, before: before1, after: { ...after1, formerOid: '4'.repeat(40) } }] }],
  ['another path', { files: [{ ...file, path: 'output/prod/web.yaml', before: before1, after: after1 }] }],
  ['an additional file', { files: [...small.files, { ...file, path: 'output/prod/web.yaml', after: after1 }] }],
  ['no gains or losses', { changes: [] }],
  ['an additional change', { changes: [gain, loss].map(toChange) }],
  ['the same change in another namespace', { changes: [toChange({ ...gain, namespace: 'api' })] }],
  ['the same change in another cluster', { changes: [toChange({ ...gain, cluster: 'dev' })] }],
  ['the same change in another role', { changes: [toChange({ ...gain, role: 'k8s_ns_viewers' })] }],
  ['a loss instead', { changes: [toChange(loss)] }],
  ['another subject', { changes: [toChange({ ...gain, subject: { kind: 'User', name: 'user.eve' } })] }],
  ['a group of the same name', { changes: [toChange({ ...gain, subject: { kind: 'Group', name: 'user.ada' } })] }],
] satisfies readonly (readonly [string, Partial<Plan<AccessChange>>])[]) {
  test(`the digest changes with ${name}`, () => {
    assert.notEqual(digest({ ...small, ...other }), digest(small));
  });
}

test('the digest of a proposal made under the former first line is the same', () => {
  const renamed = { ...after1, oid: '5'.repeat(40) };
  assert.equal(digest({ ...small, files: [{ ...file, before: before1, after: renamed }] }), digest(small));
});

test('the digest changes with the base of an unchanged result', () => {
  const elsewhere = new Map([...files].map(([path, text]) => [path, text.replace('subjects:', 'subjects: # by hand')]));
  assert.notEqual(
    digest(corePlanOf({ config, files: elsewhere, access: after })),
    digest(corePlanOf({ config, files, access: after })),
  );
});

test('a scope with too many files is split by namespace, deterministically', () => {
  const names = Array.from({ length: 60 }, (_, index) => `ns-${index}`);
  const many = (list: readonly string[]) =>
    corePlanOf({ config, files: new Map(), access: list.map((name) => role(`prod/${name}`, 'user.ada')) });
  const keysOf = (scopes: readonly Scope[]) =>
    new Map(scopes.flatMap((scope) => scope.files.map(({ namespace }) => [namespace, scope.key] as const)));
  const scopes = split(many(names), 'cluster', 10);
  for (const scope of scopes) assert.ok(scope.files.length <= 10, `${scope.key}: ${scope.files.length}`);
  assert.equal(
    scopes.reduce((sum, scope) => sum + scope.files.length, 0),
    60,
  );
  assert.equal(new Set(scopes.map(({ key }) => branchSlug(defaultOwner, key))).size, scopes.length);
  const whole = scopes.find(({ key }) => key === 'prod');
  assert.deepEqual([whole?.files, whole?.changes], [[], []], 'the cluster scope has no changes left');

  const keys = keysOf(scopes);
  assert.deepEqual([...keys.keys()].sort(), names.toSorted());
  assert.ok([...keys.values()].every((key) => /^prod\/part-[0-9a-f]$/.test(key)));
  const fewer = keysOf(split(many(names.slice(7)), 'cluster', 10));
  assert.equal(fewer.size, 53);
  for (const [namespace, key] of fewer) {
    assert.equal(key, keys.get(namespace), 'a namespace stays in its part when others are removed');
  }
  assert.deepEqual([...new Set(keysOf(split(many(names), 'cluster', 60)).values())], ['prod']);
});

test('splitting a scope loses no read failures', () => {
  const names = Array.from({ length: 20 }, (_, index) => `ns-${index}`);
  const access = [...names.map((name) => role(`prod/${name}`, 'user.ada')), unknown('prod/api/k8s_ns_admins')];
  const large = corePlanOf({ config, files, access });
  const scopes = split(large, 'cluster', 3);
  assert.deepEqual(scopes.flatMap(({ kept }) => kept).length, large.kept.length);
  assert.ok(large.kept.length > 0);
});
