import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, isDrifted } from '../../src/drift/classify.ts';
import type { DriftState } from '../../src/drift/result.ts';
import { bound, compared, now, type Side, version, type Written } from '../support/drift.ts';

interface Case {
  readonly title: string;
  readonly athenz: Side;
  readonly git: Side;
  readonly live: Side;
  /** Minutes ago, author and version; newest first, starting with the current one. */
  readonly history?: readonly (readonly [number, 'ours' | 'theirs', Side])[];
  readonly more?: Written;
  readonly states: readonly DriftState[];
  readonly note?: RegExp;
}

const day = 24 * 60;

const cases: readonly Case[] = [
  { title: 'in sync', athenz: 'ada', git: 'ada', live: 'ada', states: [] },
  { title: 'empty everywhere', athenz: '', git: '', live: '', states: [] },
  { title: 'absent everywhere', athenz: '-', git: '-', live: '-', states: [] },
  {
    title: 'Athenz changed since the last commit',
    athenz: 'ada bob',
    git: 'ada',
    live: 'ada',
    history: [[day, 'ours', 'ada']],
    states: ['waiting-for-merge'],
  },
  {
    title: 'the last change in git was manual',
    athenz: 'ada',
    git: 'ada eve',
    live: 'ada eve',
    history: [
      [day, 'theirs', 'ada eve'],
      [2 * day, 'ours', 'ada'],
    ],
    states: ['changed-in-git'],
  },
  {
    title: 'a manual change in git that matches Athenz is no drift',
    athenz: 'ada',
    git: 'ada',
    live: 'ada',
    history: [[day, 'theirs', 'ada']],
    states: [],
  },
  {
    title: 'a new role that is not proposed yet',
    athenz: 'ada',
    git: '-',
    live: '-',
    states: ['waiting-for-merge'],
  },
  {
    title: 'merged five minutes ago, the cluster has the previous version',
    athenz: 'ada bob',
    git: 'ada bob',
    live: 'ada',
    history: [
      [5, 'ours', 'ada bob'],
      [day, 'ours', 'ada'],
    ],
    more: { written: day },
    states: ['waiting-for-engine'],
  },
  {
    title: 'merged yesterday, the GitOps controller has not applied it',
    athenz: 'ada',
    git: 'ada',
    live: 'ada bob',
    history: [
      [day, 'ours', 'ada'],
      [3 * day, 'ours', 'ada bob'],
    ],
    more: { written: 2 * day },
    states: ['waiting-for-engine'],
  },
  {
    title: 'removed in git last week, added back by hand in the cluster',
    athenz: 'ada',
    git: 'ada',
    live: 'ada bob',
    history: [
      [7 * day, 'ours', 'ada'],
      [9 * day, 'ours', 'ada bob'],
    ],
    more: { written: 30 },
    states: ['changed-in-cluster'],
  },
  {
    title: 'the cluster has a version that was never in git',
    athenz: 'ada',
    git: 'ada',
    live: 'ada eve',
    history: [[day, 'ours', 'ada']],
    more: { written: 30 },
    states: ['changed-in-cluster'],
  },
  {
    title: 'a subject was removed in the cluster',
    athenz: 'ada bob',
    git: 'ada bob',
    live: 'ada',
    history: [[day, 'ours', 'ada bob']],
    states: ['changed-in-cluster'],
  },
  {
    title: 'added to git five minutes ago',
    athenz: 'ada',
    git: 'ada',
    live: '-',
    history: [
      [5, 'ours', 'ada'],
      [5, 'ours', '-'],
    ],
    states: ['waiting-for-engine'],
  },
  {
    title: 'in git since yesterday, missing in the cluster',
    athenz: 'ada',
    git: 'ada',
    live: '-',
    history: [
      [day, 'ours', 'ada'],
      [day, 'ours', '-'],
    ],
    states: ['missing'],
    note: /^in git since 2026-11-20$/,
  },
  {
    title: 'the namespace does not exist in the cluster',
    athenz: 'ada',
    git: 'ada',
    live: '-',
    history: [[day, 'ours', 'ada']],
    more: { namespaceAbsent: true },
    states: ['missing'],
    note: /no such namespace/,
  },
  {
    title: 'a managed binding that was never in git',
    athenz: '-',
    git: '-',
    live: 'ada',
    states: ['orphan'],
    note: /labelled as written by athenz-gitops/,
  },
  {
    title: 'an operator binding that was never in git',
    athenz: '-',
    git: '-',
    live: 'ada',
    more: { owner: 'operator' },
    states: ['orphan'],
    note: /left behind by an operator/,
  },
  {
    title: 'removed from git five minutes ago',
    athenz: '-',
    git: '-',
    live: 'ada',
    history: [
      [5, 'ours', '-'],
      [day, 'ours', 'ada'],
    ],
    states: ['waiting-for-engine'],
  },
  {
    title: 'removed from git yesterday, the GitOps controller does not prune',
    athenz: '-',
    git: '-',
    live: 'ada',
    history: [
      [day, 'ours', '-'],
      [3 * day, 'ours', 'ada'],
    ],
    states: ['orphan'],
    note: /removed from git on 2026-11-20 .*not pruned/,
  },
  {
    title: 'an operator binding that matches Athenz, before the first merge',
    athenz: 'ada',
    git: '-',
    live: 'ada',
    more: { owner: 'operator' },
    states: ['waiting-for-merge'],
  },
  {
    title: 'an operator binding with an expired member, before the first merge',
    athenz: 'ada',
    git: '-',
    live: 'ada old',
    more: { owner: 'operator' },
    states: ['waiting-for-merge'],
    note: /written by an operator; the first apply adopts it/,
  },
  {
    title: 'an operator binding in git that is not applied yet',
    athenz: 'ada',
    git: 'ada',
    live: 'ada old',
    history: [
      [day, 'theirs', 'ada'],
      [day, 'theirs', '-'],
    ],
    more: { owner: 'operator', written: 30 * day },
    states: ['waiting-for-engine'],
    note: /written by an operator; the first apply adopts it/,
  },
  {
    title: 'the operator wrote once more after its objects were imported',
    athenz: 'ada',
    git: 'ada',
    live: 'ada old',
    history: [
      [30, 'ours', 'ada'],
      [60, 'theirs', 'ada bob'],
      [60, 'theirs', '-'],
    ],
    more: { owner: 'operator', written: 55 },
    states: ['waiting-for-engine'],
  },
  {
    title: 'a running operator reverts what was adopted',
    athenz: 'ada',
    git: 'ada',
    live: 'ada old',
    history: [
      [30, 'ours', 'ada'],
      [day, 'theirs', 'ada bob'],
      [day, 'theirs', '-'],
    ],
    more: { owner: 'operator', written: 20 },
    states: ['changed-in-cluster'],
  },
  {
    title: 'Athenz and the cluster both changed',
    athenz: 'ada bob',
    git: 'ada',
    live: 'ada eve',
    history: [[day, 'ours', 'ada']],
    more: { written: 5 },
    states: ['changed-in-cluster', 'waiting-for-merge'],
  },
  {
    title: 'added by hand in git, not applied yet',
    athenz: 'ada',
    git: 'ada eve',
    live: 'ada',
    history: [
      [5, 'theirs', 'ada eve'],
      [day, 'ours', 'ada'],
    ],
    more: { written: day },
    states: ['changed-in-git', 'waiting-for-engine'],
  },
  { title: 'an unreadable cluster does not count as missing', athenz: 'ada', git: 'ada', live: '?', states: [] },
  {
    title: 'the cluster is unreadable and Athenz changed',
    athenz: 'ada bob',
    git: 'ada',
    live: '?',
    history: [[day, 'ours', 'ada']],
    states: ['waiting-for-merge'],
  },
  { title: 'Athenz is unreadable', athenz: '?', git: 'ada', live: 'ada', states: [] },
  {
    title: 'Athenz is unreadable and git has nothing: not orphaned',
    athenz: '?',
    git: '-',
    live: 'ada',
    states: [],
  },
  {
    title: 'Athenz is unreadable, the cluster differs from git',
    athenz: '?',
    git: 'ada',
    live: 'ada eve',
    history: [[day, 'ours', 'ada']],
    states: ['changed-in-cluster'],
  },
  { title: 'git is unreadable, the cluster matches Athenz', athenz: 'ada', git: '?', live: 'ada', states: [] },
  {
    title: 'git is unreadable, the cluster differs from Athenz',
    athenz: 'ada',
    git: '?',
    live: 'ada eve',
    states: ['changed-in-cluster'],
  },
  { title: 'git is unreadable, the cluster has nothing', athenz: 'ada', git: '?', live: '-', states: ['missing'] },
  {
    title: 'an unreadable earlier version is ignored',
    athenz: 'ada',
    git: 'ada',
    live: 'eve',
    history: [
      [5, 'ours', 'ada'],
      [day, 'theirs', '?'],
    ],
    states: ['changed-in-cluster'],
  },
];

