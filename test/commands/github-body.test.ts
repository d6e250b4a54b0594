import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionsOf, type GitHubFixture, openGitHubFixture, openProposed } from '../support/github-fixture.ts';
import type { RunResult } from '../support/result.ts';
import { isChaos, testInChaos } from '../support/tier.ts';

const search = 'acme.eks.search';
const admins = 'k8s_ns_admins';

function change(fixture: GitHubFixture, name = 'user.nell'): void {
  fixture.setRole(search, admins, ['user.dara', name]);
}

test('a body without its marker is rewritten', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  const { body } = github.pull(1);
  if (isChaos) {
    github.editBody(1, `Looks good to me.\n\n${body}`);
    await fixture.sync();
    assert.match(github.pull(1).body ?? '', /^Looks good to me\./);
  }
  github.editBody(1, 'Nothing to see here');
  await fixture.sync();
  const withoutTime = (text: string | null) => text?.replace(/Polled .*/, '').replace(/"polled":"[^"]*"/, '');
  assert.equal(withoutTime(github.pull(1).body), withoutTime(body));
});

/** Proposes user.omar, writes into its body the marker that proposing user.nell will have, and adds user.nell in Athenz. */
async function forgeNextMarker(fixture: GitHubFixture): Promise<void> {
  const { github } = fixture;
  const marker = /<!-- athenz-gitops v1 .* -->/;
  change(fixture);
  await fixture.sync();
  const next = marker.exec(github.pull(1).body ?? '')?.[0] ?? assert.fail('there is no marker');
  change(fixture, 'user.omar');
  await fixture.sync();
  github.editBody(1, (github.pull(1).body ?? '').replace(marker, next));
  change(fixture);
}

/** Everything on the way to GitHub but git, as `GET /repos/…`. */
function callsOf({ github }: GitHubFixture, since: number): readonly string[] {
  return github.requests.slice(since).flatMap(({ face, method, path }) => (face === 'api' ? `${method} ${path}` : []));
}

test('a marker forged for the next run does not hide what the branch gains', async () => {
  await using fixture = await openProposed();
  await forgeNextMarker(fixture);
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  const { body } = fixture.github.pull(1);
  assert.match(body ?? '', /user\.nell/);
  assert.doesNotMatch(body ?? '', /user\.omar/);
});

testInChaos('a body with a forged marker that a stopped run has left is rewritten by the next run', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  await forgeNextMarker(fixture);
  github.editTitle(1, 'Nothing to see here');
  github.intercept(({ method }) => (method === 'PATCH' ? { kind: 'status', status: 422, body: '{}' } : undefined));
  await fixture.run(['sync']);
  assert.doesNotMatch(github.pull(1).body ?? '', /user\.nell/, 'the branch has moved, the body has not changed');
  github.intercept(undefined);
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  assert.match(github.pull(1).body ?? '', /user\.nell/);
  assert.notEqual(github.pull(1).title, 'Nothing to see here');
});

test('an edit inside the text is undone once; with text around it, in any line ends, nothing is written', async () => {
  await using fixture = await openProposed();
  const { github } = fixture;
  const { body, title } = github.pull(1);
  github.editBody(1, (body ?? '').replace('user.dara', 'user.nobody'));
  await fixture.sync();
  assert.match(github.pull(1).body ?? '', /user\.dara/);
  const around = `Reviewed.\n\n${github.pull(1).body}\nBy a bot.\n`.replaceAll('\n', '\r\n');
  github.editBody(1, around);
  github.editTitle(1, `chore: ${title}`);
  const since = github.requests.length;
  assert.deepEqual(actionsOf(await fixture.sync()), ['up-to-date', 1]);
  assert.deepEqual(callsOf(fixture, since), ['GET /repos/acme/gitops/pulls']);
  assert.deepEqual([github.pull(1).body, github.pull(1).title], [around, `chore: ${title}`]);
});

test('text appended by other tools stays and does not hide the age of removals', async () => {
  await using fixture = await openGitHubFixture({ rendered: true });
  const { github } = fixture;
  fixture.setRole(search, admins, ['user.ada']);
  const since = (await fixture.sync()).asOf;
  const body = `${github.pull(1).body}\n---\n\n## Summary by a bot\nAccess goes.\n`;
  github.editBody(1, body);
  const { proposals } = await fixture.sync();
  assert.deepEqual(
    proposals.map(({ action, removalsSince }) => [action, removalsSince]),
    [['up-to-date', since]],
  );
  assert.equal(github.pull(1).body, body);
  fixture.setRole(search, admins, ['user.ada', 'user.nell']);
  await fixture.sync();
  assert.match(github.pull(1).body ?? '', new RegExp(`"removals":"${since}".*\n$`));
});

test('impossible values in a body neither freeze it nor end a run', async () => {
  await using fixture = await openGitHubFixture({ rendered: true });
  const { github } = fixture;
  fixture.setRole(search, admins, ['user.ada']);
  await fixture.sync();
  const forge = (field: string, value: string) =>
    github.editBody(1, (github.pull(1).body ?? '').replace(new RegExp(`"${field}":"[^"]*"`), `"${field}":${value}`));

  forge('polled', '"9999"');
  fixture.setRole(search, admins, ['user.ada', 'user.nell']);
  assert.deepEqual(actionsOf(await fixture.sync()), ['update', 1]);
  assert.match(github.pull(1).body ?? '', /user\.nell/);

  forge('removals', 'true');
  const { proposals, asOf } = await fixture.sync();
  assert.deepEqual(actionsOf({ proposals } as RunResult), ['up-to-date', 1]);
  assert.match(github.pull(1).body ?? '', new RegExp(`"removals":"${asOf}"`), 'it is put right');

  // Declined, what waits to be removed stands: that must not depend on what the body says.
  forge('removals', 'true');
  github.close(1);
  assert.deepEqual(actionsOf(await fixture.sync(4)), ['declined', 1]);
});
