import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, complaint, propose } from '../../support/github/client.ts';
import { startGitHub } from '../../support/github/stand-in.ts';

test('a pull request reflects its branches in git', async () => {
  await using github = await startGitHub({ files: { 'a.yaml': 'one\n', 'b.yaml': 'two\n' } });
  const first = github.humanCommit('bot/prod', { 'a.yaml': 'one\nmore\n', 'b.yaml': null, 'c.yaml': 'new\n' });
  const number = await propose(github, 'bot/prod', { body: 'Why' });

  const { body: pull } = await call(github, 'GET', `pulls/${number}`);
  assert.equal(pull.head.sha, first);
  assert.equal(pull.base.sha, github.git.run('rev-parse', 'main'));
  assert.equal(pull.body, 'Why');
  assert.deepEqual([pull.commits, pull.changed_files, pull.additions, pull.deletions], [1, 3, 2, 1]);
  assert.deepEqual([pull.mergeable, pull.mergeable_state, pull.merged], [true, 'clean', false]);

  const { body: files } = await call(github, 'GET', `pulls/${number}/files`);
  assert.deepEqual(
    files.map((file: { filename: string; status: string }) => `${file.status} ${file.filename}`),
    ['modified a.yaml', 'removed b.yaml', 'added c.yaml'],
  );

  const second = github.humanCommit('bot/prod', { 'd.yaml': 'x\n' });
  const { body: commits } = await call(github, 'GET', `pulls/${number}/commits`);
  assert.deepEqual(
    commits.map((commit: { sha: string }) => commit.sha),
    [first, second],
  );
  assert.equal((await call(github, 'GET', `pulls/${number}`)).body.head.sha, second);

  github.commitTo('main', { 'a.yaml': 'another\n' });
  const { body: conflicting } = await call(github, 'GET', `pulls/${number}`);
  assert.deepEqual([conflicting.mergeable, conflicting.mergeable_state], [false, 'dirty']);
});

test('invalid pull requests are rejected with GitHub’s messages', async (t) => {
  await using github = await startGitHub();
  github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  github.humanCommit('bot/other', { 'a.yaml': 'two\n' });
  github.git.run('branch', 'bot/same', 'main');
  const number = await propose(github, 'bot/prod');
  const valid = { title: 'T', head: 'bot/other', base: 'main' };

  const refusals = {
    'a duplicate for the branch': [{ head: 'bot/prod' }, 'A pull request already exists for acme:bot/prod.'],
    'a duplicate for the branch with its owner': [
      { head: 'acme:bot/prod' },
      'A pull request already exists for acme:bot/prod.',
    ],
    'an unknown head': [{ head: 'bot/gone' }, 'head: invalid'],
    'an unknown base': [{ base: 'gone' }, 'base: invalid'],
    'no commits': [{ head: 'bot/same' }, 'No commits between main and bot/same'],
    'a body that is too long': [{ body: 'x'.repeat(65_537) }, 'body is too long (maximum is 65536 characters)'],
    'a title that is too long': [{ title: 'x'.repeat(257) }, 'title is too long (maximum is 256 characters)'],
    'a blank title': [{ title: ' ' }, 'title: missing_field'],
  } as const;
  for (const [name, [change, message]] of Object.entries(refusals)) {
    await t.test(name, async () => {
      const response = await call(github, 'POST', 'pulls', { ...valid, ...change });
      assert.equal(response.status, 422);
      assert.equal(response.body.message, 'Validation Failed');
      assert.equal(response.body.status, '422');
      assert.equal(response.body.errors[0].resource, 'PullRequest');
      assert.equal(complaint(response), message);
    });
  }
  assert.equal((await call(github, 'POST', 'pulls', { ...valid, body: 'x'.repeat(65_536) })).status, 201);

  const toAuthor = await call(github, 'POST', `pulls/${number}/requested_reviewers`, { reviewers: ['gitops-bot'] });
  assert.deepEqual(
    [toAuthor.status, complaint(toAuthor)],
    [422, 'Review cannot be requested from pull request author.'],
  );
  const toOther = await call(github, 'POST', `pulls/${number}/requested_reviewers`, { reviewers: ['hubot'] });
  assert.deepEqual([toOther.status, toOther.body.requested_reviewers[0].login], [201, 'hubot']);
});

