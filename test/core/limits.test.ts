import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitsConfig } from '../../src/config/types.ts';
import { splitScopes } from '../../src/core/scope.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { rbacWords } from '../../src/generators/rbac/words/words.ts';
import type { HeldAccess } from '../../src/model/access.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { approvalsOf } from '../../src/report/approval.ts';
import { closingComment } from '../../src/report/closing.ts';
import { renderBody } from '../../src/report/markdown.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { renderText } from '../../src/report/terminal.ts';
import { applyPlan, corePlanOf, type PlanView, planOf, treeOf, viewOf } from '../support/planning.ts';
import { bodyFacts, reportOf } from '../support/proposal.ts';
import { absent, bindingsIn, clusterOf, configOf, ended, granted, noLimits, type RoleId } from '../support/roles.ts';

const admin = 'prod/payments/k8s_ns_admins';
const viewer = 'prod/payments/k8s_ns_viewers';

function limited(limits: Partial<LimitsConfig>) {
  return configOf({ limits: { ...noLimits, ...limits } });
}

function share(percent: number, floor: number) {
  return limited({ maxRemovedGrants: { percent, floor } });
}

/** `user.n0`, `user.n1` … */
function people(amount: number, from = 0): readonly string[] {
  return Array.from({ length: amount }, (_, index) => `user.n${from + index}`);
}

/** A namespace with these admins and no viewers. */
function team(namespace: string, members: readonly string[], expired: readonly string[] = []): readonly RoleAccess[] {
  const id: RoleId = `prod/${namespace}/k8s_ns_admins`;
  const dropped = expired.map((member) => ended('expired', member, '2026-11-20T18:00:00.000Z'));
  return [granted(id, members, { dropped }), granted(`prod/${namespace}/k8s_ns_viewers`, [])];
}

function code({ code: it, namespace, losses }: HeldAccess): string {
  return `${it} ${namespace}: ${losses.length}`;
}

function losers({ changes }: PlanView): readonly string[] {
  return changes.flatMap((change) => (change.kind === 'lose' ? [change.subject.name] : []));
}

for (const [name, config, grants, lost, holds] of [
  ['at the floor', share(0, 10), 40, 10, false],
  ['one over the floor', share(0, 10), 40, 11, true],
  ['at the percentage', share(25, 0), 40, 10, false],
  ['one over the percentage', share(25, 0), 40, 11, true],
  ['at a percentage that is rounded down', share(25, 0), 43, 10, false],
  ['one over a rounded percentage', share(25, 0), 43, 11, true],
  ['below the floor', share(25, 10), 2, 1, false],
  ['all below the floor', share(25, 10), 2, 2, false],
  ['without a floor', share(25, 0), 2, 1, true],
  ['with the limit off', limited({}), 40, 40, false],
  ['with a limit of 100%', share(100, 0), 40, 40, false],
] as const) {
  test(`removing ${lost} of ${grants} grants, ${name}, is ${holds ? 'held' : 'not held'}`, () => {
    const files = treeOf({ config, access: team('payments', people(grants)) });
    const plan = planOf({ config, files, access: team('payments', people(grants - lost)) });
    assert.deepEqual(plan.held.map(code), holds ? [`LIMIT_REMOVED_GRANTS payments: ${lost}`] : []);
    assert.equal(losers(plan).length, holds ? 0 : lost);
    assert.equal(plan.heldRemovals !== undefined, holds);
    assert.equal(plan.totals[0]?.grantsAfter, holds ? grants : grants - lost);
  });
}

test('the percentage is of all grants of the cluster', () => {
  const config = share(10, 0);
  const calm = team('calm', people(90));
  const files = treeOf({ config, access: [...calm, ...team('payments', people(10))] });
  assert.deepEqual(planOf({ config, files, access: [...calm, ...team('payments', [])] }).held, []);
});

