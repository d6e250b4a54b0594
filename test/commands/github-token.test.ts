import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startProxy } from '../support/connect-proxy.ts';
import { type GitHubFixture, openGitHubFixture, proposed } from '../support/github-fixture.ts';

interface Listener extends AsyncDisposable {
  readonly origin: string;
  /** Paths of all requests, with `(token)` behind those that carried one. */
  readonly seen: readonly string[];
}

/** A server that the token must not reach. */
async function listen(): Promise<Listener> {
  const seen: string[] = [];
  const server = createServer(({ url, headers }, response) => {
    seen.push(`${url}${headers.authorization === undefined ? '' : ' (token)'}`);
    response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function redirectGit({ github }: GitHubFixture, to: string, when: (path: string) => boolean = () => true): void {
  github.intercept(({ path }) =>
    path.includes('.git/') && when(path)
      ? { kind: 'status', status: 301, headers: { Location: `${to}${path}?service=git-upload-pack` }, body: '' }
      : undefined,
  );
}

test('a redirect of the git remote is not followed with the token, whatever git is configured to do', async () => {
  await using fixture = await openGitHubFixture();
  await using other = await listen();
  redirectGit(fixture, other.origin);
  const { origin } = new URL(fixture.github.remoteUrl);
  for (const key of [
    'http.followRedirects',
    `http.${origin}.followRedirects`,
    `http.${fixture.github.remoteUrl}.followRedirects`,
  ]) {
    for (const command of ['plan', 'sync']) {
      const { err } = await fixture.expect(1, [command]);
      assert.match(err, /^error: FORGE_MOVED: fetching main from origin: 127.* redirects to another address \(301\)/m);
      assert.match(err, /git remote set-url/);
    }
    fixture.git('config', key, 'true');
  }
  assert.deepEqual(other.seen, []);
});

test('a redirect of pushes alone is not followed either', async () => {
  await using fixture = await openGitHubFixture();
  await using other = await listen();
  redirectGit(fixture, other.origin, (path) => path.endsWith('/git-receive-pack'));
  const { out, err } = await fixture.run(['sync']);
  assert.match(out + err, /redirects to another address \(301\)/);
  assert.deepEqual(other.seen, []);
});

test('a remote at another server than the API gets no token, for fetches or pushes', async () => {
  await using fixture = await openGitHubFixture();
  await using other = await listen();
  const { remoteUrl, requests } = fixture.github;
  const elsewhere = `${other.origin}/acme/gitops.git`;
  const places: readonly (readonly string[])[] = [
    ['remote', 'set-url', 'origin', elsewhere],
    ['config', `url.${other.origin}/.insteadOf`, `${new URL(remoteUrl).origin}/`],
    ['config', `url.${other.origin}/.pushInsteadOf`, `${new URL(remoteUrl).origin}/`],
    ['remote', 'set-url', '--push', 'origin', elsewhere],
    ['remote', 'set-url', '--add', 'origin', elsewhere],
  ];
  for (const place of places) {
    const before = fixture.git('config', '--local', '--list', '--null');
    fixture.git(...place);
    for (const command of ['plan', 'sync']) {
      const { err } = await fixture.expect(2, [command]);
      assert.ok(err.includes(`CONFIG_INVALID: the remote origin is at ${other.origin}, but the API of`), err);
      assert.ok(err.includes(`git remote set-url origin ${remoteUrl}`), err);
    }
    fixture.git('config', '--remove-section', 'remote.origin');
    if (place[0] === 'config') fixture.git('config', '--remove-section', `url.${other.origin}/`);
    fixture.git('remote', 'add', 'origin', remoteUrl);
    assert.equal(fixture.git('config', '--local', '--list', '--null'), before);
  }
  assert.deepEqual([requests, other.seen], [[], []]);
});

test('a remote that is a path needs no token', async () => {
  await using fixture = await openGitHubFixture();
  fixture.git('remote', 'set-url', 'origin', fixture.github.git.dir);
  await fixture.expect(0, ['plan']);
  await fixture.sync();
  assert.ok(fixture.github.git.branches().has(proposed));
});

test('a GITHUB_API_URL in plain http is refused before anything is sent', async () => {
  await using fixture = await openGitHubFixture();
  await fixture.editConfig((text) => text.replace(/ *apiUrl: .*\n/, ''));
  const env = { ...fixture.env, GITHUB_API_URL: 'http://192.0.2.2/api/v3' };
  for (const command of ['plan', 'sync']) {
    const { err } = await fixture.expect(2, [command], { env });
    assert.match(err, /CONFIG_INVALID: GITHUB_API_URL must be https/);
  }
  assert.deepEqual(fixture.github.requests, []);
});

test('plain http on loopback goes to no proxy, whatever is configured', async () => {
  await using fixture = await openGitHubFixture();
  await using proxy = await startProxy(1);
  await using plain = await listen();
  const all = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];
  const env = { ...fixture.env, ...Object.fromEntries(all.map((name) => [name, plain.origin])) };
  fixture.git('config', 'http.proxy', proxy.url);
  fixture.git('config', `http.${fixture.github.remoteUrl}.proxy`, plain.origin);
  fixture.git('config', 'remote.origin.proxy', plain.origin);
  await fixture.expect(0, ['sync'], { env: { ...env, NO_PROXY: '' } });
  assert.ok(fixture.github.git.branches().has(proposed));
  assert.deepEqual([plain.seen, proxy.targets], [[], []]);
});