test('a pull request can be edited within the rules of GitHub', async () => {
  await using github = await startGitHub();
  github.git.run('branch', 'release', 'main');
  github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  const number = await propose(github, 'bot/prod');
  const change = (what: object) => call(github, 'PATCH', `pulls/${number}`, what);
  const { body } = await change({ title: 'New', body: 'Text', base: 'release' });
  assert.deepEqual([body.title, body.body, body.base.ref], ['New', 'Text', 'release']);
  assert.equal(complaint(await change({ base: 'gone' })), "Proposed base branch 'gone' was not found");
  assert.equal((await change({ body: 'x'.repeat(65_537), title: 'Newer' })).status, 422);
  assert.equal(github.pull(number).title, 'New');
  assert.equal((await change({ state: 'closed' })).body.state, 'closed');
  assert.equal((await change({ base: 'main' })).status, 422);
  assert.equal((await change({ state: 'open' })).body.state, 'open');
  github.merge(number, 'squash');
  assert.equal(
    complaint(await change({ state: 'open' })),
    'state cannot be changed. The pull request is already merged.',
  );
});

test('a deleted branch closes its pull request until the same commit is restored', async () => {
  await using github = await startGitHub();
  const tip = github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  const number = await propose(github, 'bot/prod');
  assert.equal((await call(github, 'DELETE', 'git/refs/heads/bot/prod')).status, 204);
  const { body: closed } = await call(github, 'GET', `pulls/${number}`);
  assert.deepEqual([closed.state, closed.merged, closed.head.sha], ['closed', false, tip]);

  const reopen = () => call(github, 'PATCH', `pulls/${number}`, { state: 'open' });
  const failed = await reopen();
  assert.deepEqual(
    [failed.status, complaint(failed)],
    [422, 'state cannot be changed. The bot/prod branch has been deleted.'],
  );
  github.humanCommit('bot/prod', { 'a.yaml': 'two\n' });
  assert.equal(
    complaint(await reopen()),
    'state cannot be changed. The bot/prod branch was force-pushed or recreated.',
  );
  github.git.run('update-ref', 'refs/heads/bot/prod', tip);
  assert.equal((await reopen()).body.state, 'open');
});

test('a head reset to the base is closed, a head contained in the base is merged', async () => {
  await using github = await startGitHub();
  github.humanCommit('bot/back', { 'a.yaml': 'one\n' });
  const tip = github.humanCommit('bot/merged', { 'b.yaml': 'one\n' });
  const back = await propose(github, 'bot/back');
  const merged = await propose(github, 'bot/merged');
  github.git.run('update-ref', 'refs/heads/bot/back', 'main');
  assert.deepEqual([github.pull(back).state, github.pull(back).merged], ['closed', undefined]);
  github.git.run('update-ref', 'refs/heads/main', tip);
  const { body: pull } = await call(github, 'GET', `pulls/${merged}`);
  assert.deepEqual([pull.state, pull.merged, pull.merge_commit_sha, pull.changed_files], ['closed', true, tip, 1]);
});

for (const method of ['merge', 'squash', 'rebase'] as const) {
  test(`${method} adds the files to the base and marks the pull request merged`, async () => {
    await using github = await startGitHub();
    github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
    github.humanCommit('bot/prod', { 'b.yaml': 'two\n' });
    const number = await propose(github, 'bot/prod');
    const base = github.commitTo('main', { 'c.yaml': 'three\n' });
    const commit = github.merge(number, method);
    const { body: pull } = await call(github, 'GET', `pulls/${number}`);
    assert.deepEqual([pull.state, pull.merged, pull.merge_commit_sha, pull.commits], ['closed', true, commit, 2]);
    assert.equal(github.git.run('rev-parse', 'main'), commit);
    assert.equal(github.git.run('ls-tree', '--name-only', 'main'), 'README.md\na.yaml\nb.yaml\nc.yaml');
    const added = { merge: 3, squash: 1, rebase: 2 }[method];
    assert.equal(github.git.run('rev-list', '--count', `${base}..main`), String(added));
  });
}

test('"Update branch" merges the base into the head like GitHub', async () => {
  await using github = await startGitHub();
  const tip = github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  const number = await propose(github, 'bot/prod');
  const base = github.commitTo('main', { 'c.yaml': 'three\n' });
  const merge = github.updateBranch(number);
  const { body: commits } = await call(github, 'GET', `pulls/${number}/commits`);
  const last = commits.at(-1);
  assert.equal(last.sha, merge);
  assert.deepEqual([last.committer.login, last.commit.committer.email], ['web-flow', 'noreply@github.com']);
  assert.deepEqual(
    last.parents.map((parent: { sha: string }) => parent.sha),
    [tip, base],
  );
  assert.equal(github.pull(number).headSha, merge);
});