test('the limit applies per cluster', () => {
  const config = configOf({
    clusters: [clusterOf('dev'), clusterOf('prod')],
    limits: { ...noLimits, maxRemovedGrants: { percent: 0, floor: 1 } },
  });
  const dev: RoleId = 'dev/payments/k8s_ns_admins';
  const none = granted('dev/payments/k8s_ns_viewers', []);
  const files = treeOf({ config, access: [granted(dev, people(3)), none, ...team('payments', people(3))] });
  const plan = planOf({ config, files, access: [granted(dev, []), none, ...team('payments', people(2))] });
  assert.deepEqual(
    plan.held.map((held) => `${held.cluster} ${code(held)}`),
    ['dev LIMIT_REMOVED_GRANTS payments: 3'],
  );
  assert.deepEqual(losers(plan), ['user.n2']);
});

test('too many removals hold all unproven losses of the cluster, but no gains', () => {
  const config = share(0, 2);
  const files = treeOf({ config, access: [...team('a', people(3)), ...team('b', people(3)), ...team('c', people(1))] });
  const access = [...team('a', people(1)), ...team('b', people(2)), ...team('c', people(2))];
  const plan = planOf({ config, files, access });
  assert.deepEqual(plan.held.map(code), ['LIMIT_REMOVED_GRANTS a: 2', 'LIMIT_REMOVED_GRANTS b: 1']);
  const { [`prod/a/k8s_ns_admins`]: a, [`prod/c/k8s_ns_admins`]: c } = bindingsIn(applyPlan(files, plan));
  assert.deepEqual([a, c], [people(3), people(2)]);
});

test('a held namespace still gets its gains and proven losses', () => {
  const config = share(0, 1);
  const files = treeOf({ config, access: team('payments', people(4)) });
  const plan = planOf({ config, files, access: team('payments', ['user.n0', 'user.new'], ['user.n1']) });
  assert.deepEqual(bindingsIn(applyPlan(files, plan))[admin], ['user.n0', 'user.n2', 'user.n3', 'user.new']);
  assert.deepEqual(losers(plan), ['user.n1']);
  assert.deepEqual(
    plan.held.map((held) => held.losses.map((loss) => loss.subject.name)),
    [['user.n2', 'user.n3']],
  );
  assert.deepEqual(plan.totals, [{ cluster: 'prod', namespaces: 1, grantsBefore: 4, grantsAfter: 4 }]);
});

for (const reason of ['expired', 'suspended', 'domain-disabled'] as const) {
  test(`losses proven by ${reason} are never held and do not count`, () => {
    const config = configOf({
      limits: { ...noLimits, maxRemovedGrants: { percent: 0, floor: 1 }, neverEmpty: ['k8s_ns_admins'] },
    });
    const files = treeOf({ config, access: [...team('payments', people(20)), ...team('web', people(2))] });
    const dropped = people(20).map((member) => ended(reason, member, 'acme.org'));
    const access = [granted(admin, [], { dropped }), granted(viewer, []), ...team('web', people(1))];
    const plan = planOf({ config, files, access });
    assert.deepEqual(plan.held, []);
    assert.equal(losers(plan).length, 21);
  });
}

for (const reason of ['pending', 'wildcard', 'bad-expiration', 'service'] as const) {
  test(`the loss of a member dropped as ${reason} is unproven and counts`, () => {
    const config = share(0, 0);
    const files = treeOf({ config, access: team('payments', people(1)) });
    const access = [granted(admin, [], { dropped: [ended(reason, 'user.n0')] }), granted(viewer, [])];
    assert.deepEqual(planOf({ config, files, access }).held.map(code), ['LIMIT_REMOVED_GRANTS payments: 1']);
  });
}

const guarded = limited({ neverEmpty: ['k8s_ns_admins'] });

