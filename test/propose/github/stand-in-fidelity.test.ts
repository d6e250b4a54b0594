import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, propose } from '../../support/github/client.ts';
import { startGitHub } from '../../support/github/stand-in.ts';

test('requests that violate the GitHub API fail the test', async (t) => {
  const violations = {
    'a body value of the wrong type': [
      'POST',
      'pulls',
      { title: 1, head: 'a', base: 'main' },
      'POST /repos/{owner}/{repo}/pulls: body/title must be string',
    ],
    'a missing required key': [
      'POST',
      'pulls',
      { title: 'a', base: 'main' },
      "body must have required property 'head'",
    ],
    'an unknown key': ['PATCH', 'pulls/1', { titel: 'a' }, 'body/titel is no property'],
    'a missing body': ['POST', 'pulls', undefined, 'body is missing'],
    'an unknown parameter': ['GET', 'pulls?stat=open', undefined, 'query/stat is no parameter'],
    'a parameter of the wrong type': ['GET', 'pulls?per_page=many', undefined, 'query/per_page must be integer'],
    'a value outside of an enum': [
      'GET',
      'pulls?state=merged',
      undefined,
      'query/state must be equal to one of the allowed values',
    ],
    'an unknown operation': ['GET', 'pulls/1/nothing', undefined, 'the stand-in does not know this operation'],
  } as const;
  for (const [name, [method, path, body, expected]] of Object.entries(violations)) {
    await t.test(name, async () => {
      const github = await startGitHub({ onViolation: () => {} });
      assert.equal((await call(github, method, path, body)).status, 500);
      await assert.rejects(github[Symbol.asyncDispose](), ({ message }: Error) => message.includes(expected));
    });
  }
  await t.test('an invalid response of the stand-in', async () => {
    const github = await startGitHub({ onViolation: () => {} });
    github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
    const number = await propose(github, 'bot/prod');
    // Simulates a bug in the stand-in.
    github.editBody(number, 7 as unknown as string);
    assert.equal((await call(github, 'GET', `pulls/${number}`)).status, 500);
    await assert.rejects(github[Symbol.asyncDispose](), /answer\/body must be string/);
  });
});
