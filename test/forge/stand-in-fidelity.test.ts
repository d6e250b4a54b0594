import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, propose } from '../support/github/client.ts';
import { startGitHub } from '../support/github/stand-in.ts';

test('what GitHub would not understand ends the test', async (t) => {
  const violations = {
    'a body of another type': [
      'POST',
      'pulls',
      { title: 1, head: 'a', base: 'main' },
      'POST /repos/{owner}/{repo}/pulls: body/title must be string',
    ],
    'a required key that is missing': [
      'POST',
      'pulls',
      { title: 'a', base: 'main' },
      "body must have required property 'head'",
    ],
    'a key that nobody knows': ['PATCH', 'pulls/1', { titel: 'a' }, 'body/titel is no property'],
    'a body that is missing': ['POST', 'pulls', undefined, 'body is missing'],
    'a parameter that nobody knows': ['GET', 'pulls?stat=open', undefined, 'query/stat is no parameter'],
    'a parameter of another type': ['GET', 'pulls?per_page=many', undefined, 'query/per_page must be integer'],
    'a value out of a list': [
      'GET',
      'pulls?state=merged',
      undefined,
      'query/state must be equal to one of the allowed values',
    ],
    'an operation that is not there': [
      'GET',
      'pulls/1/nothing',
      undefined,
      'the stand-in does not know this operation',
    ],
  } as const;
  for (const [name, [method, path, body, words]] of Object.entries(violations)) {
    await t.test(name, async () => {
      const github = await startGitHub({ onViolation: () => {} });
      assert.equal((await call(github, method, path, body)).status, 500);
      await assert.rejects(github[Symbol.asyncDispose](), ({ message }: Error) => message.includes(words));
    });
  }
  await t.test('an answer of its own', async () => {
    const github = await startGitHub({ onViolation: () => {} });
    github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
    const number = await propose(github, 'bot/prod');
    // What only a mistake in the stand-in could do.
    github.editBody(number, 7 as unknown as string);
    assert.equal((await call(github, 'GET', `pulls/${number}`)).status, 500);
    await assert.rejects(github[Symbol.asyncDispose](), /answer\/body must be string/);
  });
});
