import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badGateway, type Fault, primaryRateLimit, secondaryRateLimit } from '../support/github/fault.ts';
import type { Incoming } from '../support/github/server.ts';
import {
  actionsOf,
  type GitHubFixture,
  type GitHubFixtureOptions,
  openGitHubFixture,
  proposed,
} from '../support/github-fixture.ts';
import { isChaos, sampleOf, shareOf } from '../support/tier.ts';

type Matcher = (request: Incoming) => boolean;

const creates: Matcher = ({ method, path }) => method === 'POST' && path.endsWith('/pulls');
const pushes: Matcher = ({ method, path }) => method === 'POST' && path.endsWith('/git-receive-pack');
const lists: Matcher = ({ method, path }) => method === 'GET' && path.endsWith('/pulls');
const labels: Matcher = ({ method, path }) => method === 'POST' && path.endsWith('/labels');
const reviews: Matcher = ({ path }) => path.endsWith('/requested_reviewers');

/** Makes the first matching requests fail. */
function fail({ github }: GitHubFixture, matches: Matcher, fault: Fault, times = 1): void {
  let left = times;
  github.intercept((request) => (matches(request) && left-- > 0 ? fault : undefined));
}

function status(code: number, message: string): Fault {
  return { kind: 'status', status: code, body: JSON.stringify({ message }) };
}

const soon = () => new Date(Date.now() + 1000);

/** Transient faults that a run recovers from. */
const recoverable: readonly [string, Matcher, Fault][] = [
  ['502 on listing', lists, badGateway()],
  ['connection reset on listing', lists, { kind: 'reset' }],
  ['secondary rate limit on listing', lists, secondaryRateLimit(1)],
  ['secondary rate limit on creation', creates, secondaryRateLimit(1)],
  ['secondary rate limit without a time', creates, secondaryRateLimit()],
  ['primary rate limit', lists, primaryRateLimit(soon())],
  ['502 before creation', creates, badGateway()],
  ['502 after creation', creates, badGateway(true)],
  ['connection reset before creation', creates, { kind: 'reset' }],
  ['connection reset after creation', creates, { kind: 'reset', effect: true }],
  ['mergeability not computed yet', creates, { kind: 'computing' }],
];

/** Before and after what is asked for is done; the decisions are those of the others. */
const sampled = ['secondary rate limit on creation', '502 after creation', 'mergeability not computed yet'];

for (const [name, matches, fault] of sampleOf(recoverable, sampled)) {
  test(`${name}: sync still opens exactly one pull request`, async () => {
    await using fixture = await openGitHubFixture();
    fail(fixture, matches, fault);
    assert.deepEqual(actionsOf(await fixture.sync()), ['create', 1]);
    fixture.github.intercept(undefined);
    assert.equal(fixture.github.pulls().length, 1);
    assert.ok(fixture.github.pull(1).labels.includes('athenz-gitops'));
    if (isChaos) assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  });
}

test('a pull request that is not listed yet is not opened twice', async () => {
  await using fixture = await openGitHubFixture();
  fail(fixture, creates, { kind: 'hidden', lists: 2 });
  await fixture.sync();
  // The first list is of all open pull requests, the second of this branch.
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 1]);
  assert.equal(fixture.github.pulls().length, 1);
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
});

test('a rate limit of an hour fails the run instead of waiting', async () => {
  await using fixture = await openGitHubFixture();
  fail(fixture, lists, secondaryRateLimit(3600), 100);
  const { err, out } = await fixture.expect(1, ['sync']);
  assert.match(err, /3600 s/);
  assert.match(out, /secondary rate limit/);
  fixture.github.intercept(undefined);
  assert.deepEqual(actionsOf(await fixture.sync()), ['create', 1]);
});

/** Faults that fail a run; the next run recovers. */
const fatal: readonly [string, Matcher, Fault, RegExp][] = [
  ['rejected token', lists, status(401, 'Bad credentials'), /401: Bad credentials/],
  ['forbidden creation', creates, status(403, 'Resource not accessible by integration'), /403: Resource not acc/],
  ['invisible repository', lists, status(404, 'Not Found'), /404: Not Found/],
  ['forbidden push', pushes, { kind: 'status', status: 403, body: 'no' }, /pushing to origin: .*403/s],
  ['unreachable GitHub', lists, { kind: 'reset' }, /listing pull requests/],
];

