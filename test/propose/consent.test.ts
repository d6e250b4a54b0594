import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BotBranch } from '../../src/git/branches.ts';
import { approvedBefore } from '../../src/propose/tips.ts';
import { busyPlan, scopeOf } from '../support/proposal.ts';

const branch = (owner: BotBranch['owner'], ...approved: readonly string[]): BotBranch => ({
  name: owner,
  tip: '0'.repeat(40),
  owner,
  letThrough: approved,
});

test('approvals count only while their proposal is open', () => {
  const branches = [branch('bot', 'a', 'b'), branch('merged', 'c'), branch('human', 'd')];
  const tips = { branches: new Map(branches.map((it) => [it.name, it])), notes: new Map() };
  assert.deepEqual([...approvedBefore(tips)], ['a', 'b']);
  assert.deepEqual([...approvedBefore(tips, new Set(['bot']))], ['a', 'b']);
  assert.deepEqual([...approvedBefore(tips, new Set(['merged']))], [], 'without an open pull request');
});

test('an approval changes the digest of a proposal', () => {
  const plan = busyPlan();
  const approval = { cluster: 'prod', namespace: 'web', kind: 'removals', changes: 1, digest: 'a' } as const;
  const digests = [plan, { ...plan, approved: [approval] }].map((it) => scopeOf(it).digest);
  assert.notEqual(digests[0], digests[1]);
});
