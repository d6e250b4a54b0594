import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PullRequest } from '../../src/model/pull.ts';
import type { BranchState } from '../../src/propose/decide.ts';
import {
  type ClosedPull,
  type DesiredPull,
  decidePull,
  type PullDecision,
  type PullState,
} from '../../src/propose/decide-pull.ts';
import { allCases, fits, type Pattern } from '../support/cases.ts';

// Every combination matches exactly one rule. Pull request 1 is open, pull request 2 is closed.

interface Case {
  readonly base: 'differs' | 'equal';
  readonly reads: 'all' | 'some';
  readonly branch: 'none' | 'ours' | 'ours, conflicted' | 'merged' | 'human';
  /** The digest of our commit on the branch. */
  readonly commit: 'same' | 'other';
  readonly poll: 'earlier' | 'later';
  readonly open: 'none' | 'open' | 'to rebuild' | 'retargeted';
  readonly closed: 'none' | 'same' | 'same, to rebuild' | 'other' | 'unmarked';
  readonly room: 'room' | 'full';
}

const values: { readonly [K in keyof Case]: readonly Case[K][] } = {
  base: ['differs', 'equal'],
  reads: ['all', 'some'],
  branch: ['none', 'ours', 'ours, conflicted', 'merged', 'human'],
  commit: ['same', 'other'],
  poll: ['earlier', 'later'],
  open: ['none', 'open', 'to rebuild', 'retargeted'],
  closed: ['none', 'same', 'same, to rebuild', 'other', 'unmarked'],
  room: ['room', 'full'],
};

const differs = { base: ['differs'] } as const;
const equal = { base: ['equal'] } as const;
const open = { open: ['open', 'to rebuild'] } as const;
const none = { open: ['none'] } as const;
const notDeclined = { closed: ['none', 'same, to rebuild', 'other', 'unmarked'] } as const;
const declined = { closed: ['same'] } as const;
const notSame = { closed: ['same, to rebuild', 'other', 'unmarked'] } as const;
const noneClosed = { closed: ['none'] } as const;
/** The branch exists but has to be rebuilt. */
const outdated: readonly Pattern<Case>[] = [
  { branch: ['ours'], commit: ['other'], poll: ['earlier'] },
  { branch: ['ours, conflicted'], poll: ['earlier'] },
  { branch: ['merged'] },
];
const later: readonly Pattern<Case>[] = [
  { branch: ['ours'], commit: ['other'], poll: ['later'] },
  { branch: ['ours, conflicted'], poll: ['later'] },
];
const upToDate: Pattern<Case> = { branch: ['ours'], commit: ['same'] };
const noBranch: Pattern<Case> = { branch: ['none'] };

type Rule = readonly [name: string, cases: readonly Pattern<Case>[], decision: PullDecision | PullDecision['action']];

