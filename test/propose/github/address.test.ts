import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppError } from '../../../src/model/error.ts';
import { apiUrlOf, checkRemoteUrl, compareUrl } from '../../../src/propose/github/address.ts';

for (const [api, site] of [
  ['https://api.github.com', 'https://github.com'],
  ['https://api.acme.ghe.com', 'https://acme.ghe.com'],
  ['https://github.example.com:8443/api/v3', 'https://github.example.com:8443'],
  ['https://api.example.com/api/v3', 'https://api.example.com'],
  ['https://api.github.com.example.com/api/v3', 'https://api.github.com.example.com'],
] as const) {
  test(`a pull request of ${api} is opened by hand at ${site}`, () => {
    assert.equal(
      compareUrl(api, 'acme/gitops', 'main', 'athenz-gitops/main/prod#1'),
      `${site}/acme/gitops/compare/main...athenz-gitops/main/prod%231?expand=1`,
    );
  });
}

const hub = 'https://api.github.com';
const enterprise = 'https://github.example.com/api/v3';

/** The remote, the API, and what is wrong with the two; undefined: nothing. */
const remotes: readonly (readonly [url: string, api: string, wrong?: RegExp])[] = [
  ['https://github.com/acme/gitops.git', hub],
  ['https://x-access-token:s3cret@GitHub.com:443/acme/gitops', hub],
  ['https://acme.ghe.com/acme/gitops.git', 'https://api.acme.ghe.com'],
  ['https://github.example.com/acme/gitops.git', enterprise],
  ['http://127.0.0.1:8080/acme/gitops.git', 'http://127.0.0.1:8080/api/v3'],
  ['git@github.com:acme/gitops.git', hub],
  ['ssh://git@ssh.github.com:443/acme/gitops.git', hub],
  ['/srv/gitops.git', hub],
  ['file:///srv/gitops.git', hub],
  ['http://github.com/acme/gitops.git', hub, /at http:\/\/github\.com: a token needs https$/],
  ['http://github.example.com/acme/gitops.git', enterprise, /a token needs https$/],
  ['https://github.com.example.com/acme/gitops.git', hub, /but the API of https:\/\/github\.com is used$/],
  ['https://github.com@example.com/acme/gitops.git', hub, /at https:\/\/example\.com, but/],
  ['https://x:s3cret@github.example.com/acme/gitops.git', hub, /at https:\/\/github\.example\.com, but/],
  ['https://api.github.com/acme/gitops.git', hub, /at https:\/\/api\.github\.com, but/],
  ['https://github.com:8443/acme/gitops.git', hub, /at https:\/\/github\.com:8443, but/],
  ['https://example.com/acme/gitops.git', 'https://api.example.com/api/v3', /at https:\/\/example\.com, but/],
  ['http://127.0.0.2:8080/acme/gitops.git', 'http://127.0.0.1:8080/api/v3', /at http:\/\/127\.0\.0\.2:8080, but/],
];
for (const [url, api, wrong] of remotes) {
  test(`the remote ${url} ${wrong === undefined ? 'goes' : 'does not go'} with the API ${api}`, () => {
    const check = () => checkRemoteUrl('origin', url, api, 'acme/gitops');
    if (wrong === undefined) return check();
    assert.throws(check, (error: AppError) => {
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.match(error.message, wrong);
      assert.match(error.next ?? '', /^run git remote set-url origin https?:\/\/\S+\/acme\/gitops\.git/);
      assert.doesNotMatch(`${error.message}${error.next}`, /s3cret/);
      return true;
    });
  });
}

test('GITHUB_API_URL must be https, as forge.apiUrl, which wins', () => {
  const from = (url: string, apiUrl: string | null = null) => apiUrlOf({ apiUrl }, { GITHUB_API_URL: url });
  assert.equal(from(''), hub);
  assert.equal(from('https://github.example.com/api/v3/'), enterprise);
  assert.equal(from('http://127.0.0.2:8080/api/v3'), 'http://127.0.0.2:8080/api/v3');
  assert.equal(from('http://github.example.com', enterprise), enterprise);
  for (const url of [
    'http://github.example.com/api/v3',
    'http://127.evil.example.com',
    'ftp://127.0.0.1',
    'nonsense',
  ]) {
    assert.throws(() => from(url), { code: 'CONFIG_INVALID', message: /^GITHUB_API_URL must be https/ }, url);
  }
});
