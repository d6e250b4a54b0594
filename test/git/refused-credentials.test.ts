import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitFailed } from '../../src/git/git.ts';

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

for (const words of ['The requested URL returned error: 403', 'Permission denied (publickey).', 'not found']) {
  test(`leaves other refusals in git's words: ${words}`, () => {
    const { code, message } = gitFailed('pushing to origin', words);
    assert.deepEqual([code, message], ['GIT_FAILED', `pushing to origin: ${words}`]);
  });
}
