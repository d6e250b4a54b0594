import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CurrentFile, DesiredFile } from '../../src/core/decision.ts';
import { decideWhole } from '../../src/core/whole.ts';

const unit = { cluster: 'prod', namespace: 'search' };
const rendered = { oid: '1'.repeat(40), text: 'new\n' };
const there: CurrentFile = {
  file: { path: 'out/a.yaml', mode: '100644', oid: '0'.repeat(40) },
  cluster: 'prod',
  parsed: { kind: 'rendered', unit: { namespace: 'payments' }, state: null },
};

function decide(files: readonly DesiredFile[], current: readonly CurrentFile[], same: readonly string[] = []) {
  return decideWhole({ unit, desired: { unit, files, weight: 1, state: null }, current, same: new Set(same) }, null);
}

test('a unit of which something could not be read stays as it is, and is named', () => {
  const decision = decide([{ path: 'out/a.yaml' }, { path: 'out/b.yaml', rendered }], [there]);
  assert.deepEqual(
    decision.kept.map(({ namespace, problem }) => `${namespace} ${problem.code}`),
    ['search INVENTORY_UNREADABLE'],
  );
  assert.deepEqual(decision.settle(new Set()), { kind: 'changed', changes: [], files: new Map(), weight: 1 });
});

test('a unit with a file that is as desired is changed, not added', () => {
  const files = ['out/a.yaml', 'out/b.yaml'].map((path) => ({ path, rendered }));
  const { removals, additions, weight, settle } = decide(files, [], ['out/a.yaml']);
  assert.deepEqual([removals, additions(), weight], [[], [], 1]);
  const settled = settle(new Set());
  assert.deepEqual(settled.kind === 'changed' && settled.changes.map(({ effect }) => effect), ['modify']);
});
