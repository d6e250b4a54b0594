import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGit } from '../../../src/git/git.ts';
import { call, cloneOf, credential, propose } from '../../support/github/client.ts';
import { everyPermission, everyToken } from '../../support/github/options.ts';
import { startGitHub } from '../../support/github/stand-in.ts';
import { gitEnv } from '../../support/repository.ts';

test('a push with a lease updates the head of the pull request', async () => {
  const by = 'gitops-bot';
  await using github = await startGitHub();
  await using clone = await cloneOf(github);
  await clone.run('committing', 'commit', '--quiet', '--allow-empty', '--message=One');
  const one = await clone.run('reading', 'rev-parse', 'HEAD');
  await clone.run(
    'pushing',
    'push',
    '--quiet',
    '--force-with-lease=refs/heads/bot/prod:',
    'origin',
    'HEAD:refs/heads/bot/prod',
  );
  const number = await propose(github, 'bot/prod');
  assert.equal(github.pull(number).headSha, one.trim());

  const human = github.humanCommit('bot/prod', { 'a.yaml': 'by hand\n' });
  await clone.run('committing', 'commit', '--quiet', '--allow-empty', '--amend', '--message=Two');
  const stale = `--force-with-lease=refs/heads/bot/prod:${one.trim()}`;
  const lost = await clone.feed(['push', '--porcelain', stale, 'origin', 'HEAD:refs/heads/bot/prod']);
  assert.match(lost.stdout.toString(), /^!\tHEAD:refs\/heads\/bot\/prod\t\[rejected\]/m);
  assert.equal(github.pull(number).headSha, human);

  const fresh = `--force-with-lease=refs/heads/bot/prod:${human}`;
  await clone.run('pushing', 'push', '--quiet', fresh, 'origin', 'HEAD:refs/heads/bot/prod');
  const two = (await clone.run('reading', 'rev-parse', 'HEAD')).trim();
  assert.equal((await call(github, 'GET', `pulls/${number}`)).body.head.sha, two);
  await clone.run('pushing', 'push', '--quiet', 'origin', ':refs/heads/bot/prod');
  await clone.run('pushing', 'push', '--quiet', 'origin', 'HEAD:refs/heads/bot/prod');
  // Deleting the branch closed the pull request; pushing it again does not reopen it.
  assert.deepEqual([github.pull(number).state, github.pull(number).closedBy], ['closed', by]);
  const ref = 'refs/heads/bot/prod';
  const zero = '0'.repeat(40);
  assert.deepEqual(await github.pushes(), [
    { ref, before: zero, after: one.trim(), by },
    { ref, before: human, after: two, by },
    { ref, before: two, after: zero, by },
    { ref, before: zero, after: two, by },
  ]);
});

test('refs/pull/1/head can be read but not pushed', async () => {
  await using github = await startGitHub();
  const tip = github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  await propose(github, 'bot/prod');
  await using clone = await cloneOf(github);
  assert.equal(await clone.run('listing', 'ls-remote', 'origin', 'refs/pull/1/head'), `${tip}\trefs/pull/1/head\n`);
  assert.equal(await clone.ask('push', 'origin', '+HEAD:refs/pull/1/head'), undefined);
});

test('git access requires a token with permission', async (t) => {
  await using github = await startGitHub({
    tokens: {
      [everyToken]: { kind: 'user', login: 'gitops-bot', permissions: everyPermission },
      reads: { kind: 'installation', login: 'reader[bot]', permissions: { metadata: 'read', contents: 'read' } },
      blind: { kind: 'installation', login: 'blind[bot]', permissions: { metadata: 'read' } },
    },
  });
  await using clone = await cloneOf(github);
  const cases = {
    'no token': [{}, ['ls-remote', 'origin'], /could not read Username|terminal prompts disabled/],
    'a wrong token': [
      credential(github, 'wrong'),
      ['ls-remote', 'origin'],
      /could not read Username|terminal prompts disabled/,
    ],
    'a token with another user name': [
      credential(github, everyToken, 'somebody'),
      ['ls-remote', 'origin'],
      /could not read Username|terminal prompts disabled/,
    ],
    'a token without read permission': [credential(github, 'blind'), ['ls-remote', 'origin'], /not found/i],
    'a token without push permission': [credential(github, 'reads'), ['push', 'origin', 'HEAD:refs/heads/new'], /403/],
  } as const;
  for (const [name, [env, args, expected]] of Object.entries(cases)) {
    await t.test(name, async () => {
      const { code, stderr } = await openGit(clone.dir, { ...gitEnv, ...env }).feed(args);
      assert.notEqual(code, 0);
      assert.match(stderr, expected);
    });
  }
  assert.equal(
    (await openGit(clone.dir, { ...gitEnv, ...credential(github, 'reads') }).feed(['ls-remote', 'origin'])).code,
    0,
  );
  assert.deepEqual(await github.pushes(), []);
});
