import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitHubForge } from '../../src/forge/github.ts';
import { openClient } from '../../src/forge/github-client.ts';
import { everyToken } from '../support/github/options.ts';
import { startGitHub } from '../support/github/stand-in.ts';

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
