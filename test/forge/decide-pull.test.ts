import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BranchState } from '../../src/forge/decide.ts';
import {
  type ClosedPull,
  type DesiredPull,
  decidePull,
  type PullDecision,
  type PullState,
} from '../../src/forge/decide-pull.ts';
import type { PullRequest } from '../../src/model/pull.ts';
import { allCases, fits, type Pattern } from '../support/cases.ts';

// Every case there is, each under exactly one rule. "#1" is the open pull request, "#2" one that somebody closed.

interface Case {
  readonly base: 'differs' | 'as it shall be';
  readonly reads: 'all' | 'some';
  readonly branch: 'none' | 'ours' | 'ours, conflicted' | 'merged' | 'human';
  /** What our commit on the branch proposed. */
  readonly commit: 'same' | 'other';
  readonly poll: 'earlier' | 'later';
  readonly open: 'none' | 'open' | 'to rebuild' | 'retargeted';
  readonly closed: 'none' | 'same' | 'same, to rebuild' | 'other' | 'unmarked';
  readonly room: 'room' | 'full';
}

const values: { readonly [K in keyof Case]: readonly Case[K][] } = {
  base: ['differs', 'as it shall be'],
  reads: ['all', 'some'],
  branch: ['none', 'ours', 'ours, conflicted', 'merged', 'human'],
  commit: ['same', 'other'],
  poll: ['earlier', 'later'],
  open: ['none', 'open', 'to rebuild', 'retargeted'],
  closed: ['none', 'same', 'same, to rebuild', 'other', 'unmarked'],
  room: ['room', 'full'],
};

const differs = { base: ['differs'] } as const;
const equal = { base: ['as it shall be'] } as const;
const open = { open: ['open', 'to rebuild'] } as const;
const none = { open: ['none'] } as const;
const notDeclined = { closed: ['none', 'same, to rebuild', 'other', 'unmarked'] } as const;
const declined = { closed: ['same'] } as const;
const before = { closed: ['same, to rebuild', 'other', 'unmarked'] } as const;
const never = { closed: ['none'] } as const;
/** The branch is there but has to be written anew. */
const anew: readonly Pattern<Case>[] = [
  { branch: ['ours'], commit: ['other'], poll: ['earlier'] },
  { branch: ['ours, conflicted'], poll: ['earlier'] },
  { branch: ['merged'] },
];
const later: readonly Pattern<Case>[] = [
  { branch: ['ours'], commit: ['other'], poll: ['later'] },
  { branch: ['ours, conflicted'], poll: ['later'] },
];
const right: Pattern<Case> = { branch: ['ours'], commit: ['same'] };
const gone: Pattern<Case> = { branch: ['none'] };

type Rule = readonly [name: string, cases: readonly Pattern<Case>[], decision: PullDecision | PullDecision['action']];