for (const [name, before, after, holds] of [
  ['loses its last member', ['user.a'], granted(admin, []), ['LIMIT_NEVER_EMPTY payments: 1']],
  ['loses all its members', ['user.a', 'user.b'], granted(admin, []), ['LIMIT_NEVER_EMPTY payments: 2']],
  ['is absent in Athenz', ['user.a'], absent(admin, 'role'), ['LIMIT_NEVER_EMPTY payments: 1']],
  ['is absent with its domain', ['user.a'], absent(admin, 'domain'), ['LIMIT_NEVER_EMPTY payments: 1']],
  ['replaces its only member', ['user.a'], granted(admin, ['user.b']), []],
  ['keeps one member', ['user.a', 'user.b'], granted(admin, ['user.b']), []],
  ['was empty', [], granted(admin, []), []],
  ['was empty and is now absent', [], absent(admin), []],
  [
    'loses its only member by suspension',
    ['user.a'],
    granted(admin, [], { dropped: [ended('suspended', 'user.a')] }),
    [],
  ],
  [
    'loses its last two members, one suspended',
    ['user.a', 'user.b'],
    granted(admin, [], { dropped: [ended('suspended', 'user.a')] }),
    ['LIMIT_NEVER_EMPTY payments: 1'],
  ],
] as const) {
  test(`a neverEmpty role that ${name} is ${holds.length > 0 ? 'held' : 'not held'}`, () => {
    const files = treeOf({ config: guarded, access: [granted(admin, before), granted(viewer, ['user.v'])] });
    const plan = planOf({ config: guarded, files, access: [after, granted(viewer, [])] });
    assert.deepEqual(plan.held.map(code), holds);
    const bound = bindingsIn(applyPlan(files, plan));
    assert.deepEqual(bound[viewer], [], 'other roles are not held');
    if (holds.length > 0) assert.ok((bound[admin] ?? []).includes(before.at(-1) ?? ''));
  });
}

const both = limited({ maxRemovedGrants: { percent: 0, floor: 1 }, neverEmpty: ['k8s_ns_admins'] });

test('too many removals name the roles that they would leave without anyone', () => {
  const files = treeOf({
    config: both,
    access: [
      ...[granted(admin, ['user.a', 'user.b']), granted(viewer, ['user.v'])],
      ...[granted('prod/web/k8s_ns_admins', ['user.a', 'user.b']), granted('prod/web/k8s_ns_viewers', [])],
    ],
  });
  const web = [granted('prod/web/k8s_ns_admins', ['user.b']), granted('prod/web/k8s_ns_viewers', [])];
  const core = corePlanOf({ config: both, files, access: [granted(admin, []), granted(viewer, []), ...web] });
  const at = { cluster: 'prod', namespace: 'payments' };
  assert.deepEqual(
    viewOf(core).held.map((held) => [code(held), held.emptied]),
    [
      [
        'LIMIT_REMOVED_GRANTS payments: 3',
        [
          { ...at, role: 'k8s_ns_admins', neverEmpty: true },
          { ...at, role: 'k8s_ns_viewers', neverEmpty: false },
        ],
      ],
      ['LIMIT_REMOVED_GRANTS web: 1', undefined],
    ],
  );
  const [scope] = splitScopes(core, rbac, { groupBy: 'cluster' });
  assert.ok(scope !== undefined);
  const expected = [
    'also held by limits.neverEmpty: k8s_ns_admins in payments would lose its last member',
    'would leave without anyone: k8s_ns_viewers in payments',
  ];
  const facts = { ...bodyFacts, approvals: approvalsOf(core) };
  for (const text of [
    renderText(reportOf([scope], core), { color: false }),
    renderBody(scope, rbacWords, facts),
    renderSummary(reportOf([scope], core)),
    closingComment({ key: 'prod', scope }, rbacWords, facts),
  ]) {
    for (const sentence of expected) assert.ok(text.replaceAll('`', '').includes(sentence), text);
  }
});

test('an approval does not cover a role that has become empty since', () => {
  const files = treeOf({ config: both, access: team('payments', ['user.a', 'user.b']) });
  const [kept, emptied] = [['user.c'], []].map((names) =>
    planOf({ config: both, files, access: team('payments', names) }),
  );
  assert.deepEqual(kept?.held.map(code), emptied?.held.map(code), 'the same losses');
  const accepted = kept?.heldRemovals === undefined ? {} : { acceptRemovals: kept.heldRemovals };
  const held = (names: readonly string[]) =>
    planOf({ config: both, files, access: team('payments', names), accepted }).held.map(code);
  assert.deepEqual(held(['user.c']), []);
  assert.deepEqual(held([]), ['LIMIT_REMOVED_GRANTS payments: 2']);
});

