import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import type { App, Permissions } from '../../support/github/caller.ts';
import { call, complaint } from '../../support/github/client.ts';
import { everyPermission } from '../../support/github/options.ts';
import { type GitHubStandIn, startGitHub } from '../../support/github/stand-in.ts';

test('a token is limited to its permissions', async (t) => {
  const bot = (permissions: Permissions) => ({ kind: 'installation', login: 'bot[bot]', permissions }) as const;
  const lacking = (name: string) =>
    bot(Object.fromEntries(Object.entries(everyPermission).filter(([key]) => key !== name)));
  await using github = await startGitHub({
    tokens: {
      all: bot(everyPermission),
      person: { kind: 'user', login: 'pat', permissions: everyPermission },
      readsPulls: bot({ ...everyPermission, pull_requests: 'read', issues: 'read' }),
      readsContents: bot({ ...everyPermission, contents: 'read' }),
      noPulls: lacking('pull_requests'),
      noIssues: lacking('issues'),
      noMembers: lacking('members'),
      noMetadata: lacking('metadata'),
    },
  });
  github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  assert.equal(
    (await call(github, 'POST', 'pulls', { title: 'T', head: 'bot/prod', base: 'main' }, 'all')).status,
    201,
  );
  const integration = 'Resource not accessible by integration';
  const body = { body: 'x' };
  const cases: readonly (readonly [string | null, string, string, object | undefined, number, string?])[] = [
    ['wrong', 'GET', 'pulls', undefined, 401, 'Bad credentials'],
    ['wrong', 'GET', '/user', undefined, 401, 'Bad credentials'],
    [null, 'GET', '/user', undefined, 401, 'Requires authentication'],
    [null, 'GET', 'pulls', undefined, 404, 'Not Found'],
    ['all', 'GET', '/repos/acme/other', undefined, 404, 'Not Found'],
    ['all', 'GET', '/repos/ACME/GitOps', undefined, 200],
    ['all', 'GET', '/user', undefined, 403, integration],
    ['person', 'GET', '/user', undefined, 200],
    ['noMetadata', 'GET', '/repos/acme/gitops', undefined, 404],
    ['noPulls', 'GET', 'pulls', undefined, 403, integration],
    ['readsPulls', 'GET', 'pulls', undefined, 200],
    ['readsPulls', 'PATCH', 'pulls/1', body, 403, integration],
    ['readsPulls', 'POST', 'issues/1/comments', body, 403, integration],
    // Either permission is enough.
    ['noIssues', 'POST', 'issues/1/comments', body, 201],
    ['noPulls', 'POST', 'issues/1/comments', body, 201],
    ['readsContents', 'DELETE', 'git/refs/heads/bot/prod', undefined, 403, integration],
    [
      'noMembers',
      'POST',
      'pulls/1/requested_reviewers',
      { team_reviewers: ['sre'] },
      422,
      "Could not resolve to a node with the global id of 'T_sre'.",
    ],
    ['all', 'POST', 'pulls/1/requested_reviewers', { team_reviewers: ['sre'] }, 201],
    ['all', 'GET', '/app', undefined, 401, 'A JSON web token could not be decoded'],
    ['all', 'GET', '/rate_limit', undefined, 200],
  ];
  for (const [token, method, path, sent, status, message] of cases) {
    await t.test(`${token} ${method} ${path}`, async () => {
      const response = await call(github, method, path, sent, token);
      assert.equal(response.status, status);
      if (message !== undefined) assert.equal(complaint(response), message);
    });
  }
  const { body: repository } = await call(github, 'GET', '/repos/acme/gitops', undefined, 'readsContents');
  assert.deepEqual([repository.permissions.pull, repository.permissions.push], [true, false]);
});

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const permissions: Permissions = { metadata: 'read', contents: 'write', pull_requests: 'write' };
const app: App = { id: 42, slug: 'gitops', installationId: 7, publicKey: keys.publicKey, permissions };
const now = Date.parse('2026-03-01T12:00:00Z');

