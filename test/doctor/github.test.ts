import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { pullLabels } from '../../src/model/pull.ts';
import { encryptedKey } from '../support/certificates.ts';
import { assertFinding, type Diagnosis, diagnose, type Expected, openHealthyFixture } from '../support/diagnosis.ts';
import type { Permissions, Token } from '../support/github/caller.ts';
import { call, propose } from '../support/github/client.ts';
import { everyPermission, everyToken, type GitHubOptions } from '../support/github/options.ts';
import { gitEnv } from '../support/repository.ts';
import { isChaos, sampleOf } from '../support/tier.ts';

const bot: Token = { kind: 'user', login: 'gitops-bot', permissions: everyPermission };
const { actions: _, ...noActions } = everyPermission;
const reads: Permissions = { ...everyPermission, contents: 'read', pull_requests: 'read' };

/** Tokens, their accounts, and the expected findings. */
const tokens: readonly (readonly [
  name: string,
  text: string,
  token: Token | undefined,
  expected: readonly Expected[],
])[] = [
  [
    'a classic token',
    'ghp_classic',
    { ...bot, scopes: 'read:org, repo' },
    [
      { check: 'token', status: 'ok', says: /classic/ },
      { check: 'permissions', status: 'ok', says: /scopes read:org, repo/ },
      { check: 'push', status: 'ok', says: /allowed/ },
    ],
  ],
  [
    'a classic token without the repo scope',
    'ghp_classic',
    { ...bot, scopes: 'gist, public_repo' },
    [{ check: 'permissions', status: 'error', says: /scopes gist, public_repo: repo is missing/, fix: /repo scope/ }],
  ],
  [
    'a classic token without scopes',
    'ghp_classic',
    { ...bot, scopes: '' },
    [{ check: 'permissions', status: 'error', says: /scopes none/, fix: /repo scope/ }],
  ],
  [
    'a classic token of a read-only user',
    'ghp_classic',
    { ...bot, scopes: 'repo', permissions: reads },
    [
      { check: 'permissions', status: 'error', says: /no write access/, fix: /write access/ },
      { check: 'push', status: 'error', says: /GIT_FAILED: pushing to origin/, fix: /write access/ },
    ],
  ],
  [
    'a fine-grained token',
    'github_pat_fine',
    bot,
    [
      { check: 'token', status: 'ok', says: /fine-grained/ },
      { check: 'permissions', status: 'ok', says: /has write access; whether the token/ },
    ],
  ],
  [
    'a fine-grained token of a read-only user',
    'github_pat_fine',
    { ...bot, permissions: reads },
    [{ check: 'permissions', status: 'error', says: /no write access/, fix: /contents: write/ }],
  ],
  [
    'an installation token',
    'ghs_installation',
    { ...bot, kind: 'installation' },
    [
      { check: 'token', status: 'ok', says: /installation token.*no checks/ },
      { check: 'push', status: 'ok', says: /allowed/ },
    ],
  ],
  [
    'a read-only installation token',
    'ghs_installation',
    { ...bot, kind: 'installation', permissions: reads },
    [{ check: 'push', status: 'error', says: /GIT_FAILED/, fix: /write access/ }],
  ],
  ['a token of another kind', 'something', bot, [{ check: 'token', status: 'ok', says: /^unknown token type$/ }]],
  [
    'an invalid token',
    'ghp_wrong',
    undefined,
    [
      { check: 'repository', status: 'error', says: /FORGE_UNAUTHENTICATED/, fix: /make a new one/ },
      {
        check: 'remote',
        status: 'error',
        says: /GIT_UNAUTHENTICATED: reading origin: 127.* answers 401 Unauthorized: the token/,
        fix: /credentials/,
      },
      { check: 'pull requests', status: 'skipped', says: /repository/ },
    ],
  ],
  [
    'a token without access to the repository',
    'ghp_blind',
    { ...bot, permissions: {} },
    [{ check: 'repository', status: 'error', says: /FORGE_NOT_FOUND/, fix: /forge\.repository/ }],
  ],
  [
    'a token that may not read workflow runs',
    'ghp_partial',
    { ...bot, permissions: noActions },
    [{ check: 'last success', status: 'warning', says: /FORGE|403/, fix: /actions: read/ }],
  ],
];
/** Each kind of token, and each thing that one may lack. */
const sampled = [
  'a classic token',
  'a classic token without the repo scope',
  'a fine-grained token of a read-only user',
  'an installation token',
  'an invalid token',
  'a token that may not read workflow runs',
];

