import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BranchState, type Decision, type Desired, decideBranch } from '../../src/forge/decide.ts';
import { allCases, fits, type Pattern } from '../support/cases.ts';

/** Every case there is, in the terms of the rules. */
interface Case {
  readonly base: 'differs' | 'as it shall be';
  readonly reads: 'all' | 'some';
  readonly owner: 'no branch' | BranchState['owner'];
  readonly digest: 'same' | 'other' | 'none';
  readonly poll: 'earlier' | 'same' | 'later' | 'none';
  readonly place: 'free' | 'checked out';
}

const values: { readonly [K in keyof Case]: readonly Case[K][] } = {
  base: ['differs', 'as it shall be'],
  reads: ['all', 'some'],
  owner: ['no branch', 'bot', 'merged', 'human'],
  digest: ['same', 'other', 'none'],
  poll: ['earlier', 'same', 'later', 'none'],
  place: ['free', 'checked out'],
};

const notLater = ['earlier', 'same', 'none'] as const;

/** No case fits two rules, and none is left over: the order of the rules says nothing. */
const rules: readonly (readonly [name: string, cases: Pattern<Case>, action: Decision['action'], reason?: RegExp])[] = [
  ['nothing to propose and no branch: nothing', { base: ['as it shall be'], owner: ['no branch'] }, 'none'],
  ['something to propose and no branch: a new one', { base: ['differs'], owner: ['no branch'] }, 'create'],
  [
    'somebody has committed to it: hands off, whatever is wanted',
    { owner: ['human'] },
    'blocked',
    /^somebody has committed/,
  ],
  ['proposed already: nothing', { base: ['differs'], owner: ['bot'], digest: ['same'] }, 'up-to-date'],
  [
    'proposed otherwise, from a later poll: that one knows better',
    { base: ['differs'], owner: ['bot'], digest: ['other', 'none'], poll: ['later'] },
    'superseded',
    /later poll/,
  ],
  [
    'proposed otherwise and checked out: nobody’s files are turned upside down',
    { base: ['differs'], owner: ['bot'], digest: ['other', 'none'], poll: notLater, place: ['checked out'] },
    'blocked',
    /checked out in \/somewhere/,
  ],
  [
    'proposed otherwise: proposed anew',
    { base: ['differs'], owner: ['bot'], digest: ['other', 'none'], poll: notLater, place: ['free'] },
    'update',
  ],
  [
    'merged and something new to propose: proposed anew, whatever the merged commit said',
    { base: ['differs'], owner: ['merged'], place: ['free'] },
    'update',
  ],
  [
    'merged, something new, and checked out: blocked',
    { base: ['differs'], owner: ['merged'], place: ['checked out'] },
    'blocked',
    /checked out/,
  ],
  [
    'nothing to propose but not everything was read: the proposal stays',
    { base: ['as it shall be'], reads: ['some'], owner: ['bot', 'merged'] },
    'leave',
    /could not be read/,
  ],
  [
    'nothing to propose, but a later poll has proposed something',
    { base: ['as it shall be'], reads: ['all'], owner: ['bot'], poll: ['later'] },
    'superseded',
    /later poll/,
  ],
  [
    'not needed any more but checked out: blocked',
    { base: ['as it shall be'], reads: ['all'], owner: ['bot'], poll: notLater, place: ['checked out'] },
    'blocked',
    /checked out/,
  ],
  [
    'not needed any more: taken away',
    { base: ['as it shall be'], reads: ['all'], owner: ['bot'], poll: notLater, place: ['free'] },
    'delete',
  ],
  [
    'merged and not needed any more: taken away',
    { base: ['as it shall be'], reads: ['all'], owner: ['merged'], place: ['free'] },
    'delete',
  ],
  [
    'merged, not needed any more, and checked out: blocked',
    { base: ['as it shall be'], reads: ['all'], owner: ['merged'], place: ['checked out'] },
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

test('each case falls under exactly one of these rules', () => {
  for (const it of all) {
    const names = rules.filter(([, pattern]) => fits(it, pattern)).map(([name]) => name);
    assert.equal(names.length, 1, `${JSON.stringify(it)}: ${names.join(' / ')}`);
  }
});

test('a human’s branch is never created over, moved or deleted', () => {
  for (const it of all.filter(({ owner }) => owner === 'human')) {
    assert.equal(decideBranch(desiredOf(it), branchOf(it)).action, 'blocked');
  }
});

function desiredOf({ base, reads }: Case): Desired {
  const wanted = base === 'differs' ? { digest: 'sha256:wanted' } : {};
  return { ...wanted, polledAt: '2026-11-21T10:00:00.500Z', uncertain: reads === 'some' };
}

const digests = { same: 'sha256:wanted', other: 'sha256:other', none: undefined } as const;
const polls = {
  earlier: '2026-11-21T10:00:00.499Z',
  same: '2026-11-21T10:00:00.500Z',
  later: '2026-11-21T10:00:00.501Z',
  none: undefined,
} as const;

function branchOf({ owner, digest, poll, place }: Case): BranchState | undefined {
  if (owner === 'no branch') return undefined;
  const said = digests[digest];
  const polledAt = polls[poll];
  return {
    tip: 'a'.repeat(40),
    owner,
    ...(said === undefined ? {} : { digest: said }),
    ...(polledAt === undefined ? {} : { polledAt }),
    ...(place === 'free' ? {} : { checkedOutAt: '/somewhere' }),
  };
}