test('a neverEmpty role can be removed with its namespace or from the config', () => {
  const files = treeOf({ config: guarded, access: team('payments', ['user.a']) });
  assert.deepEqual(planOf({ config: guarded, files, access: [] }).held, []);
  const without = configOf({ limits: guarded.limits, roles: [{ athenzRole: 'k8s_ns_viewers', clusterRole: 'view' }] });
  assert.deepEqual(planOf({ config: without, files, access: [granted(viewer, [])] }).held, []);
});

test('a role over maxSubjects holds its additions only', () => {
  const config = limited({ maxSubjects: 3, neverEmpty: ['k8s_ns_viewers'] });
  const files = treeOf({ config, access: [granted(admin, people(3)), granted(viewer, ['user.v', 'user.w'])] });
  // One admin leaves, one is suspended, three come: two of them would fit.
  const dropped = [ended('suspended', 'user.n1')];
  const access = [granted(admin, ['user.n2', ...people(3, 10)], { dropped }), granted(viewer, ['user.x'])];
  const plan = planOf({ config, files, access });
  const bound = bindingsIn(applyPlan(files, plan));
  assert.deepEqual([bound[admin], bound[viewer]], [['user.n2'], ['user.x']]);
  assert.deepEqual(
    plan.held.map(({ losses, gains = [], ...rest }) => [rest, losses, gains.map((gain) => gain.subject.name)]),
    [
      [
        {
          cluster: 'prod',
          namespace: 'payments',
          code: 'LIMIT_SUBJECTS',
          message: 'k8s_ns_admins in payments exceeds limits.maxSubjects (4 subjects, at most 3)',
          next: 'remove members in Athenz, or raise limits.maxSubjects (client-side apply fails near 2,900)',
        },
        [],
        people(3, 10),
      ],
    ],
  );
  assert.deepEqual(losers(plan), ['user.n0', 'user.n1', 'user.v', 'user.w']);
  assert.deepEqual([plan.heldRemovals, plan.heldAdditions], [undefined, undefined], 'cannot be approved');
});

test('a role that exceeds maxSubjects in git can shrink', () => {
  const config = limited({ maxSubjects: 3 });
  const files = treeOf({ config: limited({}), access: team('payments', people(6)) });
  const plan = planOf({ config, files, access: team('payments', people(5)) });
  assert.deepEqual([plan.held, losers(plan)], [[], ['user.n5']]);
});

test('a new role over maxSubjects is left out, the others are rendered', () => {
  const config = limited({ maxSubjects: 3 });
  const plan = planOf({ config, access: [granted(admin, people(4)), granted(viewer, ['user.v'])] });
  assert.deepEqual(bindingsIn(applyPlan(new Map(), plan)), { [viewer]: ['user.v'] });
});

test('a neverEmpty role over maxSubjects keeps its last member', () => {
  const config = limited({ maxSubjects: 3, neverEmpty: ['k8s_ns_admins'] });
  const files = treeOf({ config, access: team('payments', people(1)) });
  const plan = planOf({ config, files, access: team('payments', people(4, 10)) });
  assert.deepEqual(plan.held.map(code), ['LIMIT_SUBJECTS payments: 0', 'LIMIT_NEVER_EMPTY payments: 1']);
  assert.deepEqual(plan.files, []);
});

test('a removed namespace is not held for maxSubjects', () => {
  const config = limited({ maxRemovedGrants: { percent: 0, floor: 0 }, maxSubjects: 3 });
  const files = treeOf({ config: limited({}), access: team('payments', people(4)) });
  const plan = planOf({ config, files, access: [] });
  assert.deepEqual(plan.held.map(code), ['LIMIT_REMOVED_GRANTS payments: 4']);
  assert.deepEqual(plan.files, []);
});

test('held losses cannot push a role over maxSubjects', () => {
  const config = limited({ maxRemovedGrants: { percent: 0, floor: 0 }, maxSubjects: 3 });
  const files = treeOf({ config, access: team('payments', people(3)) });
  const plan = planOf({ config, files, access: team('payments', people(3, 10)) });
  assert.deepEqual(bindingsIn(applyPlan(files, plan))[admin], people(3));
  assert.deepEqual(plan.held.map(code), ['LIMIT_REMOVED_GRANTS payments: 3', 'LIMIT_SUBJECTS payments: 0']);
  assert.notEqual(plan.heldRemovals, undefined);
});
