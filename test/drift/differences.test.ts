import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writerOf } from '../../src/drift/differences.ts';
import type { PolicyRule } from '../../src/model/manifest.ts';
import { ago, bound, compared } from '../support/drift.ts';

const getPods: readonly PolicyRule[] = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];

/** The Role as in git, a different one of that name, or none. */
type Rules = 'same' | 'other' | 'missing';

for (const [users, rules, subjectsAt, rulesAt, expected] of [
  ['ada', 'same', 5, 3, undefined],
  ['eve', 'same', 5, 3, 'kubectl-edit'],
  ['ada', 'other', 3, 5, 'role-writer'],
  ['eve', 'other', 5, 3, 'role-writer'],
  ['eve', 'other', 3, 5, 'kubectl-edit'],
  ['ada', 'missing', 3, undefined, undefined],
  ['eve', 'missing', 3, undefined, 'kubectl-edit'],
  ['', 'same', undefined, 3, undefined],
] as const satisfies readonly (readonly [
  string,
  Rules,
  number | undefined,
  number | undefined,
  string | undefined,
])[]) {
  test(`subjects [${users}] and ${rules} rules in the cluster: writer is ${expected ?? 'unknown'}`, () => {
    const { roleRef } = bound('').permission;
    const { written: _, ...base } = compared('ada', 'ada', users);
    const permission = { same: bound('').permission, other: { roleRef, rules: getPods }, missing: { roleRef } }[rules];
    const writer = writerOf({
      ...base,
      live: { kind: 'value', value: { ...bound(users), permission } },
      ...(subjectsAt === undefined ? {} : { written: { manager: 'kubectl-edit', at: ago(subjectsAt) } }),
      ...(rulesAt === undefined ? {} : { roleWritten: { manager: 'role-writer', at: ago(rulesAt) } }),
    });
    assert.equal(writer?.manager, expected);
  });
}
