import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProposal } from '../../src/commands/describe.ts';
import type { Proposal, ProposalAction } from '../../src/model/proposal.ts';

const branch = 'athenz-gitops/main/prod';
const of = { generator: 'rbac', scope: 'prod', branch } as const;
const url = 'https://github.com/acme/gitops/pull/7';
const pull = { pull: { number: 7, url, state: 'open' } } as const;
const held = { reason: 'the rest needs approval (5 changes)' };

const outcomes: readonly (readonly [ProposalAction, Partial<Proposal>, done: string, dry: string])[] = [
  ['create', pull, `Created ${url}.`, `Would create ${url}.`],
  ['update', pull, `Updated ${url}.`, `Would update ${url}.`],
  ['create', {}, `Created a pull request from ${branch}: review it`, `Would create a pull request from ${branch}.`],
  ['delete', {}, `Deleted branch ${branch}: no longer needed.`, `Would delete branch ${branch}: no longer needed.`],
  ['delete', pull, `Closed ${url}: no longer needed.`, `Would close ${url}: no longer needed.`],
  [
    'delete',
    held,
    `Deleted branch ${branch}; the rest needs approval (5 changes).`,
    `Would delete branch ${branch}; the rest needs approval (5 changes).`,
  ],
];

for (const [action, more, done, dry] of outcomes) {
  test(`a dry run does not say that it did: ${done}`, () => {
    const told = (dryRun: boolean) => describeProposal({ ...of, action, ...more }, { kind: 'github', dryRun });
    assert.ok(told(false).startsWith(done), told(false));
    assert.equal(told(true), dry);
  });
}

test('a sentence of a server ends once', () => {
  const proposal = { ...of, action: 'failed', reason: 'File exists.' } as const;
  assert.equal(
    describeProposal(proposal, { kind: 'local', dryRun: false }),
    `Failed to propose ${branch}: File exists.`,
  );
});

test('what is left alone is skipped, with the reason', () => {
  const why = { reason: 'it is locked' };
  for (const [action, expected] of [
    ['up-to-date', `Up to date: ${url} (awaiting merge).`],
    ['leave', `Skipped ${url} because it is locked.`],
    ['waiting', `Skipped ${branch} because it is locked.`],
    ['declined', `Skipped ${branch} because it is locked. Reopen ${url} to propose it again.`],
    ['blocked', `Skipped ${url} because it is locked.`],
    ['superseded', `Skipped ${url} because it is locked.`],
    ['failed', `Failed to propose ${branch}: it is locked.`],
  ] as const) {
    const proposal = { ...of, action, ...why, ...pull };
    for (const dryRun of [false, true]) assert.equal(describeProposal(proposal, { kind: 'github', dryRun }), expected);
  }
});