/** A JWT of the App; times in seconds from now. */
async function jwt({ iss = '42', iat = -30, exp = 540, key = keys.privateKey } = {}): Promise<string> {
  const seconds = now / 1000;
  const claims = new SignJWT({}).setProtectedHeader({ alg: 'RS256' }).setIssuer(iss);
  return claims
    .setIssuedAt(seconds + iat)
    .setExpirationTime(seconds + exp)
    .sign(key);
}

const mint = (github: GitHubStandIn, token: string, body?: object) =>
  call(github, 'POST', '/app/installations/7/access_tokens', body, token);

test('an App finds its installation and gets a token for one hour', async () => {
  let time = now;
  await using github = await startGitHub({ app, now: () => time });
  github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  const appJwt = await jwt();
  assert.equal((await call(github, 'GET', '/app', undefined, appJwt)).body.slug, 'gitops');
  assert.equal((await call(github, 'GET', 'installation', undefined, appJwt)).body.id, 7);
  assert.equal((await call(github, 'GET', '/repos/acme/other/installation', undefined, appJwt)).status, 404);

  const { status, body } = await mint(github, appJwt);
  assert.deepEqual([status, body.expires_at, body.permissions], [201, '2026-03-01T13:00:00Z', permissions]);
  const created = await call(github, 'POST', 'pulls', { title: 'T', head: 'bot/prod', base: 'main' }, body.token);
  assert.deepEqual([created.status, created.body.user.login, created.body.user.type], [201, 'gitops[bot]', 'Bot']);

  const { body: narrow } = await mint(github, appJwt, { permissions: { contents: 'read' } });
  assert.equal((await call(github, 'GET', 'pulls', undefined, narrow.token)).status, 403);
  assert.equal((await mint(github, appJwt, { permissions: { issues: 'write' } })).status, 422);
  assert.equal((await mint(github, appJwt, { repositories: ['other'] })).status, 422);
  assert.equal((await call(github, 'POST', '/app/installations/8/access_tokens', undefined, appJwt)).status, 404);

  time += 3_600_000;
  assert.equal((await call(github, 'GET', 'pulls', undefined, body.token)).status, 401);
});

test('an invalid App JWT is rejected', async (t) => {
  await using github = await startGitHub({ app, now: () => now });
  const invalidClaims = {
    'signed by another key': [{ key: otherKeys.privateKey }, /could not be decoded/],
    'issued by another App': [{ iss: '43' }, /'iss'/],
    expired: [{ iat: -600, exp: -1 }, /'exp'.*future time/],
    'valid for too long': [{ exp: 601 }, /'exp'.*too far/],
    'issued in the future': [{ iat: 60 }, /'iat'/],
  } as const;
  for (const [name, [claims, message]] of Object.entries(invalidClaims)) {
    await t.test(name, async () => {
      const { status, body } = await mint(github, await jwt(claims));
      assert.equal(status, 401);
      assert.match(body.message, message);
    });
  }
  assert.equal((await mint(github, await jwt({ exp: 600 }))).status, 201);
  const asToken = await call(github, 'GET', 'pulls', undefined, await jwt());
  assert.deepEqual([asToken.status, complaint(asToken)], [401, 'Bad credentials']);
});

test('workflow runs are listed newest first', async () => {
  const run = { workflow: 'sync.yml', status: 'completed' } as const;
  await using github = await startGitHub({
    workflowRuns: [
      { ...run, conclusion: 'success', at: '2026-03-01T10:07:00Z' },
      { ...run, conclusion: 'failure', at: '2026-03-01T11:07:00Z' },
      { ...run, conclusion: 'success', at: '2026-03-01T09:07:00Z' },
    ],
  });
  const runs = async (query: string) => {
    const { body } = await call(github, 'GET', `actions/workflows/sync.yml/runs${query}`);
    return body.workflow_runs.map((one: { created_at: string }) => one.created_at.slice(11, 13));
  };
  assert.deepEqual(await runs(''), ['11', '10', '09']);
  assert.deepEqual(await runs('?status=success&per_page=1'), ['10']);
  assert.equal((await call(github, 'GET', 'actions/workflows/other.yml/runs')).status, 404);
});