test('doctor checks each kind of token', async (t) => {
  const cases = sampleOf(tokens, sampled).map(([name, text, ...rest], at) => [name, `${text}_${at}`, ...rest] as const);
  const known = cases.flatMap(([, text, token]) => (token === undefined ? [] : [[text, token] as const]));
  await using fixture = await openHealthyFixture({
    github: { tokens: { [everyToken]: bot, ...Object.fromEntries(known) } },
  });
  for (const [name, text, , expected] of cases) {
    await t.test(name, async () => {
      const diagnosis = await diagnose(fixture, { env: { ...gitEnv, GITHUB_TOKEN: text } });
      for (const each of expected) assertFinding(diagnosis, each);
      assert.ok(!JSON.stringify(diagnosis).includes(text), 'the token is not printed');
    });
  }
});

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function diagnoseApp(permissions: Permissions | undefined): Promise<Diagnosis> {
  const app = { id: 42, slug: 'gitops', installationId: 7, publicKey: keys.publicKey };
  const github: GitHubOptions = permissions === undefined ? {} : { app: { ...app, permissions } };
  await using fixture = await openHealthyFixture({ github });
  const before = fixture.github.requests.length;
  const diagnosis = await diagnose(fixture, { env: { ...gitEnv, GITHUB_APP_ID: '42', GITHUB_APP_PRIVATE_KEY: pem } });
  const posts = fixture.github.requests.slice(before).filter(({ face, method }) => face === 'api' && method !== 'GET');
  for (const { path } of posts)
    assert.match(path, /^\/app\/installations\/7\/access_tokens$/, 'only a token is created');
  assert.ok(!JSON.stringify(diagnosis).includes(pem.split('\n')[1] ?? pem));
  return diagnosis;
}

test('a GitHub App with all permissions: ok', async () => {
  const diagnosis = await diagnoseApp(everyPermission);
  assert.equal(diagnosis.code, 0);
  assertFinding(diagnosis, { check: 'token', status: 'ok', says: /GitHub App/ });
  assertFinding(diagnosis, { check: 'permissions', status: 'ok', says: /contents: write, pull_requests: write/ });
  assertFinding(diagnosis, { check: 'push', status: 'ok', says: /allowed/ });
});

test('a GitHub App without a permission: error', async () => {
  const { pull_requests: __, ...rest } = everyPermission;
  const without = await diagnoseApp({ ...rest, issues: 'write' });
  const fix = /pull_requests: write, and accept/;
  assertFinding(without, { check: 'permissions', status: 'error', says: /has pull_requests: none$/, fix });
  if (!isChaos) return;
  const both = await diagnoseApp(reads);
  assertFinding(both, { check: 'permissions', status: 'error', says: /contents: read, pull_requests: read/, fix });
});

test('a GitHub App that is not installed: error', async () => {
  const diagnosis = await diagnoseApp(undefined);
  assertFinding(diagnosis, {
    check: 'token',
    status: 'error',
    says: /FORGE_.*installation/,
    fix: /is installed there/,
  });
  assertFinding(diagnosis, { check: 'repository', status: 'skipped', says: /token/ });
});

test('credentials that cannot be used are errors', async (t) => {
  await using fixture = await openHealthyFixture();
  await t.test('a GitHub App with an invalid key', async () => {
    const env = { ...gitEnv, GITHUB_APP_ID: '42', GITHUB_APP_PRIVATE_KEY: 'hunter2' };
    const diagnosis = await diagnose(fixture, { env });
    assertFinding(diagnosis, {
      check: 'token',
      status: 'error',
      says: /FORGE_KEY_INVALID/,
      fix: /GITHUB_APP_PRIVATE_KEY/,
    });
    assert.ok(!JSON.stringify(diagnosis).includes('hunter2'));
  });
  await t.test('a GitHub App with an encrypted key', async () => {
    const env = { ...gitEnv, GITHUB_APP_ID: '42', GITHUB_APP_PRIVATE_KEY: encryptedKey() };
    const says = /GITHUB_APP_PRIVATE_KEY is encrypted/;
    assertFinding(await diagnose(fixture, { env }), { check: 'token', status: 'error', says, fix: /openssl pkey/ });
  });
  await t.test('no token, and no request to GitHub', async () => {
    const requestsBefore = fixture.github.requests.length;
    const diagnosis = await diagnose(fixture, { env: gitEnv });
    const fix = /GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY/;
    assertFinding(diagnosis, { check: 'token', status: 'error', says: /FORGE_TOKEN_MISSING/, fix });
    for (const check of ['remote', 'repository', 'last success'])
      assertFinding(diagnosis, {
        check,
        status: 'skipped',
        says: /fix the token first|GitHub is not available/,
      });
    assert.equal(fixture.github.requests.length, requestsBefore);
  });
});

