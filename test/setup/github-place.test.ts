import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUrlAt, parseGitHubPlace } from '../../src/setup/github-place.ts';

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
];
for (const [text, repository, api] of places) {
  test(`reads ${text} as ${repository}`, () => {
    const place = parseGitHubPlace(text);
    assert.equal(place?.repository, repository);
    assert.equal(place && apiUrlAt(place), api);
  });
}
