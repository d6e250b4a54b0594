import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUrlAt, parseGitHubPlace, repositoryOfRemote } from '../../src/setup/github-place.ts';
import { parseWorkflowSource } from '../../src/setup/workflow-answers.ts';

const places: readonly (readonly [text: string, repository: string | undefined, api?: string])[] = [
  ['acme/access', 'acme/access'],
  ['https://github.com/acme/access', 'acme/access'],
  ['https://x-access-token:secret@github.com/acme/access.git', 'acme/access'],
  ['git@github.com:acme/a.b.git', 'acme/a.b'],
  ['https://GitHub.Example.com/acme/access/', 'acme/access', 'https://github.example.com/api/v3'],
  ['ssh://git@acme.ghe.com:22/acme/access.git', 'acme/access', 'https://api.acme.ghe.com'],
  ['acme', undefined],
  ['/srv/git/access.git', undefined],
  ['https://github.com/acme', undefined],
  ['http://github.com/acme/access', undefined],
  ['acme/access; rm', undefined],
  ['../access', undefined],
  ['acme/..', undefined],
  ['https://github.com/./access', undefined],
  ['acme/.github', 'acme/.github'],
];
for (const [text, repository, api] of places) {
  test(`reads ${text} as ${repository}`, () => {
    const place = parseGitHubPlace(text);
    assert.equal(place?.repository, repository);
    assert.equal(place && apiUrlAt(place), api);
  });
}

const remotes: readonly (readonly [url: string | undefined, repository: string | undefined])[] = [
  ['https://github.com/acme/access.git', 'acme/access'],
  ['git@github.example.com:acme/access.git', 'https://github.example.com/acme/access'],
  ['ssh://git@acme.ghe.com/acme/access', 'https://acme.ghe.com/acme/access'],
  ['nowhere', undefined],
  ['../access', undefined],
  ['acme/access', undefined],
  [undefined, undefined],
];
for (const [url, repository] of remotes) {
  test(`the repository of the remote ${url} is ${repository}`, () => {
    assert.equal(repositoryOfRemote(url), repository);
  });
}

test('workflows are called from a repository at a tag, a branch or a commit, never from a folder above', () => {
  assert.deepEqual(parseWorkflowSource('acme/.github@releases/v1'), { repository: 'acme/.github', ref: 'releases/v1' });
  for (const text of ['../x@v1', 'acme/..@v1', './x@v1', 'acme/x@../v1', 'acme/x', 'acme/x@v1 #', 'acme/x@v1\n'])
    assert.equal(parseWorkflowSource(text), undefined, text);
});
