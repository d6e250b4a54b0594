import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import { badGateway, type Fault, primaryRateLimit, secondaryRateLimit } from '../support/github/fault.ts';
import type { Incoming } from '../support/github/server.ts';
import {
  type GitHubFixture,
  type GitHubFixtureOptions,
  openGitHubFixture,
  proposed,
} from '../support/github-fixture.ts';

type Which = (request: Incoming) => boolean;

const creates: Which = ({ method, path }) => method === 'POST' && path.endsWith('/pulls');
const pushes: Which = ({ method, path }) => method === 'POST' && path.endsWith('/git-receive-pack');
const lists: Which = ({ method, path }) => method === 'GET' && path.endsWith('/pulls');
const labels: Which = ({ method, path }) => method === 'POST' && path.endsWith('/labels');
const reviews: Which = ({ path }) => path.endsWith('/requested_reviewers');

/** Lets the first few requests of a kind go wrong. */
function fail({ github }: GitHubFixture, which: Which, fault: Fault, times = 1): void {
  let left = times;
  github.intercept((request) => (which(request) && left-- > 0 ? fault : undefined));
}

function status(code: number, message: string): Fault {
  return { kind: 'status', status: code, body: JSON.stringify({ message }) };
}

function told({ proposals }: RunResult): readonly unknown[] {
  return proposals.flatMap(({ action, pull }) => [action, pull?.number]);
}

const soon = () => new Date(Date.now() + 1000);

/** What GitHub does once, and the run comes through all the same. */
const survived: readonly [string, Which, Fault][] = [
  ['the list is a bad gateway', lists, badGateway()],
  ['the connection breaks during the list', lists, { kind: 'reset' }],
  ['a secondary limit on the list', lists, secondaryRateLimit(1)],
  ['a secondary limit on opening', creates, secondaryRateLimit(1)],
  ['a secondary limit that names no time', creates, secondaryRateLimit()],
  ['a primary limit', lists, primaryRateLimit(soon())],
  ['a bad gateway instead of opening', creates, badGateway()],
  ['a bad gateway after opening', creates, badGateway(true)],
  ['the connection breaks before opening', creates, { kind: 'reset' }],
  ['the answer of opening is lost', creates, { kind: 'reset', effect: true }],
  ['it is not known yet whether it can be merged', creates, { kind: 'computing' }],
];

for (const [name, which, fault] of survived) {
  test(`${name}: there is one pull request, and nothing more to do`, async () => {
    await using fixture = await openGitHubFixture();
    fail(fixture, which, fault);
    assert.deepEqual(told(await fixture.sync()), ['create', 1]);
    fixture.github.intercept(undefined);
    assert.equal(fixture.github.pulls().length, 1);
    assert.ok(fixture.github.pull(1).labels.includes('athenz-gitops'));
    assert.deepEqual(told(await fixture.sync()), ['up-to-date', 1]);
  });
}

test('a pull request that lists do not show yet is found all the same', async () => {
  await using fixture = await openGitHubFixture();
  fail(fixture, creates, { kind: 'hidden', lists: 2 });
  await fixture.sync();
  // The first list is the one of all that are open, the second one that of this branch.
  assert.deepEqual(told(await fixture.sync()), ['create', 1]);
  assert.equal(fixture.github.pulls().length, 1);
  assert.deepEqual(told(await fixture.sync()), ['up-to-date', 1]);
});

test('a limit that asks for hours is left to the next run, and said', async () => {
  await using fixture = await openGitHubFixture();
  fail(fixture, lists, secondaryRateLimit(3600), 100);
  const { err, out } = await fixture.expect(1, ['sync']);
  assert.match(err, /3600 s/);
  assert.match(out, /secondary rate limit/);
  fixture.github.intercept(undefined);
  assert.deepEqual(told(await fixture.sync()), ['create', 1]);
});