test('an archived repository: error', async () => {
  await using archived = await openHealthyFixture({ github: { archived: true } });
  const expected = {
    check: 'repository',
    status: 'error',
    says: /acme\/gitops is archived/,
    fix: /unarchive/,
  } as const;
  assertFinding(await diagnose(archived), expected);
});

test('a repository or an API that is not there: error', async () => {
  await using fixture = await openHealthyFixture();
  await fixture.editConfig((text) => text.replace('repository: acme/gitops', 'repository: acme/other'));
  const says = /FORGE_NOT_FOUND: looking for acme\/other/;
  assertFinding(await diagnose(fixture), { check: 'repository', status: 'error', says, fix: /forge\.repository/ });

  await fixture.editConfig((text) => text.replace('repository: acme/other', 'repository: acme/gitops'));
  fixture.github.intercept(({ path }) => (path.includes('.git/') ? undefined : { kind: 'reset' }));
  const diagnosis = await diagnose(fixture);
  assertFinding(diagnosis, {
    check: 'repository',
    status: 'error',
    says: /FORGE_UNREACHABLE: looking for acme\/gitops at 127\.0\.0\.1:\d+: /,
    fix: /forge\.apiUrl/,
  });
  assertFinding(diagnosis, { check: 'push', status: 'ok', says: /allowed/ });

  // Nothing answers there.
  fixture.github.intercept(undefined);
  const before = fixture.github.requests.length;
  await fixture.editConfig((text) => text.replace(/apiUrl: .*/, 'apiUrl: http://127.0.0.1:1/api/v3'));
  const elsewhere = await diagnose(fixture);
  const differs =
    /CONFIG_INVALID: the remote origin is at http:\/\/127.*, but the API of http:\/\/127\.0\.0\.1:1 is used/;
  const repair = /git remote set-url origin .* forge\.apiUrl/;
  assertFinding(elsewhere, { check: 'remote', status: 'error', says: differs, fix: repair });
  const asked = fixture.github.requests.slice(before);
  assert.ok(
    asked.every(({ path }) => !path.includes('.git/')),
    'the token is not sent there',
  );
});

test('missing labels: warning', async () => {
  await using fixture = await openHealthyFixture({ github: {} });
  const missing = pullLabels.blocked;
  fixture.github.intercept(({ path }) =>
    path.endsWith(encodeURIComponent(missing))
      ? { kind: 'status', status: 404, body: '{"message":"Not Found"}' }
      : undefined,
  );
  const says = /^missing: athenz-gitops\/blocked$/;
  const fix = /^gh label create athenz-gitops\/blocked \(/;
  assertFinding(await diagnose(fixture), { check: 'labels', status: 'warning', says, fix });
});

test('counts our pull requests and warns about blocked or unchecked ones', async () => {
  const own: Token = { kind: 'installation', login: 'github-actions[bot]', permissions: everyPermission };
  await using fixture = await openHealthyFixture({ github: { tokens: { [everyToken]: bot, ghs_own: own } } });
  const { github } = fixture;
  const open = async (branch: string) => {
    github.humanCommit(branch, { [`${branch}.txt`]: 'x' });
    return propose(github, branch);
  };
  await open('athenz-gitops/main/prod');
  await open('somebody-else');
  if (isChaos) {
    const few = await diagnose(fixture);
    assertFinding(few, { check: 'pull requests', status: 'ok', says: /^1 open pull request of this config$/ });
    assert.ok(!few.findings.some(({ check, status }) => check === 'pull requests' && status !== 'ok'));
  }

  const blocked = await open('athenz-gitops/main/stage');
  github.setLabels(blocked, ['athenz-gitops', pullLabels.blocked]);
  github.humanCommit('athenz-gitops/main/dev', { 'dev.txt': 'x' });
  const text = { title: 'Propose', head: 'athenz-gitops/main/dev', base: 'main' };
  const { body } = await call(github, 'POST', 'pulls', text, 'ghs_own');
  const diagnosis = await diagnose(fixture);
  const expected: readonly Expected[] = [
    { check: 'pull requests', status: 'ok', says: /^3 open/ },
    {
      check: 'pull requests',
      status: 'warning',
      says: new RegExp(`^#${blocked} blocked`),
      fix: /athenz-gitops\/rebuild/,
    },
    { check: 'pull requests', status: 'warning', says: new RegExp(`^#${body.number} opened with`), fix: /GitHub App/ },
  ];
  for (const each of expected) assertFinding(diagnosis, each);
});
