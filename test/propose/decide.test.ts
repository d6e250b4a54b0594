import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BranchDecision, type BranchState, type DesiredBranch, decideBranch } from '../../src/propose/decide.ts';
import { allCases, fits, type Pattern } from '../support/cases.ts';

/** One combination of everything that the rules depend on. */
interface Case {
  readonly base: 'differs' | 'equal';
  readonly reads: 'all' | 'some';
  readonly owner: 'no branch' | BranchState['owner'];
  readonly digest: 'same' | 'other' | 'none';
  readonly poll: 'earlier' | 'same' | 'later' | 'none' | 'impossible';
  readonly place: 'free' | 'checked out';
}

const values: { readonly [K in keyof Case]: readonly Case[K][] } = {
  base: ['differs', 'equal'],
  reads: ['all', 'some'],
  owner: ['no branch', 'bot', 'merged', 'human'],
  digest: ['same', 'other', 'none'],
  poll: ['earlier', 'same', 'later', 'none', 'impossible'],
  place: ['free', 'checked out'],
};

const notLater = ['earlier', 'same', 'none', 'impossible'] as const;

/** Each case matches exactly one rule, so their order does not matter. */
const rules: readonly (readonly [
  name: string,
  cases: Pattern<Case>,
  action: BranchDecision['action'],
  reason?: RegExp,
])[] = [
  ['equal, no branch: does nothing', { base: ['equal'], owner: ['no branch'] }, 'none'],
  ['differs, no branch: creates a branch', { base: ['differs'], owner: ['no branch'] }, 'create'],
  ['human commits: blocked', { owner: ['human'] }, 'blocked', /^the branch has foreign commits/],
  ['differs, same digest: up to date', { base: ['differs'], owner: ['bot'], digest: ['same'] }, 'up-to-date'],
  [
    'differs, other digest of a later poll: superseded',
    { base: ['differs'], owner: ['bot'], digest: ['other', 'none'], poll: ['later'] },
    'superseded',
    /later poll/,
  ],
  [
    'differs, other digest, checked out: blocked',
    { base: ['differs'], owner: ['bot'], digest: ['other', 'none'], poll: notLater, place: ['checked out'] },
    'blocked',
    /checked out in \/somewhere/,
  ],
  [
    'differs, other digest: updates the branch',
    { base: ['differs'], owner: ['bot'], digest: ['other', 'none'], poll: notLater, place: ['free'] },
    'update',
  ],
  ['differs, merged: updates the branch', { base: ['differs'], owner: ['merged'], place: ['free'] }, 'update'],
  [
    'differs, merged, checked out: blocked',
    { base: ['differs'], owner: ['merged'], place: ['checked out'] },
    'blocked',
    /checked out/,
  ],
  [
    'equal, some domains unread: leaves the branch',
    { base: ['equal'], reads: ['some'], owner: ['bot', 'merged'] },
    'leave',
    /could not be read/,
  ],
  [
    'equal, branch of a later poll: superseded',
    { base: ['equal'], reads: ['all'], owner: ['bot'], poll: ['later'] },
    'superseded',
    /later poll/,
  ],
  [
    'equal, checked out: blocked',
    { base: ['equal'], reads: ['all'], owner: ['bot'], poll: notLater, place: ['checked out'] },
    'blocked',
    /checked out/,
  ],
  [
    'equal: deletes the branch',
    { base: ['equal'], reads: ['all'], owner: ['bot'], poll: notLater, place: ['free'] },
    'delete',
  ],
  [
    'equal, merged: deletes the branch',
    { base: ['equal'], reads: ['all'], owner: ['merged'], place: ['free'] },
    'delete',
  ],
  [
    'equal, merged, checked out: blocked',
    { base: ['equal'], reads: ['all'], owner: ['merged'], place: ['checked out'] },
    'blocked',
    /checked out/,
  ],
];

const all = allCases<Case>(values);

for (const [name, pattern, action, reason] of rules) {
  test(name, () => {
    const cases = all.filter((it) => fits(it, pattern));
    assert.ok(cases.length > 0);
    for (const it of cases) {
      const decision = decideBranch(desiredOf(it), branchOf(it));
      assert.equal(decision.action, action, JSON.stringify(it));
      if (reason === undefined) assert.equal(decision.reason, undefined);
      else assert.match(decision.reason ?? '', reason);
    }
  });
}

test('each case matches exactly one rule', () => {
  for (const it of all) {
    const names = rules.filter(([, pattern]) => fits(it, pattern)).map(([name]) => name);
    assert.equal(names.length, 1, `${JSON.stringify(it)}: ${names.join(' / ')}`);
  }
});

test('a branch with human commits is never overwritten or deleted', () => {
  for (const it of all.filter(({ owner }) => owner === 'human')) {
    assert.equal(decideBranch(desiredOf(it), branchOf(it)).action, 'blocked');
  }
});

function desiredOf({ base, reads }: Case): DesiredBranch {
  const proposal = base === 'differs' ? { digest: 'sha256:wanted' } : {};
  return { ...proposal, polledAt: '2026-11-21T10:00:00.500Z', uncertain: reads === 'some' };
}

const digests = { same: 'sha256:wanted', other: 'sha256:other', none: undefined } as const;
const polls = {
  earlier: '2026-11-21T10:00:00.499Z',
  same: '2026-11-21T10:00:00.500Z',
  later: '2026-11-21T10:00:00.501Z',
  none: undefined,
  impossible: '9999-12-31T00:00:00.000Z',
} as const;

function branchOf({ owner, digest, poll, place }: Case): BranchState | undefined {
  if (owner === 'no branch') return undefined;
  const digestValue = digests[digest];
  const polledAt = polls[poll];
  return {
    tip: 'a'.repeat(40),
    owner,
    ...(digestValue === undefined ? {} : { digest: digestValue }),
    ...(polledAt === undefined ? {} : { polledAt }),
    ...(place === 'free' ? {} : { checkedOutAt: '/somewhere' }),
  };
}
