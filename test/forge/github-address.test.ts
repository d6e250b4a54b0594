import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareUrl } from '../../src/forge/github-address.ts';

for (const [api, site] of [
  ['https://api.github.com', 'https://github.com'],
  ['https://api.acme.ghe.com', 'https://acme.ghe.com'],
  ['https://github.example.com:8443/api/v3', 'https://github.example.com:8443'],
] as const) {
  test(`a pull request of ${api} is opened by hand at ${site}`, () => {
    assert.equal(
      compareUrl(api, 'acme/gitops', 'main', 'athenz-gitops/main/prod#1'),
      `${site}/acme/gitops/compare/main...athenz-gitops/main/prod%231?expand=1`,
    );
  });
}