const rules: readonly Rule[] = [
  ['equal, no branch: does nothing', [{ ...equal, ...noBranch }], 'none'],
  [
    'equal, ours, open: withdraws the pull request',
    [
      { ...equal, ...open, reads: ['all'], branch: ['ours', 'ours, conflicted'], poll: ['earlier'] },
      { ...equal, ...open, reads: ['all'], branch: ['merged'] },
    ],
    { action: 'withdraw', pull: 1 },
  ],
  [
    'equal, ours, no pull request: deletes the branch',
    [
      { ...equal, ...none, reads: ['all'], branch: ['ours', 'ours, conflicted'], poll: ['earlier'] },
      { ...equal, ...none, reads: ['all'], branch: ['merged'] },
    ],
    'delete',
  ],
  [
    'equal, some domains unread: leaves the branch',
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
    'equal, branch of a later poll: superseded',
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
  ['equal, human commits, open: blocked', [{ ...equal, ...open, branch: ['human'] }], 'blocked'],
  ['equal, human commits, none open: blocked', [{ ...equal, ...none, branch: ['human'] }], 'blocked'],

  [
    'differs, no branch, no pull request: creates one',
    [{ ...differs, ...noBranch, ...none, ...noneClosed, room: ['room'] }],
    { action: 'create' },
  ],
  [
    'differs, no branch, one closed but not declined: creates one that links to it',
    [{ ...differs, ...noBranch, ...none, ...notSame, room: ['room'] }],
    { action: 'create', previous: 2 },
  ],
  [
    'differs, same digest closed: declined',
    [
      { ...differs, ...noBranch, ...declined, open: ['none'] },
      { ...differs, ...upToDate, ...declined, open: ['none'] },
      ...outdated.map((it) => ({ ...differs, ...it, ...declined, ...none })),
    ],
    { action: 'declined', pull: 2 },
  ],
  [
    'differs, same digest closed, another one open: declined and closes the open one',
    [
      { ...differs, ...noBranch, ...declined, ...open },
      ...outdated.map((it) => ({ ...differs, ...it, ...declined, ...open })),
    ],
    { action: 'declined', pull: 2, close: 1 },
  ],
  [
    'differs, ours, same digest, open: up to date',
    [{ ...differs, ...upToDate, ...open }],
    { action: 'up-to-date', pull: 1 },
  ],
  [
    'differs, outdated branch, open: rebuilds the branch',
    outdated.map((it) => ({ ...differs, ...it, ...open, ...notDeclined })),
    { action: 'update', pull: 1 },
  ],
  [
    'differs, outdated branch, no pull request: rebuilds and creates one',
    outdated.map((it) => ({ ...differs, ...it, ...none, ...noneClosed, room: ['room'] as const })),
    { action: 'create' },
  ],
  [
    'differs, outdated branch, one closed: rebuilds and creates one that links to it',
    outdated.map((it) => ({ ...differs, ...it, ...none, ...notSame, room: ['room'] as const })),
    { action: 'create', previous: 2 },
  ],
  [
    'differs, ours, same digest, no pull request: opens the missing one',
    [{ ...differs, ...upToDate, ...none, ...noneClosed, room: ['room'] }],
    { action: 'announce' },
  ],
  [
    'differs, ours, same digest, one closed: opens one that links to it',
    [{ ...differs, ...upToDate, ...none, ...notSame, room: ['room'] }],
    { action: 'announce', previous: 2 },
  ],
  [
    'differs, none open, limit of pull requests reached: waits',
    [noBranch, upToDate, ...outdated].map((it) => ({
      ...differs,
      ...it,
      ...none,
      ...notDeclined,
      room: ['full'] as const,
    })),
    'waiting',
  ],
  [
    'differs, branch of a later poll: superseded',
    later.map((it) => ({ ...differs, ...it, open: ['none', 'open', 'to rebuild'] as const })),
    'superseded',
  ],
  [
    'differs, no branch, open: pushes the branch again',
    [{ ...differs, ...noBranch, ...open, ...notDeclined }],
    { action: 'update', pull: 1 },
  ],
  ['differs, human commits, open: blocked', [{ ...differs, branch: ['human'], open: ['open'] }], 'blocked'],
  [
    'differs, human commits, open, rebuild label: rebuilds the branch',
    [{ ...differs, branch: ['human'], open: ['to rebuild'] }],
    { action: 'update', pull: 1, rebuilt: true },
  ],
  ['differs, human commits, none open: blocked', [{ ...differs, ...none, branch: ['human'] }], 'blocked'],
  [
    'a retargeted pull request is blocked',
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

test('each case matches exactly one rule', () => {
  for (const it of all) {
    const names = rules.filter(([, patterns]) => patterns.some((pattern) => fits(it, pattern))).map(([name]) => name);
    assert.equal(names.length, 1, `${JSON.stringify(it)}: ${names.join(' / ')}`);
  }
});

test('human commits are overwritten only with the rebuild label', () => {
  for (const it of all.filter(({ branch }) => branch === 'human')) {
    const decision = decidePull(desiredOf(it), branchOf(it), pullsOf(it));
    const rebuild = it.open === 'to rebuild' && it.base === 'differs';
    assert.equal(decision.action, rebuild ? 'update' : 'blocked', JSON.stringify(it));
  }
});

test('a blocked decision gives its reason and pull request', () => {
  const human = { ...all[0], branch: 'human' } as Case;
  assert.match(reasonFor({ ...human, open: 'open' }), /^1 the branch has foreign commits/);
  assert.match(reasonFor({ ...human, open: 'none' }), /^undefined the branch has foreign commits/);
  assert.match(reasonFor({ ...human, open: 'retargeted' }), /^1 its target was changed to release: /);
});

function reasonFor(it: Case): string {
  const decision = decidePull(desiredOf(it), branchOf(it), pullsOf(it));
  return decision.action === 'blocked' ? `${decision.pull} ${decision.reason}` : decision.action;
}

const desiredDigest = 'sha256:wanted';

function desiredOf({ base, reads, room }: Case): DesiredPull {
  return {
    ...(base === 'differs' ? { digest: desiredDigest } : {}),
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
    digest: commit === 'same' ? desiredDigest : 'sha256:other',
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
  const digest = closed.startsWith('same') ? desiredDigest : closed === 'other' ? 'sha256:other' : undefined;
  const labels = closed === 'same, to rebuild' ? ['athenz-gitops/rebuild'] : [];
  return { number: 2, labels, ...(digest === undefined ? {} : { digest }) };
}
