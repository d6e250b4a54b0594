import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Direct } from '../../src/core/direct.ts';
import type { Plan } from '../../src/core/plan.ts';
import { splitDirect } from '../../src/core/split-direct.ts';

const direct: Direct = { branch: 'addresses', takes: (path) => path.includes('slice') };
const generator = { name: 'toy' };

type Unit = { readonly cluster: string; readonly name: string };
const unit = (name: string): Unit => ({ cluster: 'prod', name });
const file = (name: string, path: string) => ({
  ...unit(name),
  path,
  after: { oid: path, formerOid: path, text: path },
});
const change = (name: string) =>
  ({ ...unit(name), id: name, effect: 'modify', proven: false, weight: 0, detail: name }) as const;

function planOf(units: Readonly<Record<string, readonly string[]>>): Plan {
  return {
    generator: 'toy',
    at: '2026-01-01T00:00:00Z',
    files: Object.entries(units).flatMap(([name, paths]) => paths.map((path) => file(name, path))),
    changes: Object.keys(units).map(change),
    kept: [],
    held: [{ ...unit('held'), code: 'LIMIT_REMOVED', message: 'm', next: 'n', changes: [] }],
    notes: { n: [unit('a')] },
    totals: [{ cluster: 'prod', units: 3, before: 3, after: 3 }],
    approved: [],
    staleKustomizations: [],
    unmatched: [],
    proofs: [],
  };
}

const table: readonly (readonly [
  what: string,
  units: Readonly<Record<string, readonly string[]>>,
  proposed: readonly string[],
  committed: readonly string[],
  waiting: number,
])[] = [
  ['nothing', {}, [], [], 0],
  ['files of the branch alone', { a: ['slice-a'] }, [], ['slice-a'], 0],
  ['files of the base alone', { a: ['service-a'] }, ['service-a'], [], 0],
  ['both of one unit: the branch waits for the merge', { a: ['service-a', 'slice-a'] }, ['service-a'], [], 1],
  [
    'both of several units',
    { a: ['service-a', 'slice-a'], b: ['slice-b', 'slice-c'], c: ['service-c'] },
    ['service-a', 'service-c'],
    ['slice-b', 'slice-c'],
    1,
  ],
];
for (const [what, units, proposed, committed, waiting] of table) {
  test(`splits a plan: ${what}`, () => {
    const plan = planOf(units);
    const split = splitDirect(plan, direct, generator);
    assert.deepEqual(
      split.proposed.files.map(({ path }) => path),
      proposed,
    );
    assert.deepEqual(split.direct?.files.map(({ path }) => path) ?? [], committed);
    assert.equal(split.waiting, waiting);
    const told = [...split.proposed.changes, ...(split.direct?.changes ?? [])].map(({ id }) => id);
    assert.deepEqual(told.sort(), Object.keys(units));
    // What is held is told with what is proposed, once.
    assert.deepEqual([split.proposed.held.length, split.direct?.held.length ?? 0], [1, 0]);
  });
}

test('without a branch, all of a plan is proposed', () => {
  const plan = planOf({ a: ['service-a', 'slice-a'] });
  assert.deepEqual(splitDirect(plan, undefined, generator), { proposed: plan, waiting: 0 });
});
