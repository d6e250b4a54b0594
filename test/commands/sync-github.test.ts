import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMarker } from '../../src/model/marker.ts';
import { openGitHubStage, proposed } from '../support/github-stage.ts';

test('one pull request per scope is opened, kept up to date, merged, and then there is nothing to do', async () => {
  await using stage = await openGitHubStage();
  const { github } = stage;
  const first = await stage.sync();
  assert.deepEqual(
    first.proposals.map(({ action, pull }) => [action, pull?.number]),
    [['create', 1]],
  );
  const opened = github.pull(1);
  assert.equal(opened.title, first.proposals[0]?.title);
  assert.match(opened.body ?? '', /^\*\*Merging this changes who may do what in cluster `prod`\.\*\*/);
  assert.equal(readMarker(opened.body ?? '')?.digest, first.proposals[0]?.digest);
  assert.deepEqual(opened.labels, ['athenz-gitops']);

  const pushes = (await github.pushes()).length;
  const again = await stage.sync();
  assert.deepEqual(
    again.proposals.map(({ action, pull }) => [action, pull?.number]),
    [['up-to-date', 1]],
  );
  assert.equal((await github.pushes()).length, pushes, 'nothing is pushed again');

  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  const changed = await stage.sync();
  assert.deepEqual(
    changed.proposals.map(({ action, pull }) => [action, pull?.number]),
    [['update', 1]],
  );
  assert.match(github.pull(1).body ?? '', /user\.nell/);
  assert.equal(github.pulls().length, 1);

  await github.merge(1, 'squash');
  const merged = await stage.sync();
  assert.deepEqual(
    merged.proposals.map(({ action }) => action),
    ['delete'],
  );
  assert.equal(github.git.branches().has(proposed), false);
  assert.deepEqual(
    (await stage.sync()).proposals.map(({ action }) => action),
    ['none'],
  );
});