for (const [name, matches, fault, reason] of sampleOf(fatal, ['forbidden push'])) {
  test(`${name}: the run fails with the reason, and the next one succeeds`, async () => {
    await using fixture = await openGitHubFixture();
    fail(fixture, matches, fault, 100);
    const [proposal] = (await fixture.sync(1)).proposals;
    assert.equal(proposal?.action, 'failed');
    assert.match(proposal?.reason ?? '', reason);
    fixture.github.intercept(undefined);
    assert.deepEqual(actionsOf(await fixture.sync()), ['create', 1]);
    assert.equal(fixture.github.pulls().length, 1);
  });
}

test('a forbidden pull request names the way to open it by hand', async () => {
  await using fixture = await openGitHubFixture();
  const refused = 'GitHub Actions is not permitted to create or approve pull requests.';
  fail(fixture, creates, status(403, refused), 100);
  const [proposal] = (await fixture.sync(1)).proposals;
  assert.match(proposal?.reason ?? '', /403: GitHub Actions is not permitted to create or approve pull requests\.$/);
  assert.match(
    proposal?.next ?? '',
    /allow Actions to create pull requests.*\/acme\/gitops\/compare\/main\.\.\.athenz-gitops\/main\/prod\?expand=1$/,
  );
  const { out } = await fixture.expect(1, ['sync']);
  assert.match(out, /Next: allow Actions to create pull requests in the repository settings/);
});

const twoClusters: GitHubFixtureOptions = {
  config: (text) =>
    text.replace(
      'roles:\n',
      '  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/dev/*]}}\n\nroles:\n',
    ),
};

const stops = [
  ['creation', creates],
  ['push', pushes],
] as const;
for (const [name, matches] of sampleOf(stops, ['creation'])) {
  test(`a failed ${name} of one scope does not stop the other`, async () => {
    await using fixture = await openGitHubFixture(twoClusters);
    await fixture.commit({ 'clusters/dev/namespaces.yaml': '[search]\n' });
    fixture.publish();
    fail(fixture, matches, status(403, 'no'));
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

test('the next run opens the pull request of a branch that is already pushed', async () => {
  const stops = [
    [pushes, { kind: 'reset', effect: true }],
    [creates, status(403, 'no')],
  ] as const;
  for (const [matches, fault] of shareOf(stops, 0, 2)) {
    await using fixture = await openGitHubFixture();
    const { github } = fixture;
    fail(fixture, matches, fault, 100);
    await fixture.sync(1);
    github.intercept(undefined);
    const tip = github.git.branches().get(proposed);
    assert.notEqual(tip, undefined);
    assert.deepEqual(actionsOf(await fixture.sync()), ['create', 1]);
    assert.equal(github.git.branches().get(proposed), tip, 'nothing is pushed again');
  }
});

test('failures to set labels, reviewers and comments are warnings', async () => {
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
  assert.deepEqual(github.pull(1).reviewers, ['hubot'], 'a rejected reviewer does not drop the others');
  assert.deepEqual(github.pull(1).teamReviewers, ['infra']);
  const reviewRequests = github.requests.filter(reviews).length;
  await fixture.sync();
  assert.equal(github.requests.filter(reviews).length, reviewRequests, 'reviews are requested once');

  github.humanCommit(proposed, { 'notes.md': 'mine\n' });
  fail(fixture, ({ path }) => path.endsWith('/comments'), status(403, 'Nope'), 100);
  const blocked = await fixture.expect(4, ['sync']);
  assert.match(blocked.err, /commenting on pull request #1: 403: Nope/);
});

for (const command of ['sync', 'doctor']) {
  test(`${command} does not wait for a GitHub that hangs when it is stopped`, async () => {
    await using fixture = await openGitHubFixture();
    const stop = new AbortController();
    fixture.github.intercept(({ path }) => {
      if (/\/(info\/refs|git-\w+-pack)$/.test(path)) return undefined;
      setImmediate(() => stop.abort('SIGTERM'));
      return { kind: 'hang' };
    });
    const began = Date.now();
    const { err } = await fixture.expect(143, [command], { env: fixture.env, stop: () => stop.signal });
    assert.match(err, /^error: CANCELLED: .*: interrupted$/m);
    assert.ok(Date.now() - began < 8000);
  });
}
