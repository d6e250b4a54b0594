import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMarker } from '../../src/model/marker.ts';
import type { RunResult } from '../../src/model/result.ts';
import { effort } from '../support/effort.ts';
import { type GitHubFixture, openGitHubFixture, proposed } from '../support/github-fixture.ts';
import { every } from '../support/sync-fixture.ts';

const search = 'acme.eks.search';
const admins = 'k8s_ns_admins';
const output = 'output/prod/search/rbac.yaml';

/** Runs sync in a clone; nobody may fail. */
async function syncIn(fixture: GitHubFixture, cwd: string): Promise<RunResult> {
  const { out } = await fixture.expect(0, ['sync', '--json'], { cwd });
  return JSON.parse(out) as RunResult;
}

function actionsOf(results: readonly RunResult[]): readonly string[] {
  return results.flatMap(({ proposals }) => proposals.map(({ action }) => action));
}

/** Runs something in the middle of a run: before its n-th request to GitHub is answered. Gives which one that was. */
async function holdAt<T>(
  fixture: GitHubFixture,
  at: number,
  run: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<{ readonly result: T; readonly held: string | undefined }> {
  let seen = 0;
  let held: string | undefined;
  fixture.github.intercept(async ({ method, path }) => {
    if (held !== undefined || ++seen !== at) return undefined;
    held = `${method} ${path}`;
    await meanwhile();
    return undefined;
  });
  const result = await run();
  fixture.github.intercept(undefined);
  return { result, held };
}

/** What the branch and the pull request say agrees, and is the later poll's. */
function checkAgree({ github }: GitHubFixture, member: string): void {
  const [open, ...more] = github.pulls().filter(({ state }) => state === 'open');
  assert.ok(open !== undefined);
  assert.deepEqual(more, []);
  assert.match(github.git.run('show', `${proposed}:${output}`), new RegExp(member.replace('.', '\\.')));
  const trailer = github.git.run('log', '-1', '--format=%(trailers:key=Athenz-Gitops-Digest,valueonly)', proposed);
  assert.equal(readMarker(open.body ?? '')?.digest, trailer.trim());
  assert.match(open.body ?? '', new RegExp(member.replace('.', '\\.')));
}

test('three clones at once: one pull request, and nobody fails', async () => {
  await using fixture = await openGitHubFixture();
  const { github } = fixture;
  const dirs = [fixture.dir, fixture.clone('second'), fixture.clone('third')];
  for (let rounds = 0; rounds < effort(2); rounds++) {
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
  const what = exists ? 'updates the pull request there is' : 'opens one';
  test(`run A ${what}, and is overtaken before any of its requests by run B, which polls later: B counts`, async () => {
    const seen = new Set<boolean>();
    for (let at = exists ? 2 : 1; ; at += every(2)) {
      await using fixture = await openGitHubFixture();
      const { github } = fixture;
      if (exists) await fixture.sync();
      const second = fixture.clone('second');
      fixture.setRole(search, admins, ['user.dara', 'user.early']);
      let polled = fixture.sandbox.requests.length;
      let overtaken = false;
      const { result, held } = await holdAt(
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
      if (held === undefined) break;
      seen.add(overtaken);
      // GitHub has no edit on condition: a run that is held just there is set right by the next one.
      if (held.startsWith('PATCH')) assert.match(github.git.run('show', `${proposed}:${output}`), /user\.late/);
      else checkAgree(fixture, 'user.late');
      assert.match(actionsOf([result]).join(), /^(create|update|up-to-date|superseded)$/, `held at ${held}`);
      assert.deepEqual(actionsOf([await fixture.sync()]), ['up-to-date'], `held at ${held}`);
      checkAgree(fixture, 'user.late');
    }
    assert.equal(seen.size, 2, 'held before and after its poll');
  });
}

test('run A polls early, run B polls late and pushes: A leaves it to B', async () => {
  await using fixture = await openGitHubFixture();
  const second = fixture.clone('second');
  fixture.setRole(search, admins, ['user.dara', 'user.early']);
  const { result } = await holdAt(
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

test('a person is as fast as a run: the commit they push in between stays', async () => {
  for (let at = 2; ; at += every(3)) {
    await using fixture = await openGitHubFixture();
    const { github } = fixture;
    await fixture.sync();
    fixture.setRole(search, admins, ['user.dara', 'user.nell']);
    let mine = '';
    const { held } = await holdAt(
      fixture,
      at,
      () => fixture.run(['sync', '--json']),
      async () => {
        mine = github.humanCommit(proposed, { 'notes.md': 'mine\n' });
      },
    );
    if (held === undefined) break;
    assert.ok(github.git.contains(proposed, mine), `held at ${held}`);
    await fixture.expect(4, ['sync']);
    assert.ok(github.git.contains(proposed, mine), `held at ${held}`);
    assert.equal(github.pull(1).comments.length, 1);
  }
});

test('somebody merges what a run is about to write anew: the run leaves it, and the next one sees what is left', async () => {
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
