import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitHubForge } from '../../src/forge/github.ts';
import { openClient } from '../../src/forge/github-client.ts';
import { everyToken } from '../support/github/options.ts';
import { startGitHub } from '../support/github/stand-in.ts';

test('a request without a response times out and is retried', async () => {
  await using github = await startGitHub();
  const client = await openClient({
    forge: { apiUrl: github.apiUrl, repository: 'acme/gitops' },
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
