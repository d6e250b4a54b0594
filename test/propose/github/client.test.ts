import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type GitHubClient, openClient } from '../../../src/propose/github/client.ts';
import { gitHubForge } from '../../../src/propose/github/forge.ts';
import { everyToken } from '../../support/github/options.ts';
import { startGitHub } from '../../support/github/stand-in.ts';

test('a request without a response times out and is retried', async () => {
  await using github = await startGitHub();
  const client = await openClient({
    forge: { apiUrl: github.apiUrl, caPath: null, repository: 'acme/gitops' },
    env: { GITHUB_TOKEN: everyToken },
    warn: () => {},
    silence: 50,
  });
  let left = 1;
  github.intercept(() => (left-- > 0 ? { kind: 'hang' } : undefined));
  assert.deepEqual(await gitHubForge(client).openPulls('athenz-gitops/main/', 'main'), new Map());
  github.intercept(() => ({ kind: 'hang' }));
  await assert.rejects(gitHubForge(client).openPulls('athenz-gitops/main/', 'main'), { code: 'FORGE_UNREACHABLE' });
});

/** Where a redirect leads, what GitHub says there, and the error that it ends with. */
const redirects: readonly (readonly [what: string, location: string, name: string | undefined, says: RegExp])[] = [
  [
    'a renamed repository',
    '/api/v3/repositories/7/pulls?state=open',
    'acme/new',
    /^acme\/gitops .* it is acme\/new now$/,
  ],
  ['an unknown repository', '/api/v3/repositories/7', undefined, /^GitHub redirects acme\/gitops to another address/],
  ['a repository with an impossible name', '/api/v3/repositories/7', '@x\n::error::', /^GitHub redirects acme\/gitops/],
  ['another server', 'https://evil.example.com/login', 'acme/new', /^GitHub redirects acme\/gitops/],
];

for (const [what, location, name, says] of redirects) {
  test(`a redirect to ${what} is an error that names it`, async () => {
    await using github = await startGitHub();
    const client = await openClient({
      forge: { caPath: null, apiUrl: github.apiUrl, repository: 'acme/gitops' },
      env: { GITHUB_TOKEN: everyToken },
      warn: () => {},
    });
    github.intercept(({ path }) => {
      const json = { 'Content-Type': 'application/json' };
      if (path !== '/repositories/7')
        return { kind: 'status', status: 301, headers: { ...json, Location: location }, body: '{"message":"Moved"}' };
      return name === undefined
        ? { kind: 'status', status: 404, headers: json, body: '{}' }
        : { kind: 'status', status: 200, headers: json, body: JSON.stringify({ full_name: name }) };
    });
    const forge = gitHubForge(client);
    const text = { title: 't', body: 'b' };
    for (const asking of [forge.openPulls('athenz-gitops/main/', 'main'), forge.open('b', 'main', text)]) {
      await assert.rejects(asking, { code: 'FORGE_MOVED', message: says });
    }
  });
}

/** A client that does not try again, as that would only take time. */
async function openOnce(apiUrl: string, silence?: number): Promise<GitHubClient> {
  const client = await openClient({
    forge: { caPath: null, apiUrl, repository: 'acme/gitops' },
    env: { GITHUB_TOKEN: everyToken },
    warn: () => {},
    ...(silence === undefined ? {} : { silence }),
  });
  client.octokit.hook.before('request', ({ request }) => {
    Object.assign(request, { retries: 0 });
  });
  return client;
}

for (const status of [301, 302, 307, 308]) {
  test(`a redirect (${status}) to an address that redirects too is followed once`, async () => {
    await using github = await startGitHub();
    const client = await openOnce(github.apiUrl);
    const headers = { Location: '/api/v3/repositories/7' };
    // Not without end, so that a client that follows them all fails the test.
    const statusNow = () => (github.requests.length < 9 ? status : 404);
    github.intercept(() => ({ kind: 'status', status: statusNow(), headers, body: '{}' }));
    await assert.rejects(gitHubForge(client).openPulls('athenz-gitops/main/', 'main'), {
      code: 'FORGE_MOVED',
      message: `GitHub redirects acme/gitops to another address (${status})`,
    });
    assert.deepEqual(
      github.requests.map(({ path }) => path.replace(/\?.*/, '')),
      ['/repos/acme/gitops/pulls', '/repositories/7'],
    );
  });
}

test('a server that sends a byte now and then is not waited for', async () => {
  const silence = 50;
  // One each 20 ms: many times what a request may take.
  let bytes = 100;
  await using server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const sending = setInterval(() => {
      if (bytes-- > 0) response.write(' ');
      else response.end('[]');
    }, silence * 0.4);
    response.on('close', () => clearInterval(sending));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const client = await openOnce(`http://127.0.0.1:${port}/api/v3`, silence);
  await assert.rejects(gitHubForge(client).openPulls('athenz-gitops/main/', 'main'), { code: /^FORGE_/ });
  assert.ok(bytes > 0, 'the answer was waited for');
});
