import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitFailed } from '../../src/git/failure.ts';

const refused: readonly (readonly [words: string, server: string])[] = [
  ["fatal: could not read Username for 'https://github.example.com': terminal prompts disabled", 'github.example.com'],
  ["fatal: could not read Password for 'https://bot@github.com:8443': No such device", 'github.com:8443'],
  ["remote: Invalid username or token.\nfatal: Authentication failed for 'https://github.com/a/b.git/'", 'github.com'],
  ['fatal: unable to access x: The requested URL returned error: 401', 'the remote'],
];
for (const [words, server] of refused) {
  test(`calls a refused token by its name: ${words.slice(0, 40)}`, () => {
    const { code, message, next } = gitFailed('fetching main from origin', words);
    assert.equal(code, 'GIT_UNAUTHENTICATED');
    assert.ok(
      message.startsWith(`fetching main from origin: ${server} answers 401 Unauthorized: the token is wrong`),
      message,
    );
    assert.match(next ?? '', /GITHUB_TOKEN/);
  });
}

for (const status of [301, 302, 307, 308]) {
  test(`calls a redirect by its name: ${status}`, () => {
    const words = `fatal: unable to access 'https://bot:s3cret@github.com/a/b.git/': The requested URL returned error: ${status}`;
    const { code, message, next } = gitFailed('pushing to origin', words);
    assert.equal(code, 'FORGE_MOVED');
    assert.equal(
      message,
      `pushing to origin: github.com redirects to another address (${status}), which is not followed`,
    );
    assert.match(next ?? '', /git remote set-url/);
  });
}

for (const words of ['The requested URL returned error: 403', 'Permission denied (publickey).', 'not found']) {
  test(`leaves other refusals in git's words: ${words}`, () => {
    const { code, message } = gitFailed('pushing to origin', words);
    assert.deepEqual([code, message], ['GIT_FAILED', `pushing to origin: ${words}`]);
  });
}

for (const [words, expected] of [
  ['fatal: unable to access x: SSL certificate problem: unable to get local issuer certificate', /^set forge\.caPath/],
  ['fatal: unable to access x: server certificate verification failed. CAfile: none', /^set forge\.caPath/],
  ["error: No such remote 'origin'", /^add the remote with git remote add/],
  [
    "fatal: Unable to create '/r/.git/packed-refs.lock': File exists.",
    /^run again when the git process that holds the lock/,
  ],
] as const) {
  test(`suggests what mends it: ${words}`, () => {
    assert.match(gitFailed('fetching main from origin', words, 'check the network').next ?? '', expected);
  });
}

test('what git tells to type is not escaped', () => {
  const words =
    'fatal: dubious ownership in /r\nTo add an exception:\n\n\tgit config --global --add safe.directory /r\n';
  assert.match(gitFailed('opening', words).message, /\n {2}git config --global --add safe\.directory \/r$/);
});