const rules: readonly Rule[] = [
  ['equal, no branch: nothing', [{ ...equal, ...gone }], 'none'],
  [
    'equal, ours, open: said why, closed, branch taken away',
    [
      { ...equal, ...open, reads: ['all'], branch: ['ours', 'ours, conflicted'], poll: ['earlier'] },
      { ...equal, ...open, reads: ['all'], branch: ['merged'] },
    ],
    { action: 'withdraw', pull: 1 },
  ],
  [
    'equal, ours, orphan: branch taken away',
    [
      { ...equal, ...none, reads: ['all'], branch: ['ours', 'ours, conflicted'], poll: ['earlier'] },
      { ...equal, ...none, reads: ['all'], branch: ['merged'] },
    ],
    'delete',
  ],
  [
    'equal as far as could be read: left',
    [
      {
        ...equal,
        open: ['none', 'open', 'to rebuild'],
        reads: ['some'],
        branch: ['ours', 'ours, conflicted', 'merged'],
      },
    ],
    'leave',
  ],
  [
    'equal, but a later poll has proposed: left to that',
    [
      {
        ...equal,
        open: ['none', 'open', 'to rebuild'],
        reads: ['all'],
        branch: ['ours', 'ours, conflicted'],
        poll: ['later'],
      },
    ],
    'superseded',
  ],
  ['equal, human commits, open: not closed', [{ ...equal, ...open, branch: ['human'] }], 'blocked'],
  ['equal, human commits, none open: left and told', [{ ...equal, ...none, branch: ['human'] }], 'blocked'],

  [
    'differ, nothing there: pushed and opened',
    [{ ...differs, ...gone, ...none, ...never, room: ['room'] }],
    { action: 'create' },
  ],
  [
    'differ, closed with another digest, or wanted after all: a new one that names it',
    [{ ...differs, ...gone, ...none, ...before, room: ['room'] }],
    { action: 'create', previous: 2 },
  ],
  [
    'differ, closed with the same digest: declined',
    [
      { ...differs, ...gone, ...declined, open: ['none'] },
      { ...differs, ...right, ...declined, open: ['none'] },
      ...anew.map((it) => ({ ...differs, ...it, ...declined, ...none })),
    ],
    { action: 'declined', pull: 2 },
  ],
  [
    'differ, closed with the same digest, another one open: that is not wanted any more either',
    [{ ...differs, ...gone, ...declined, ...open }, ...anew.map((it) => ({ ...differs, ...it, ...declined, ...open }))],
    { action: 'declined', pull: 2, close: 1 },
  ],
  [
    'differ, ours, same digest, open: left alone, text refreshed',
    [{ ...differs, ...right, ...open }],
    { action: 'up-to-date', pull: 1 },
  ],
  [
    'differ, ours, other digest or conflicted or merged earlier, open: rebuilt on the base',
    anew.map((it) => ({ ...differs, ...it, ...open, ...notDeclined })),
    { action: 'update', pull: 1 },
  ],
  [
    'differ, ours or merged earlier, none open: rebuilt and opened',
    anew.map((it) => ({ ...differs, ...it, ...none, ...never, room: ['room'] as const })),
    { action: 'create' },
  ],
  [
    'differ, ours or merged earlier, one closed: rebuilt and opened, naming it',
    anew.map((it) => ({ ...differs, ...it, ...none, ...before, room: ['room'] as const })),
    { action: 'create', previous: 2 },
  ],
  [
    'differ, ours and right, none open: a run was stopped before it opened one',
    [{ ...differs, ...right, ...none, ...never, room: ['room'] }],
    { action: 'announce' },
  ],
  [
    'differ, ours and right, none open, one closed: opened, naming it',
    [{ ...differs, ...right, ...none, ...before, room: ['room'] }],
    { action: 'announce', previous: 2 },
  ],
  [
    'differ, none open, no room for one: waits',
    [gone, right, ...anew].map((it) => ({ ...differs, ...it, ...none, ...notDeclined, room: ['full'] as const })),
    'waiting',
  ],
  [
    'differ, but a later poll has proposed: left to that',
    later.map((it) => ({ ...differs, ...it, open: ['none', 'open', 'to rebuild'] as const })),
    'superseded',
  ],
  [
    'differ, no branch but an open one, which GitHub is about to close: written again',
    [{ ...differs, ...gone, ...open, ...notDeclined }],
    { action: 'update', pull: 1 },
  ],
  ['differ, human commits, open: stopped', [{ ...differs, branch: ['human'], open: ['open'] }], 'blocked'],
  [
    'differ, human commits, open, label rebuild: rebuilt',
    [{ ...differs, branch: ['human'], open: ['to rebuild'] }],
    { action: 'update', pull: 1, rebuilt: true },
  ],
  ['differ, human commits, none open: left and told', [{ ...differs, ...none, branch: ['human'] }], 'blocked'],
  [
    'its target was changed: hands off',
    [
      { open: ['retargeted'], ...differs },
      { open: ['retargeted'], ...equal, branch: ['ours', 'ours, conflicted', 'merged', 'human'] },
    ],
    'blocked',
  ],
];

