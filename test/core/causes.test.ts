import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Loss } from '../../src/model/access.ts';
import type { Dropped, RoleAccess, Subject } from '../../src/model/grant.ts';
import { planOf, treeOf } from '../support/planning.ts';
import { configOf, ended, granted, viewers } from '../support/roles.ts';

const role = 'prod/payments/k8s_ns_viewers';
const config = configOf({ roles: [viewers] });

function lossesFrom(before: RoleAccess, after: RoleAccess): readonly Loss[] {
  const files = treeOf({ config, access: [before] });
  const { changes } = planOf({ config, files, access: [after] });
  return changes.filter((change) => change.kind === 'lose');
}

const group = (name: string, reason: 'group-empty' | 'group-missing'): Dropped => {
  return { member: name, reason, path: { group: name } };
};

for (const [name, dropped, expected] of [
  ['an empty group', [group('org:group.a', 'group-empty')], { name: 'org:group.a', reason: 'group-empty' }],
  ['a missing group', [group('org:group.a', 'group-missing')], { name: 'org:group.a', reason: 'group-missing' }],
  [
    'one group on two paths',
    [group('org:group.a', 'group-empty'), group('org:group.a', 'group-empty')],
    { name: 'org:group.a', reason: 'group-empty' },
  ],
  ['two groups', [group('org:group.a', 'group-empty'), group('org:group.b', 'group-empty')], undefined],
  ['no group', [], undefined],
] as const) {
  test(`losses of a role with ${name} ${expected === undefined ? 'name none' : 'name it'}`, () => {
    const losses = lossesFrom(granted(role, ['user.ada', 'user.bo']), granted(role, ['user.bo'], { dropped }));
    assert.deepEqual(
      losses.map((loss) => [loss.subject.name, loss.group]),
      [['user.ada', expected]],
    );
  });
}

test('a loss that Athenz explains does not blame a group', () => {
  const dropped = [ended('suspended', 'user.ada'), group('org:group.a', 'group-empty')];
  const [loss] = lossesFrom(granted(role, ['user.ada']), granted(role, [], { dropped }));
  assert.deepEqual([loss?.reason, loss?.group], ['suspended', undefined]);
});

/** Members bound under a prefix. */
function prefixed(prefix: string, members: readonly string[]): RoleAccess {
  const access = granted(role, members);
  if (access.outcome.kind !== 'value') return access;
  const grants = access.outcome.grants.map((grant) => {
    const subject: Subject = { kind: 'User', name: `${prefix}${grant.member}` };
    return { ...grant, subject };
  });
  return { ...access, outcome: { ...access.outcome, grants } };
}

for (const [name, before, after, expected] of [
  ['a new prefix', prefixed('', ['user.ada']), prefixed('oidc:', ['user.ada']), ['renamed', '']],
  ['a removed prefix', prefixed('oidc:', ['user.ada']), prefixed('', ['user.ada']), ['renamed', 'oidc:']],
  ['another prefix', prefixed('a:', ['user.ada']), prefixed('b:', ['user.ada']), ['renamed', 'a:']],
  ['another member', prefixed('a:', ['user.ada']), prefixed('b:', ['user.bo']), ['origin-unknown', undefined]],
  [
    'a name that ends like another',
    prefixed('', ['acme.user.ada']),
    prefixed('', ['user.ada']),
    ['origin-unknown', undefined],
  ],
  [
    'a member that had access before',
    prefixed('', ['user.ada', 'evil:user.ada']),
    prefixed('', ['user.ada']),
    ['origin-unknown', undefined],
  ],
] as const) {
  test(`${name}: a lost name is ${expected[0]}`, () => {
    const [loss] = lossesFrom(before, after);
    assert.deepEqual([loss?.reason, loss?.detail, loss?.proven], [...expected, false]);
  });
}