for (const { title, athenz, git, live, history = [], more, states, note } of cases) {
  test(title, () => {
    const binding = compared(athenz, git, live, more);
    assert.equal(isDrifted(binding), states.length > 0);
    if (states.length === 0) return;
    const drifted = classify(binding, new Map([['f.yaml', history.map(version)]]), now);
    assert.deepEqual(drifted.states, states);
    if (note !== undefined) assert.match(drifted.note ?? '', note);
  });
}

test('lists each subject that differs with the sides that bind it', () => {
  const { subjects } = classify(compared('ada bob', 'ada old', 'ada eve'), new Map(), now);
  assert.deepEqual(
    subjects.map(({ subject, ...sides }) => [subject.name, ...Object.values(sides)]),
    [
      ['user.bob', true, false, false],
      ['user.eve', false, false, true],
      ['user.old', false, true, false],
    ],
  );
});

test('reports the last writer only for changes in the cluster', () => {
  const changed = classify(compared('ada', 'ada', 'eve', { written: 5 }), new Map(), now);
  assert.equal(changed.written?.manager, 'kubectl-edit');
  const unlikeAthenz = classify(compared('ada', '?', 'eve', { written: 5 }), new Map(), now);
  assert.equal(unlikeAthenz.written?.manager, 'kubectl-edit');
  const waiting = classify(compared('ada bob', 'ada', 'ada', { written: 5 }), new Map(), now);
  assert.equal(waiting.written, undefined);
});

test('a permission difference lists the subjects the cluster binds', () => {
  const binding = compared('ada', 'ada', 'ada eve');
  const live = { kind: 'value', value: bound('ada eve', 'other') } as const;
  const { permissionDiffers, affected } = classify({ ...binding, live }, new Map(), now);
  assert.deepEqual([permissionDiffers, affected?.map(({ name }) => name)], [true, ['user.ada', 'user.eve']]);
  const same = classify(binding, new Map(), now);
  assert.deepEqual([same.permissionDiffers, same.affected], [false, undefined]);
});
