import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, cloneOf, complaint, propose } from '../../support/github/client.ts';
import { badGateway, type Fault, primaryRateLimit, secondaryRateLimit } from '../../support/github/fault.ts';
import { type GitHubStandIn, type Intercept, startGitHub } from '../../support/github/stand-in.ts';

/** Injects a fault into the next matching request only. */
const once = (github: GitHubStandIn, fault: Fault, matches: (request: Parameters<Intercept>[0]) => boolean): void => {
  github.intercept((request) => {
    if (!matches(request)) return undefined;
    github.intercept(undefined);
    return fault;
  });
};

const creates: Parameters<typeof once>[2] = ({ method, path }) => method === 'POST' && path.endsWith('/pulls');

async function withBranch(): Promise<GitHubStandIn> {
  const github = await startGitHub();
  github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  return github;
}

for (const effect of [true, false]) {
  test(`a connection is reset ${effect ? 'after' : 'before'} the request takes effect`, async () => {
    await using github = await withBranch();
    once(github, { kind: 'reset', effect }, creates);
    await assert.rejects(propose(github, 'bot/prod'), /fetch failed/);
    assert.equal(github.pulls().length, effect ? 1 : 0);
    assert.equal(github.requests.at(-1)?.status, 0);
    const again = await call(github, 'POST', 'pulls', { title: 'T', head: 'bot/prod', base: 'main' });
    assert.equal(again.status, effect ? 422 : 201);
  });

  test(`a 502 ${effect ? 'after' : 'before'} the request takes effect is an HTML page`, async () => {
    await using github = await withBranch();
    once(github, badGateway(effect), creates);
    const { status, headers, body } = await call(github, 'POST', 'pulls', {
      title: 'T',
      head: 'bot/prod',
      base: 'main',
    });
    assert.deepEqual([status, headers.get('content-type')], [502, 'text/html']);
    assert.match(body, /<html>/);
    assert.equal(github.pulls().length, effect ? 1 : 0);
  });
}

test('rate limit responses say how long to wait', async () => {
  await using github = await withBranch();
  github.intercept(() => secondaryRateLimit(7));
  const secondary = await call(github, 'GET', 'pulls');
  assert.deepEqual([secondary.status, secondary.headers.get('retry-after')], [403, '7']);
  assert.match(secondary.body.message, /secondary rate limit/);
  github.intercept(() => primaryRateLimit(new Date(9_000)));
  const { status, headers } = await call(github, 'GET', 'pulls');
  assert.deepEqual([status, headers.get('x-ratelimit-remaining'), headers.get('x-ratelimit-reset')], [403, '0', '9']);
});

test('a new pull request can be missing from lists but blocks duplicates', async () => {
  await using github = await withBranch();
  once(github, { kind: 'hidden', lists: 2 }, creates);
  const number = await propose(github, 'bot/prod');
  const listed = async () => (await call(github, 'GET', 'pulls?head=acme:bot/prod')).body.length;
  assert.equal(await listed(), 0);
  const duplicate = await call(github, 'POST', 'pulls', { title: 'T', head: 'bot/prod', base: 'main' });
  assert.equal(complaint(duplicate), 'A pull request already exists for acme:bot/prod.');
  assert.equal((await call(github, 'GET', `pulls/${number}`)).status, 200);
  assert.deepEqual([await listed(), await listed()], [0, 1]);
});

test('mergeable can be null at first', async () => {
  await using github = await withBranch();
  const number = await propose(github, 'bot/prod');
  once(github, { kind: 'computing' }, ({ path }) => path.endsWith(`/pulls/${number}`));
  const first = (await call(github, 'GET', `pulls/${number}`)).body;
  assert.deepEqual([first.mergeable, first.mergeable_state], [null, 'unknown']);
  assert.equal((await call(github, 'GET', `pulls/${number}`)).body.mergeable, true);
});

test('disposing the stand-in ends a hanging request', async () => {
  const github = await withBranch();
  const arrived = new Promise<void>((resolve) => {
    github.intercept(() => {
      resolve();
      return { kind: 'hang' };
    });
  });
  const hanging = assert.rejects(call(github, 'GET', 'pulls'), /fetch failed/);
  await arrived;
  await github[Symbol.asyncDispose]();
  await hanging;
});

for (const effect of [true, false]) {
  test(`a push is cut off ${effect ? 'after' : 'before'} it takes effect`, async () => {
    await using github = await startGitHub();
    await using clone = await cloneOf(github);
    // On every request: git's HTTP library retries by itself on a reused connection.
    github.intercept(({ face, method }) =>
      face === 'git' && method === 'POST' ? { kind: 'reset', effect } : undefined,
    );
    assert.notEqual((await clone.feed(['push', 'origin', 'HEAD:refs/heads/new'])).code, 0);
    assert.equal(github.git.branches().has('new'), effect);
    assert.equal((await github.pushes()).length, effect ? 1 : 0);
  });
}

test('a pull request can be changed before a request is handled', async () => {
  await using github = await withBranch();
  const number = await propose(github, 'bot/prod');
  github.intercept(async ({ method }) => {
    if (method === 'PATCH') github.close(number, { by: 'hubot' });
    return undefined;
  });
  const { body } = await call(github, 'PATCH', `pulls/${number}`, { body: 'New' });
  assert.deepEqual([body.state, body.body], ['closed', 'New']);
  assert.equal(github.pull(number).closedBy, 'hubot');
});