/** What a run cannot get past: it says why, and the next one goes on. */
const fatal: readonly [string, Which, Fault, RegExp][] = [
  ['the token is refused', lists, status(401, 'Bad credentials'), /401: Bad credentials/],
  ['opening is forbidden', creates, status(403, 'Resource not accessible by integration'), /403: Resource not acc/],
  ['the repository is not to be seen', lists, status(404, 'Not Found'), /404: Not Found/],
  ['the push is forbidden', pushes, { kind: 'status', status: 403, body: 'no' }, /pushing to origin: .*403/s],
  ['GitHub is away', lists, { kind: 'reset' }, /listing pull requests/],
];

for (const [name, which, fault, reason] of fatal) {
  test(`${name}: the run fails and says so`, async () => {
    await using fixture = await openGitHubFixture();
    fail(fixture, which, fault, 100);
    const [proposal] = (await fixture.sync(1)).proposals;
    assert.equal(proposal?.action, 'failed');
    assert.match(proposal?.reason ?? '', reason);
    fixture.github.intercept(undefined);
    assert.deepEqual(told(await fixture.sync()), ['create', 1]);
    assert.equal(fixture.github.pulls().length, 1);
  });
}

const twoClusters: GitHubFixtureOptions = {
  config: (text) =>
    text.replace(
      'roles:\n',
      '  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/dev/*]}}\n\nroles:\n',
    ),
};

for (const [name, which] of [
  ['opening', creates],
  ['the push', pushes],
] as const) {
  test(`one scope fails at ${name}, and the other one is proposed`, async () => {
    await using fixture = await openGitHubFixture(twoClusters);
    await fixture.commit({ 'clusters/dev/namespaces.yaml': '[search]\n' });
    fixture.publish();
    fail(fixture, which, status(403, 'no'));
    const { proposals } = await fixture.sync(1);
    assert.deepEqual(
      proposals.map(({ scope, action }) => [scope, action]),
      [
        ['dev', 'failed'],
        ['prod', 'create'],
      ],
    );
    fixture.github.intercept(undefined);
    const next = await fixture.sync();
    assert.deepEqual(
      next.proposals.map(({ action }) => action),
      ['create', 'up-to-date'],
    );
  });
}

test('a push whose answer is lost, or a run that ends before it opens, is announced by the next run', async () => {
  for (const [which, fault] of [
    [pushes, { kind: 'reset', effect: true }],
    [creates, status(403, 'no')],
  ] as const) {
    await using fixture = await openGitHubFixture();
    const { github } = fixture;
    fail(fixture, which, fault, 100);
    await fixture.sync(1);
    github.intercept(undefined);
    const tip = github.git.branches().get(proposed);
    assert.notEqual(tip, undefined);
    assert.deepEqual(told(await fixture.sync()), ['create', 1]);
    assert.equal(github.git.branches().get(proposed), tip, 'nothing is pushed again');
  }
});

test('labels, comments and reviewers that fail are warnings', async () => {
  const config = (text: string) =>
    text.replace('kind: github', 'kind: github\n  reviewers: [hubot, nobody, team/infra]');
  await using fixture = await openGitHubFixture({ config });
  const { github } = fixture;
  fail(
    fixture,
    (request) => labels(request) || (reviews(request) && request.body.includes('nobody')),
    status(422, 'Nope'),
    100,
  );
  const { err } = await fixture.expect(0, ['sync']);
  assert.match(err, /labelling pull request #1: 422: Nope/);
  assert.match(err, /asking for a review of pull request #1: 422: Nope/);
  assert.deepEqual(github.pull(1).reviewers, ['hubot'], 'one name that is refused does not drop the others');
  assert.deepEqual(github.pull(1).teamReviewers, ['infra']);
  const asked = github.requests.filter(reviews).length;
  await fixture.sync();
  assert.equal(github.requests.filter(reviews).length, asked, 'nobody is asked again');

  github.humanCommit(proposed, { 'notes.md': 'mine\n' });
  fail(fixture, ({ path }) => path.endsWith('/comments'), status(403, 'Nope'), 100);
  const blocked = await fixture.expect(4, ['sync']);
  assert.match(blocked.err, /commenting on pull request #1: 403: Nope/);
});
