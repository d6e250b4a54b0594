import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, isDrifted } from '../../src/drift/classify.ts';
import type { DriftState } from '../../src/model/drift.ts';
import { bound, compared, now, type Side, version, type Written } from '../support/drift.ts';

interface Case {
  readonly title: string;
  readonly athenz: Side;
  readonly git: Side;
  readonly live: Side;
  /** Newest first; the first one is git's side as it is. */
  readonly history?: readonly (readonly [number, 'ours' | 'theirs', Side])[];
  readonly more?: Written;
  readonly states: readonly DriftState[];
  readonly note?: RegExp;
}

const day = 24 * 60;

const cases: readonly Case[] = [
  { title: 'the same everywhere', athenz: 'ada', git: 'ada', live: 'ada', states: [] },
  { title: 'nobody, everywhere', athenz: '', git: '', live: '', states: [] },
  { title: 'not there, anywhere', athenz: '-', git: '-', live: '-', states: [] },
  {
    title: 'Athenz has moved on since our last commit',
    athenz: 'ada bob',
    git: 'ada',
    live: 'ada',
    history: [[day, 'ours', 'ada']],
    states: ['waiting-for-merge'],
  },
  {
    title: "git's last change is a person's",
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
    title: 'a person puts into git what Athenz says: nothing differs',
    athenz: 'ada',
    git: 'ada',
    live: 'ada',
    history: [[day, 'theirs', 'ada']],
    states: [],
  },
  {
    title: 'a new role, not proposed yet',
    athenz: 'ada',
    git: '-',
    live: '-',
    states: ['waiting-for-merge'],
  },
  {
    title: 'merged five minutes ago, and the cluster is as git was',
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
    title: 'merged yesterday, and the engine has applied nothing since',
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
    title: 'somebody gives back by hand what a merge of last week has taken',
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
    title: 'what the cluster has was never in git',
    athenz: 'ada',
    git: 'ada',
    live: 'ada eve',
    history: [[day, 'ours', 'ada']],
    more: { written: 30 },
    states: ['changed-in-cluster'],
  },
  {
    title: 'somebody takes out a subject in the cluster',
    athenz: 'ada bob',
    git: 'ada bob',
    live: 'ada',
    history: [[day, 'ours', 'ada bob']],
    states: ['changed-in-cluster'],
  },
  {
    title: 'new in git five minutes ago',
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
    title: 'in git since yesterday, and not in the cluster',
    athenz: 'ada',
    git: 'ada',
    live: '-',
    history: [
      [day, 'ours', 'ada'],
      [day, 'ours', '-'],
    ],
    states: ['missing'],
    note: /^git has it since 2026-11-20$/,
  },
  {
    title: 'the namespace is not in the cluster',
    athenz: 'ada',
    git: 'ada',
    live: '-',
    history: [[day, 'ours', 'ada']],
    more: { namespaceAbsent: true },
    states: ['missing'],
    note: /no such namespace/,
  },
  {
    title: 'ours, and git never had it',
    athenz: '-',
    git: '-',
    live: 'ada',
    states: ['orphan'],
    note: /labelled as written by athenz-gitops/,
  },
  {
    title: "an operator's, and git never had it",
    athenz: '-',
    git: '-',
    live: 'ada',
    more: { owner: 'operator' },
    states: ['orphan'],
    note: /an operator left it behind/,
  },
  {
    title: 'it left git five minutes ago',
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
    title: 'it left git yesterday, and the engine does not prune',
    athenz: '-',
    git: '-',
    live: 'ada',
    history: [
      [day, 'ours', '-'],
      [3 * day, 'ours', 'ada'],
    ],
    states: ['orphan'],
    note: /left git on 2026-11-20 .*does not prune/,
  },
  {
    title: "an operator's binding as Athenz has it, before the first merge",
    athenz: 'ada',
    git: '-',
    live: 'ada',
    more: { owner: 'operator' },
    states: ['waiting-for-merge'],
  },
  {
    title: "an operator's binding with somebody who has expired, before the first merge",
    athenz: 'ada',
    git: '-',
    live: 'ada old',
    more: { owner: 'operator' },
    states: ['waiting-for-merge'],
    note: /an operator wrote what is in the cluster; the first apply adopts it/,
  },
  {
    title: 'git asks for what an operator wrote, and nothing has been applied yet',
    athenz: 'ada',
    git: 'ada',
    live: 'ada old',
    history: [
      [day, 'theirs', 'ada'],
      [day, 'theirs', '-'],
    ],
    more: { owner: 'operator', written: 30 * day },
    states: ['waiting-for-engine'],
    note: /an operator wrote what is in the cluster; the first apply adopts it/,
  },
  {
    title: 'the operator went on for a moment after git had asked for what it wrote',
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
    title: 'an operator that still runs takes back what was adopted',
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
    title: 'Athenz has moved on, and somebody has changed the cluster',
    athenz: 'ada bob',
    git: 'ada',
    live: 'ada eve',
    history: [[day, 'ours', 'ada']],
    more: { written: 5 },
    states: ['changed-in-cluster', 'waiting-for-merge'],
  },
  {
    title: 'somebody has added it in git and the engine has not come yet',
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
  { title: 'the cluster could not be read: never missing', athenz: 'ada', git: 'ada', live: '?', states: [] },
  {
    title: 'the cluster could not be read, and Athenz has moved on',
    athenz: 'ada bob',
    git: 'ada',
    live: '?',
    history: [[day, 'ours', 'ada']],
    states: ['waiting-for-merge'],
  },
  { title: 'Athenz could not be read', athenz: '?', git: 'ada', live: 'ada', states: [] },
  {
    title: 'Athenz could not be read, and git asks for nothing: no orphan',
    athenz: '?',
    git: '-',
    live: 'ada',
    states: [],
  },
  {
    title: 'Athenz could not be read, and the cluster is not as git is',
    athenz: '?',
    git: 'ada',
    live: 'ada eve',
    history: [[day, 'ours', 'ada']],
    states: ['changed-in-cluster'],
  },
  { title: 'git cannot be read, and the cluster is as Athenz says', athenz: 'ada', git: '?', live: 'ada', states: [] },
  {
    title: 'git cannot be read, and the cluster is not as Athenz says',
    athenz: 'ada',
    git: '?',
    live: 'ada eve',
    states: ['changed-in-cluster'],
  },
  { title: 'git cannot be read, and the cluster has nothing', athenz: 'ada', git: '?', live: '-', states: ['missing'] },
  {
    title: 'an earlier version that cannot be read says nothing',
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

test('each subject is told with the places that bind it, and those that all bind are not', () => {
  const { subjects } = classify(compared('ada bob', 'ada old', 'ada eve'), new Map(), now);
  assert.deepEqual(
    subjects.map(({ subject, ...places }) => [subject.name, ...Object.values(places)]),
    [
      ['user.bob', true, false, false],
      ['user.eve', false, false, true],
      ['user.old', false, true, false],
    ],
  );
});

test('who wrote it last is told of a change in the cluster, and of no other', () => {
  const changed = classify(compared('ada', 'ada', 'eve', { written: 5 }), new Map(), now);
  assert.equal(changed.written?.manager, 'kubectl-edit');
  const unlikeAthenz = classify(compared('ada', '?', 'eve', { written: 5 }), new Map(), now);
  assert.equal(unlikeAthenz.written?.manager, 'kubectl-edit');
  const waiting = classify(compared('ada bob', 'ada', 'ada', { written: 5 }), new Map(), now);
  assert.equal(waiting.written, undefined);
});

test('of another Role or roleRef it is told whom it is about: those whom the cluster binds', () => {
  const binding = compared('ada', 'ada', 'ada eve');
  const live = { kind: 'value', value: bound('ada eve', 'other') } as const;
  const { permissionDiffers, affected } = classify({ ...binding, live }, new Map(), now);
  assert.deepEqual([permissionDiffers, affected?.map(({ name }) => name)], [true, ['user.ada', 'user.eve']]);
  const same = classify(binding, new Map(), now);
  assert.deepEqual([same.permissionDiffers, same.affected], [false, undefined]);
});
