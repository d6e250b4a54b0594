import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnProposal } from '../../src/git/own-proposal.ts';
import { judge, type MergeFacts } from '../../src/guard/verdict.ts';

const at = (path: string, after = '1') => ({ path, before: '100644 0', after: `100644 ${after}` });
const commit = (...paths: readonly string[]) => ({
  commit: 'c',
  parents: ['p'],
  differences: paths.map((it) => at(it)),
});
const proposal = (stale: boolean, ...paths: readonly string[]): OwnProposal => ({
  changes: paths.map((it) => at(it)),
  stale,
});
const nothing: MergeFacts = { conflicts: [], merged: [], commits: [], rebased: [] };

const passing: readonly (readonly [string, MergeFacts, readonly OwnProposal[]])[] = [
  ['nothing of ours', nothing, []],
  ['what a proposal changes', { ...nothing, merged: [at('a')], commits: [commit('a')] }, [proposal(false, 'a')]],
  ['what a proposal changes by rebase', { ...nothing, rebased: [commit('a')] }, [proposal(false, 'a')]],
  ['part of a proposal', { ...nothing, merged: [at('a')] }, [proposal(false, 'a', 'b')]],
  ['two proposals', { ...nothing, merged: [at('a'), at('b')] }, [proposal(false, 'a'), proposal(false, 'b')]],
];
for (const [what, facts, proposals] of passing) {
  test(`guard passes ${what}`, () => {
    assert.deepEqual(judge(facts, proposals), { kind: 'passed', files: facts.merged.length });
  });
}

const refused: readonly (readonly [string, MergeFacts, readonly OwnProposal[], boolean])[] = [
  ['a conflict', { ...nothing, conflicts: ['README.md'] }, [proposal(false, 'a')], false],
  ['a changed file', { ...nothing, merged: [at('a')] }, [], false],
  ['a commit that another one reverts', { ...nothing, commits: [commit('a')] }, [], false],
  ['a commit that a rebase carries into a file', { ...nothing, rebased: [commit('a')] }, [], false],
  ['a file beside a proposal', { ...nothing, merged: [at('a'), at('b')] }, [proposal(false, 'a')], false],
  ['other content than proposed', { ...nothing, merged: [at('a', '2')] }, [proposal(false, 'a')], false],
  ['a stale proposal', { ...nothing, merged: [at('a')] }, [proposal(true, 'a')], true],
  ['a file beside another stale proposal', { ...nothing, merged: [at('a')] }, [proposal(true, 'b')], false],
];
for (const [what, facts, proposals, stale] of refused) {
  test(`guard refuses ${what}`, () => {
    const verdict = judge(facts, proposals);
    assert.equal(verdict.kind, 'refused');
    assert.equal(verdict.stale, stale);
  });
}

test('guard names a commit and its file once', () => {
  const verdict = judge({ ...nothing, commits: [commit('a')], rebased: [commit('a', 'b')] }, []);
  const paths = verdict.kind === 'refused' && [verdict.commits, verdict.rebased].map(([it]) => it?.paths);
  assert.deepEqual(paths, [['a'], ['b']]);
});
