import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BotBranch } from '../../src/git/branches.ts';
import { splitScopes } from '../../src/plan/scope.ts';
import { letThroughBefore } from '../../src/propose/tips.ts';
import { busyPlan } from '../support/proposal.ts';

const branch = (owner: BotBranch['owner'], ...approved: readonly string[]): BotBranch => ({
  name: owner,
  tip: '0'.repeat(40),
  owner,
  letThrough: approved,
});

test('approvals count only while their proposal is open', () => {
  const branches = [branch('bot', 'a', 'b'), branch('merged', 'c'), branch('human', 'd')];
  const tips = { branches: new Map(branches.map((it) => [it.name, it])), notes: new Map() };
  assert.deepEqual([...letThroughBefore(tips)], ['a', 'b']);
  assert.deepEqual([...letThroughBefore(tips, new Set(['bot']))], ['a', 'b']);
  assert.deepEqual([...letThroughBefore(tips, new Set(['merged']))], [], 'without an open pull request');
});

test('an approval changes the digest of a proposal', () => {
  const plan = busyPlan();
  const approval = { cluster: 'prod', namespace: 'web', kind: 'removals', changes: 1, digest: 'a' } as const;
  const digests = [plan, { ...plan, letThrough: [approval] }].map((it) => splitScopes(it, 'cluster')[0]?.digest);
  assert.notEqual(digests[0], digests[1]);
});
