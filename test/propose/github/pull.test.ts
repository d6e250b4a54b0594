import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '@octokit/request-error';
import { request } from '../../../src/propose/github/errors.ts';
import { answers, understand } from '../../../src/propose/github/wire.ts';

const answer = {
  number: 7,
  html_url: 'https://github.com/acme/gitops/pull/7',
  state: 'open',
  merged_at: null,
  head: { ref: 'athenz-gitops/main/prod', sha: 'abc', repo: { full_name: 'Acme/gitops' } },
  base: { ref: 'main' },
  title: 'a title',
  body: 'a body',
  labels: [{ name: 'athenz-gitops' }, { name: null }, 'plain', null],
  user: { login: 'bot' },
  created_at: '2026-11-21T02:57:12Z',
};
const { merged_at: _, body: __, labels: ___, user: ____, ...bare } = answer;

test('reads a pull request with everything in it', () => {
  assert.deepEqual(understand(answer, answers.pull, 'reading'), {
    repository: 'Acme/gitops',
    number: 7,
    url: 'https://github.com/acme/gitops/pull/7',
    state: 'open',
    branch: 'athenz-gitops/main/prod',
    head: 'abc',
    base: 'main',
    title: 'a title',
    body: 'a body',
    labels: ['athenz-gitops', 'plain'],
    author: 'bot',
    createdAt: '2026-11-21T02:57:12Z',
  });
});

for (const [what, pull] of [
  ['null', { ...bare, merged_at: null, body: null, labels: null, user: null }],
  ['left out', bare],
] as const) {
  test(`lists and texts may be ${what}`, () => {
    const { body, labels, author, state } = understand({ ...pull, state: 'closed' }, answers.pull, 'reading');
    assert.deepEqual([body, labels, author, state], ['', [], '', 'closed']);
  });
}

test('a pull request without a repository is of a fork that is gone', () => {
  const gone = { ...answer, head: { ...answer.head, repo: null } };
  const repositories = understand([answer, gone], answers.pulls, 'listing').map(({ repository }) => repository);
  assert.deepEqual(repositories, ['Acme/gitops', undefined]);
});

for (const key of ['number', 'html_url', 'state', 'head', 'base', 'title', 'created_at']) {
  test(`an answer with ${key} null is invalid, and says so`, () => {
    const invalid = { code: 'FORGE_BAD_RESPONSE', message: new RegExp(`: invalid response: (0\\.)?${key} `) };
    assert.throws(() => understand({ ...answer, [key]: null }, answers.pull, 'reading pull request #7'), invalid);
    assert.throws(() => understand([{ ...answer, [key]: null }], answers.pulls, 'listing'), invalid);
  });
}

for (const [data, words] of [
  [{ message: 'no', errors: null }, 'no'],
  [{ message: null, errors: [null, 'a', { message: null, field: 'f', code: 'c' }] }, 'no reason given; a; f c'],
  [null, 'no reason given'],
  ['<html>', 'no reason given'],
  [{ message: 7, errors: 'x' }, 'no reason given'],
] as const) {
  test(`a refusal that says ${JSON.stringify(data)} is told as ${words}`, async () => {
    const response = { status: 422, url: '', headers: {}, data };
    const refusal = new RequestError('x', 422, { request: { method: 'GET', url: 'x', headers: {} }, response });
    await assert.rejects(
      request('doing', () => Promise.reject(refusal)),
      { code: 'FORGE_REFUSED', message: `doing: 422: ${words}` },
    );
  });
}
