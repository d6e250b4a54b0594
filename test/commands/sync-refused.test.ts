import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { fingerprint, gitEnv } from '../support/repository.ts';

const unmerged: readonly NodeJS.ProcessEnv[] = [
  { GITHUB_REF: 'refs/pull/1/merge', GITHUB_EVENT_NAME: 'pull_request' },
  { GITHUB_REF: 'refs/pull/1/merge' },
  { GITHUB_REF: 'refs/pull/12/head', GITHUB_EVENT_NAME: 'workflow_dispatch' },
  { GITHUB_EVENT_NAME: 'pull_request' },
  // Runs with the secrets of the base branch, on anyone's pull request.
  { GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_NAME: 'pull_request_target' },
  { GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_NAME: 'pull_request_review' },
  { GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7-0123abc', GITHUB_EVENT_NAME: 'merge_group' },
  { GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7-0123abc', GITHUB_EVENT_NAME: 'push' },
  { GITHUB_EVENT_NAME: 'merge_group' },
];

test('sync refuses a pull request or a merge queue, exit 2, before anything is read', async () => {
  await using fixture = await openFixture();
  const before = await fingerprint(fixture.dir);
  for (const env of unmerged) {
    for (const args of [['sync'], ['sync', '--dry-run'], ['sync', '--config', 'nowhere.yaml']]) {
      const { err } = await fixture.expect(2, args, { env: { ...gitEnv, ...env } });
      assert.match(
        err,
        /^error: PULL_REQUEST_REF: sync does not run for a (pull request|merge queue) \(.+\)\n {2}Run it on the base/,
      );
    }
  }
  assert.equal(fixture.sandbox.requests.length, 0);
  assert.deepEqual(await fingerprint(fixture.dir), before);
});

test('sync runs for push, schedule and workflow_dispatch', async () => {
  await using fixture = await openFixture();
  for (const GITHUB_EVENT_NAME of ['schedule', 'workflow_dispatch', 'push']) {
    await fixture.expect(0, ['sync'], { env: { ...gitEnv, GITHUB_EVENT_NAME, GITHUB_REF: 'refs/heads/main' } });
  }
});

test('without a GitHub token, sync reads nothing and names the variables to set', async () => {
  await using fixture = await openFixture({
    config: (text) => text.replace('kind: local', 'kind: github\n  repository: acme/gitops'),
  });
  const { err } = await fixture.expect(2, ['sync']);
  assert.match(
    err,
    /^error: FORGE_TOKEN_MISSING: .*\n {2}Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY/,
  );
  assert.equal(fixture.sandbox.requests.length, 0);
});

for (const command of ['sync', 'plan']) {
  test(`${command} in a repository without commits fails with a hint`, async () => {
    await using fixture = await openFixture({ uncommitted: true });
    const { err } = await fixture.expect(1, [command]);
    assert.match(err, /^error: GIT_NO_COMMITS: .*\n {2}Commit the config and the namespace files first\.\n$/);
    assert.equal(fixture.sandbox.requests.length, 0);
  });

  test(`${command} outside a repository fails with a hint`, async () => {
    await using fixture = await openFixture({ uncommitted: true });
    await fixture.write({ '.git': null });
    const { err } = await fixture.expect(1, [command]);
    assert.match(err, /^error: GIT_NOT_A_REPOSITORY: .*\n {2}Keep the config file in the repository/);
  });

  test(`${command} names a missing base branch or remote`, async () => {
    await using fixture = await openFixture({
      config: (text) => text.replace('kind: local', 'kind: local\n  base: trunk'),
    });
    assert.match(
      (await fixture.expect(1, [command])).err,
      /^error: GIT_BASE_NOT_FOUND: .*trunk.*\n {2}Set forge\.base/,
    );
    await fixture.editConfig((text) => text.replace('base: trunk', 'remote: upstream'));
    assert.match(
      (await fixture.expect(1, [command])).err,
      /^error: GIT_FAILED: the repository has no remote upstream\n {2}Add it with git remote add upstream URL, or /,
    );
    await fixture.editConfig((text) => text.replace('remote: upstream', 'base: a..b'));
    assert.match((await fixture.expect(2, [command])).err, /^error: CONFIG_INVALID: "a\.\.b" is not a branch name/);
    assert.equal(fixture.sandbox.requests.length, 0);
  });

  test(`${command} never prints the password of a remote, even with debug logs`, async () => {
    await using fixture = await openFixture({
      config: (text) => text.replace('kind: local', 'kind: local\n  remote: origin'),
    });
    fixture.git('remote', 'add', 'origin', 'https://user:s3cret@127.0.0.1:1/x.git');
    const env = { ...gitEnv, GIT_TRACE: '1' };
    const { out, err } = await fixture.expect(1, [command, '--log-level', 'debug'], { env });
    assert.match(err, /127\.0\.0\.1:1/);
    assert.doesNotMatch(out + err, /s3cret/);
  });

  test(`${command} rejects an output folder that is a symlink in the base commit`, async () => {
    await using fixture = await openFixture();
    await fixture.commit({ output: '->clusters' });
    const { err } = await fixture.expect(1, [command]);
    assert.match(err, /^error: OUTPUT_LINK: writing below output: it is a link/);
  });
}
