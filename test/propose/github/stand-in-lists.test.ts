import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, complaint, propose } from '../../support/github/client.ts';
import { type GitHubStandIn, startGitHub } from '../../support/github/stand-in.ts';

const numbers = async (github: GitHubStandIn, query: string): Promise<readonly number[]> => {
  const { body } = await call(github, 'GET', `pulls?${query}`);
  return body.map((pull: { number: number }) => pull.number);
};

test('lists are filtered, sorted and paged', async (t) => {
  await using github = await startGitHub();
  github.git.run('branch', 'release', 'main');
  for (const branch of ['one', 'two', 'three', 'four', 'five']) {
    github.humanCommit(branch, { [branch]: 'x\n' });
    await propose(github, branch);
  }
  assert.equal(github.openIssue('Numbers are shared'), 6);
  assert.equal(await propose(github, 'one', { base: 'release' }), 7);
  github.close(2);
  github.merge(3);

  const filters = {
    '': [7, 5, 4, 1],
    'state=closed': [3, 2],
    'state=all': [7, 5, 4, 3, 2, 1],
    'state=all&sort=created&direction=asc': [1, 2, 3, 4, 5, 7],
    'head=acme:one': [7, 1],
    'head=ACME:one&base=main': [1],
    'head=other:one': [],
    'base=release': [7],
    // A head without an owner filters nothing.
    'head=one': [7, 5, 4, 1],
  };
  for (const [query, expected] of Object.entries(filters)) {
    await t.test(query || 'no filter', async () => assert.deepEqual(await numbers(github, query), expected));
  }

  await t.test('pages', async () => {
    const seen: number[] = [];
    let next: string | undefined = '/repos/acme/gitops/pulls?state=all&per_page=4';
    const links: (string | null)[] = [];
    while (next !== undefined) {
      const { headers, body } = await call(github, 'GET', next);
      seen.push(...body.map((pull: { number: number }) => pull.number));
      const link = headers.get('link');
      links.push((link ?? '').replaceAll(/<[^>]*>; /g, ''));
      next = /<([^>]+)>; rel="next"/.exec(link ?? '')?.[1]?.slice(github.apiUrl.length);
    }
    assert.deepEqual(seen, [7, 5, 4, 3, 2, 1]);
    assert.deepEqual(links, ['rel="next", rel="last"', 'rel="prev", rel="first"']);
  });
});

test('a page has 30 items by default and 100 at most', async () => {
  await using github = await startGitHub();
  github.humanCommit('bot/prod', Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`f${at}`, `${at}\n`])));
  const number = await propose(github, 'bot/prod');
  const files = async (query: string) => (await call(github, 'GET', `pulls/${number}/files${query}`)).body.length;
  assert.deepEqual([await files(''), await files('?page=4')], [30, 11]);
  assert.deepEqual([await files('?per_page=1000'), await files('?per_page=100&page=2')], [100, 1]);
});

test('labels can be created, added, replaced, removed and listed', async () => {
  await using github = await startGitHub();
  github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  const number = await propose(github, 'bot/prod');
  const names = ({ body }: { body: readonly { name: string }[] }) => body.map(({ name }) => name);
  const label = { name: 'athenz-gitops/removal', color: 'b60205', description: 'Takes access away' };

  assert.equal((await call(github, 'POST', 'labels', label)).status, 201);
  const again = await call(github, 'POST', 'labels', { ...label, name: 'Athenz-GitOps/removal' });
  assert.deepEqual(
    [again.status, again.body.errors],
    [422, [{ resource: 'Label', code: 'already_exists', field: 'name' }]],
  );
  assert.equal((await call(github, 'GET', 'labels/athenz-gitops%2Fremoval')).body.color, 'b60205');
  assert.equal((await call(github, 'GET', 'labels/other')).status, 404);

  const on = `issues/${number}/labels`;
  assert.deepEqual(names(await call(github, 'POST', on, { labels: ['athenz-gitops/removal', 'new'] })), [
    label.name,
    'new',
  ]);
  assert.deepEqual(names(await call(github, 'POST', on, { labels: ['new'] })), [label.name, 'new']);
  const [listed] = (await call(github, 'GET', 'pulls')).body;
  assert.deepEqual(names({ body: listed.labels }), [label.name, 'new']);
  const missing = await call(github, 'DELETE', `${on}/other`);
  assert.deepEqual([missing.status, complaint(missing)], [404, 'Label does not exist']);
  assert.deepEqual(names(await call(github, 'DELETE', `${on}/athenz-gitops%2Fremoval`)), ['new']);
  assert.deepEqual(names(await call(github, 'PUT', on, { labels: ['third'] })), ['third']);
  assert.equal((await call(github, 'DELETE', on)).status, 204);
  github.setLabels(number, ['New']);
  assert.deepEqual(names(await call(github, 'GET', on)), ['new']);
  assert.deepEqual(names(await call(github, 'GET', 'labels')), [label.name, 'new', 'third']);
  assert.equal((await call(github, 'POST', 'issues/99/labels', { labels: ['x'] })).status, 404);
});

test('comments can be created, edited and listed', async () => {
  await using github = await startGitHub();
  github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  const number = await propose(github, 'bot/prod');
  const { body: created } = await call(github, 'POST', `issues/${number}/comments`, { body: 'First' });
  assert.equal(created.user.login, 'gitops-bot');
  assert.equal((await call(github, 'PATCH', `issues/comments/${created.id}`, { body: 'Second' })).body.body, 'Second');
  const { body: all } = await call(github, 'GET', `issues/${number}/comments`);
  assert.deepEqual(
    all.map((comment: { body: string }) => comment.body),
    ['Second'],
  );
  assert.equal((await call(github, 'GET', `pulls/${number}`)).body.comments, 1);
  assert.equal((await call(github, 'PATCH', 'issues/comments/1', { body: 'x' })).status, 404);
  const long = await call(github, 'POST', `issues/${number}/comments`, { body: 'x'.repeat(65_537) });
  assert.equal(long.status, 422);
  assert.deepEqual(
    github.pull(number).comments.map(({ body }) => body),
    ['Second'],
  );
});

test('refs and comparisons come from git', async () => {
  await using github = await startGitHub();
  const tip = github.humanCommit('bot/prod', { 'a.yaml': 'one\n' });
  const base = github.commitTo('main', { 'b.yaml': 'two\n' });
  assert.equal((await call(github, 'GET', 'git/ref/heads/bot/prod')).body.object.sha, tip);
  assert.equal((await call(github, 'GET', 'git/ref/heads%2Fbot%2Fprod')).body.object.sha, tip);
  assert.equal((await call(github, 'GET', 'git/ref/heads/bot')).status, 404);
  const { body } = await call(github, 'GET', 'compare/main...bot%2Fprod');
  assert.deepEqual([body.status, body.ahead_by, body.behind_by], ['diverged', 1, 1]);
  assert.deepEqual(
    body.files.map((file: { filename: string }) => file.filename),
    ['a.yaml'],
  );
  assert.equal(body.base_commit.sha, base);
  assert.equal((await call(github, 'GET', 'compare/main...gone')).status, 404);
  const deletion = await call(github, 'DELETE', 'git/refs/heads/gone');
  assert.deepEqual([deletion.status, complaint(deletion)], [422, 'Reference does not exist']);
});
