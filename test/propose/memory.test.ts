import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Generator } from '../../src/core/generator.ts';
import type { Plan } from '../../src/core/plan.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { type EndedAccess, endedAccess, toProof } from '../../src/generators/rbac/proof.ts';
import { noteRef } from '../../src/git/base-refs.ts';
import { defaultOwner } from '../../src/model/owner.ts';
import { memoryText, orphanedProofs, parseMemory } from '../../src/propose/memory.ts';
import { rememberProofs } from '../../src/propose/proofs.ts';
import { createPublisher } from '../../src/propose/publish.ts';
import type { Run } from '../../src/propose/run.ts';
import type { OwnState, OwnTips } from '../../src/propose/tips.ts';
import type { GitWorkspace } from '../../src/run/workspace.ts';
import { configWith } from '../support/config.ts';
import { workspaceIn } from '../support/git-workspace.ts';
import { scopeWith } from '../support/proposal.ts';
import { makeRepository, refsOf } from '../support/repository.ts';
import { subjectOf } from '../support/roles.ts';

const now = '2026-11-21T02:57:00.000Z';
const place = { cluster: 'prod', namespace: 'payments', role: 'admins' };
const suspended: EndedAccess = { ...place, subject: subjectOf('user.ada'), reason: 'suspended', polled: now };
const expired: EndedAccess = { ...place, subject: subjectOf('web/bot'), reason: 'expired', detail: now, polled: now };

function textOf(ended: readonly EndedAccess[]): string {
  return memoryText(ended.map(toProof));
}

/** What is read back of it now. */
function parse(text: string): readonly EndedAccess[] {
  return parseMemory(text, rbac, now).map(endedAccess);
}

test('what is remembered is read back, one proof a line', () => {
  const text = textOf([suspended, expired]);
  assert.deepEqual(parse(text), [suspended, expired]);
  assert.equal(text.split('\n').length, 5);
});

test('what is not a proof counts as absent, and so does a poll that has not been', () => {
  const text = textOf([
    suspended,
    { ...suspended, polled: '2026-11-21T02:57:00.001Z' },
    { ...suspended, polled: '9999' },
    { ...suspended, reason: 'not-a-member' as never },
    { ...suspended, more: 1 } as never,
  ]);
  // What is not a field of a proof is not written, so that the last one is as good as the first.
  assert.deepEqual(parse(text), [suspended, suspended]);
  for (const bad of [
    '',
    'null',
    '[]',
    '{"format":"athenz-gitops proofs 2","proofs":[]}',
    '{"format":"athenz-gitops proofs 1"}',
  ]) {
    assert.deepEqual(parse(bad), []);
  }
});

test('the note of a scope that is gone keeps only what no other note has', () => {
  const [old, other] = ['refs/notes/old', 'refs/notes/new'];
  const memory = (proofs: readonly EndedAccess[]) => ({ owner: 'rbac:prod', polled: now, text: textOf(proofs) });
  const kept = (memories: ReadonlyMap<string, ReturnType<typeof memory>>, alive: readonly EndedAccess[]) =>
    orphanedProofs({ memories }, old, alive.map(toProof), rbac, now).map(endedAccess);
  const both = [suspended, expired];
  assert.deepEqual(kept(new Map([[old, memory(both)]]), [suspended]), [suspended]);
  assert.deepEqual(
    kept(
      new Map([
        [old, memory(both)],
        [other, memory([suspended])],
      ]),
      both,
    ),
    [expired],
  );
  assert.deepEqual(kept(new Map([[other, memory(both)]]), both), []);
});

const gone = 'athenz-gitops/main/gone';
const noTips: OwnTips = {
  branches: new Map(),
  notes: new Map(),
  memories: new Map(),
  foreign: new Map(),
  foreignNotes: new Map(),
};

for (const [which, polled, stays] of [
  ['an earlier poll', '2026-11-21T02:56:59.000Z', false],
  ['a later poll', '2026-11-21T02:57:01.000Z', true],
  ['a poll of this instant', '2026-11-21T03:00:00.000Z', true],
  ['a poll that has not been yet', '2026-11-21T03:00:00.001Z', false],
] as const) {
  test(`what ${which} has left ${stays ? 'stays' : 'is brought up to date'}`, async () => {
    await using repository = await makeRepository();
    const note = await repository.commit();
    const ref = noteRef(gone);
    repository.git('update-ref', ref, note);
    const memory = { owner: defaultOwner, polled, text: textOf([suspended]) };
    const tips = { ...noTips, notes: new Map([[ref, note]]), memories: new Map([[ref, memory]]) };
    const run = {
      io: { clock: { now: () => Date.parse('2026-11-21T03:00:00.000Z') } },
      workspace: workspaceIn(repository, configWith('forge', { kind: 'local', remote: null })),
      // Nothing is left to remember.
      assessment: { generator: rbac as Generator, plan: { proofs: [] as Plan['proofs'] }, asOf: now },
    } as Run;
    await rememberProofs(run, { key: 'gone', branch: gone }, tips);
    assert.equal(refsOf(repository.dir, ref), stays ? `${ref} ${note}` : '');
  });
}

test('what belongs to no scope is withdrawn, also where all that is left of it is a note', async () => {
  const own = (scope: string) => `athenz-gitops/main/${scope}`;
  const memory = { owner: defaultOwner, polled: now, text: textOf([suspended]) };
  const state: Omit<OwnState, 'tree'> = {
    ...noTips,
    base: { commit: '1'.repeat(40), branch: 'main' },
    claim: { owner: defaultOwner, folders: [], others: [] },
    branches: new Map(['prod', 'old'].map((it) => [own(it), { name: own(it), tip: '', owner: 'bot' }] as const)),
    memories: new Map(['prod', 'old', 'gone'].map((it) => [noteRef(own(it)), memory])),
  };
  const tried: string[] = [];
  const publisher = createPublisher(
    { repository: { git: {} } } as GitWorkspace,
    state as OwnState,
    rbac,
    async ({ key }) => {
      tried.push(key);
      return { action: key === 'gone' ? 'none' : 'delete' };
    },
  );
  const withdrawn = await publisher.withdrawOthers([scopeWith([])]);
  assert.deepEqual(tried, ['gone', 'old']);
  assert.deepEqual(withdrawn, [{ generator: 'rbac', scope: 'old', branch: own('old'), action: 'delete' }]);
});
