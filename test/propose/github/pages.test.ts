import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forge } from '../../../src/propose/forge.ts';
import { openClient } from '../../../src/propose/github/client.ts';
import { gitHubForge } from '../../../src/propose/github/forge.ts';
import type { Fault } from '../../support/github/fault.ts';
import { everyToken } from '../../support/github/options.ts';
import { type GitHubStandIn, startGitHub } from '../../support/github/stand-in.ts';

async function forgeOf(github: GitHubStandIn): Promise<Forge> {
  const forge = { apiUrl: github.apiUrl, caPath: null, repository: 'acme/gitops' };
  return gitHubForge(await openClient({ forge, env: { GITHUB_TOKEN: everyToken }, warn: () => {} }));
}

/** A pull request as GitHub lists it. */
const pull = (number: number) => ({
  number,
  html_url: `https://github.com/acme/gitops/pull/${number}`,
  state: 'open',
  merged_at: null,
  head: { ref: `athenz-gitops/main/n${number}`, sha: 'a'.repeat(40), repo: { full_name: 'Acme/GitOps' } },
  base: { ref: 'main' },
  title: 'Access',
  body: null,
  labels: [],
  user: null,
  created_at: '2026-11-27T10:00:00Z',
});

const next = { link: '<https://api.github.com/repositories/1/pulls?page=2>; rel="next"' };
const page = (body: unknown, headers = {}): Fault => ({
  kind: 'status',
  status: 200,
  headers,
  body: JSON.stringify(body),
});
const listPulls = (forge: Forge) => forge.openPulls('athenz-gitops/main/', 'main');

test('pull requests are read page by page, one that moves between pages once', async () => {
  await using github = await startGitHub();
  const pages = [page([pull(4), pull(3)], next), page([pull(3), pull(1)])];
  github.intercept(({ query }) => pages[Number(query.get('page')) - 1]);
  const found = await listPulls(await forgeOf(github));
  assert.deepEqual(
    [...found.values()].map(({ number }) => number),
    [4, 3, 1],
  );
});

const endless: readonly (readonly [name: string, fault: (page: number) => Fault, message: RegExp, requests: number])[] =
  [
    ['repeats a page', () => page([pull(1)], next), /page 2 repeats earlier entries/, 2],
    ['names a page after an empty one', () => page([], next), /page 1 repeats earlier entries/, 1],
    ['always has a further page', (at) => page([pull(at)], next), /more than 100 pages/, 100],
  ];
for (const [name, fault, message, requests] of endless) {
  test(`the list of pull requests ends with an error if the server ${name}`, async () => {
    await using github = await startGitHub();
    github.intercept(({ query }) => fault(Number(query.get('page'))));
    await assert.rejects(listPulls(await forgeOf(github)), { code: 'FORGE_BAD_RESPONSE', message });
    assert.equal(github.requests.length, requests);
  });
}

/** Answers of status 200 that are none. */
const odd: readonly (readonly [name: string, body: string])[] = [
  ['HTML', '<html>a proxy</html>'],
  ['an empty body', ''],
  ['a list that is cut off', '[{"number":1,'],
  ['null', 'null'],
  ['an object', '{}'],
  ['a list of null', '[null]'],
  ['a pull request without a head', JSON.stringify([{ ...pull(1), head: undefined }])],
  ['labels that are no list', JSON.stringify([{ ...pull(1), labels: {} }])],
];
for (const [name, body] of odd) {
  test(`${name} in place of pull requests is FORGE_BAD_RESPONSE`, async () => {
    await using github = await startGitHub();
    github.intercept(() => ({ kind: 'status', status: 200, body }));
    const forge = await forgeOf(github);
    const expected = { code: 'FORGE_BAD_RESPONSE', message: /: invalid response: / };
    await assert.rejects(listPulls(forge), expected);
    await assert.rejects(forge.pastPulls('x'), expected);
    await assert.rejects(forge.read(1), expected);
    await assert.rejects(forge.open('x', 'main', { title: 't', body: 'b' }), expected);
  });
}

for (const body of ['null', '"no"', '{"message":7,"errors":"x"}', '{"errors":[null,{"code":1}]}']) {
  test(`a refusal that says ${body} is told without words of GitHub's`, async () => {
    await using github = await startGitHub();
    github.intercept(() => ({ kind: 'status', status: 422, body }));
    await assert.rejects((await forgeOf(github)).read(1), { message: /reading pull request #1: / });
  });
}