const all = allCases<Case>(values);

for (const [name, patterns, expected] of rules) {
  test(name, () => {
    const cases = all.filter((it) => patterns.some((pattern) => fits(it, pattern)));
    assert.ok(cases.length > 0);
    for (const it of cases) {
      const decision = decidePull(desiredOf(it), branchOf(it), pullsOf(it));
      if (typeof expected === 'string') assert.equal(decision.action, expected, JSON.stringify(it));
      else assert.deepEqual(decision, expected, JSON.stringify(it));
    }
  });
}

test('each case falls under exactly one of these rules', () => {
  for (const it of all) {
    const names = rules.filter(([, patterns]) => patterns.some((pattern) => fits(it, pattern))).map(([name]) => name);
    assert.equal(names.length, 1, `${JSON.stringify(it)}: ${names.join(' / ')}`);
  }
});

test('commits of people are written over only when one of them says so', () => {
  for (const it of all.filter(({ branch }) => branch === 'human')) {
    const decision = decidePull(desiredOf(it), branchOf(it), pullsOf(it));
    const asked = it.open === 'to rebuild' && it.base === 'differs';
    assert.equal(decision.action, asked ? 'update' : 'blocked', JSON.stringify(it));
  }
});

test('what is blocked says why, and on which pull request', () => {
  const human = { ...all[0], branch: 'human' } as Case;
  assert.match(reasonFor({ ...human, open: 'open' }), /^1 somebody has committed to it/);
  assert.match(reasonFor({ ...human, open: 'none' }), /^undefined somebody has committed to it/);
  assert.match(reasonFor({ ...human, open: 'retargeted' }), /^1 its target was changed to release: /);
});

function reasonFor(it: Case): string {
  const decision = decidePull(desiredOf(it), branchOf(it), pullsOf(it));
  return decision.action === 'blocked' ? `${decision.pull} ${decision.reason}` : decision.action;
}

const wanted = 'sha256:wanted';

function desiredOf({ base, reads, room }: Case): DesiredPull {
  return {
    ...(base === 'differs' ? { digest: wanted } : {}),
    polledAt: '2026-11-21T10:00:00.500Z',
    base: 'main',
    uncertain: reads === 'some',
    full: room === 'full',
  };
}

function branchOf({ branch, commit, poll }: Case): BranchState | undefined {
  if (branch === 'none') return undefined;
  return {
    tip: 'a'.repeat(40),
    owner: branch === 'merged' || branch === 'human' ? branch : 'bot',
    digest: commit === 'same' ? wanted : 'sha256:other',
    polledAt: poll === 'later' ? '2026-11-21T10:00:00.501Z' : '2026-11-21T10:00:00.499Z',
    ...(branch === 'ours, conflicted' ? { conflicted: true } : {}),
  };
}

function pullsOf({ open, closed }: Case): PullState {
  return {
    closed: closed === 'none' ? [] : [closedPull(closed)],
    ...(open === 'none' ? {} : { open: openPull(open) }),
  };
}

function openPull(open: Case['open']): PullRequest {
  return {
    number: 1,
    url: 'https://github.example.com/acme/gitops/pull/1',
    state: 'open',
    branch: 'athenz-gitops/main/prod',
    head: 'a'.repeat(40),
    base: open === 'retargeted' ? 'release' : 'main',
    title: '',
    body: '',
    labels: open === 'to rebuild' ? ['athenz-gitops/rebuild'] : [],
    author: 'bot',
    createdAt: '2026-11-20T10:00:00Z',
  };
}

function closedPull(closed: Case['closed']): ClosedPull {
  const digest = closed.startsWith('same') ? wanted : closed === 'other' ? 'sha256:other' : undefined;
  const labels = closed === 'same, to rebuild' ? ['athenz-gitops/rebuild'] : [];
  return { number: 2, labels, ...(digest === undefined ? {} : { digest }) };
}
