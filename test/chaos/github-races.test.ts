import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GitHubFixture, openGitHubFixture, proposed } from '../support/github-fixture.ts';
import { markerOf } from '../support/marker.ts';
import type { RunResult } from '../support/result.ts';
import { isChaos, stepsOr } from '../support/tier.ts';

const search = 'acme.eks.search';
const admins = 'k8s_ns_admins';
const output = 'output/prod/search/rbac.yaml';

/** Runs sync in a clone; it must succeed. */
async function syncIn(fixture: GitHubFixture, cwd: string): Promise<RunResult> {
  const { out } = await fixture.expect(0, ['sync', '--json'], { cwd });
  return JSON.parse(out) as RunResult;
}

function actionsOf(results: readonly RunResult[]): readonly string[] {
  return results.flatMap(({ proposals }) => proposals.map(({ action }) => action));
}

/** Does something during a run, before its n-th request to GitHub is answered; returns that request. */
async function pauseAt<T>(
  fixture: GitHubFixture,
  at: number,
  run: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<{ readonly result: T; readonly paused: string | undefined }> {
  let seen = 0;
  let paused: string | undefined;
  fixture.github.intercept(async ({ method, path }) => {
    if (paused !== undefined || ++seen !== at) return undefined;
    paused = `${method} ${path}`;
    await meanwhile();
    return undefined;
  });
  const result = await run();
  fixture.github.intercept(undefined);
  return { result, paused };
}

/** Branch and pull request agree and hold the later poll. */
function checkAgree({ github }: GitHubFixture, member: string): void {
  const [open, ...more] = github.pulls().filter(({ state }) => state === 'open');
  assert.ok(open !== undefined);
  assert.deepEqual(more, []);
  assert.match(github.git.run('show', `${proposed}:${output}`), new RegExp(member.replace('.', '\\.')));
  const trailer = github.git.run('log', '-1', '--format=%(trailers:key=Athenz-Gitops-Digest,valueonly)', proposed);
  assert.equal(markerOf(open.body)?.digest, trailer.trim());
  assert.match(open.body ?? '', new RegExp(member.replace('.', '\\.')));
}

test('three clones at once all succeed and open one pull request', async () => {
  await using fixture = await openGitHubFixture();
  const { github } = fixture;
  const dirs = [fixture.dir, fixture.clone('second'), fixture.clone('third')];
  for (let rounds = 0; rounds < (isChaos ? 20 : 1); rounds++) {
    const member = `user.r${rounds}`;
    fixture.setRole(search, admins, ['user.dara', member]);
    const actions = actionsOf(await Promise.all(dirs.map((dir) => syncIn(fixture, dir))));
    for (const action of actions) assert.match(action, /^(create|update|up-to-date|superseded)$/);
    assert.equal(github.pulls().length, 1);
    checkAgree(fixture, member);
    const next = await fixture.sync();
    assert.deepEqual(actionsOf([next]), ['up-to-date']);
  }
  const created = github.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/pulls'));
  assert.equal(created.filter(({ status }) => status === 201).length, 1);
});

for (const exists of [false, true]) {
  const what = exists ? 'updating' : 'opening';
  test(`a run ${what} a pull request and overtaken by a later poll leaves the later result`, async () => {
    const seen = new Set<boolean>();
    // Before its poll and at what GitHub has no condition for: opening, and editing.
    for (const at of stepsOr(exists ? [8] : [1, 7])) {
      await using fixture = await openGitHubFixture();
      const { github } = fixture;
      if (exists) await fixture.sync();
      const second = fixture.clone('second');
      fixture.setRole(search, admins, ['user.dara', 'user.early']);
      let polled = fixture.sandbox.requests.length;
      let overtaken = false;
      const { result, paused } = await pauseAt(
        fixture,
        at,
        () => syncIn(fixture, fixture.dir),
        async () => {
          overtaken = fixture.sandbox.requests.length > polled;
          fixture.setRole(search, admins, ['user.dara', 'user.late']);
          polled = fixture.sandbox.requests.length;
          await syncIn(fixture, second);
          checkAgree(fixture, 'user.late');
        },
      );
      if (paused === undefined) {
        assert.ok(at > 8, `${at}`);
        break;
      }
      seen.add(overtaken);
      // GitHub has no conditional PATCH: the next run corrects one that was paused there.
      if (paused.startsWith('PATCH')) assert.match(github.git.run('show', `${proposed}:${output}`), /user\.late/);
      else checkAgree(fixture, 'user.late');
      assert.match(actionsOf([result]).join(), /^(create|update|up-to-date|superseded)$/, `paused at ${paused}`);
      assert.deepEqual(actionsOf([await fixture.sync()]), ['up-to-date'], `paused at ${paused}`);
      checkAgree(fixture, 'user.late');
    }
    assert.equal(seen.size, isChaos || !exists ? 2 : 1, 'paused before and after its poll');
  });
}

test('a run whose poll is older than the pushed commit reports superseded', async () => {
  await using fixture = await openGitHubFixture();
  const second = fixture.clone('second');
  fixture.setRole(search, admins, ['user.dara', 'user.early']);
  const { result } = await pauseAt(
    fixture,
    3,
    () => syncIn(fixture, fixture.dir),
    async () => {
      fixture.setRole(search, admins, ['user.dara', 'user.late']);
      await syncIn(fixture, second);
    },
  );
  assert.deepEqual(actionsOf([result]), ['superseded']);
  checkAgree(fixture, 'user.late');
});

test('a commit pushed to the branch during a run is kept', async () => {
  for (const at of stepsOr([6])) {
    await using fixture = await openGitHubFixture();
    const { github } = fixture;
    await fixture.sync();
    fixture.setRole(search, admins, ['user.dara', 'user.nell']);
    let mine = '';
    const { paused } = await pauseAt(
      fixture,
      at,
      () => fixture.run(['sync', '--json']),
      async () => {
        mine = github.humanCommit(proposed, { 'notes.md': 'mine\n' });
      },
    );
    if (paused === undefined && at > 6) break;
    assert.ok(github.git.contains(proposed, mine), `paused at ${paused}`);
    await fixture.expect(4, ['sync']);
    assert.ok(github.git.contains(proposed, mine), `paused at ${paused}`);
    assert.equal(github.pull(1).comments.length, 1);
  }
});

test('a run whose pull request is merged meanwhile reports superseded, the next one proposes the rest', async () => {
  await using fixture = await openGitHubFixture();
  const { github } = fixture;
  await fixture.sync();
  fixture.setRole(search, admins, ['user.dara', 'user.nell']);
  github.intercept(({ method, path }) => {
    if (method === 'GET' && path.endsWith('/pulls') && github.pull(1).state === 'open') {
      github.merge(1);
      github.deleteBranch(proposed);
    }
    return undefined;
  });
  const { proposals } = await fixture.sync();
  assert.deepEqual(
    proposals.map(({ action, reason }) => [action, reason]),
    [['superseded', 'main has moved since this run began']],
  );
  assert.equal(github.pulls().length, 1);
  assert.equal(github.git.branches().has(proposed), false);
  const next = await fixture.sync();
  assert.deepEqual(
    next.proposals.map(({ action, pull }) => [action, pull?.number]),
    [['create', 2]],
  );
  assert.match(github.pull(2).body ?? '', /1 grant added, 0 removed/);
});
