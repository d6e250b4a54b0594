import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { readFiles } from '../support/generated.ts';
import { openKiller } from '../support/kill.ts';
import { openPauser } from '../support/pause.ts';
import { gitIn } from '../support/repository.ts';
import { branches, openSyncFixture, type SyncFixture, search } from '../support/sync-fixture.ts';
import { isChaos, shareOf, stepsOr } from '../support/tier.ts';

const admins = 'k8s_ns_admins';
const prod = `${branches}/prod`;

/** Where proposals go. */
const places = [
  ['in this repository', false],
  ['through a remote', true],
] as const;

for (const [where, remote] of shareOf(places, 0, 2)) {
  test(`a sync overtaken by a later one leaves the later poll's result, ${where}`, async () => {
    await using fixture = await openSyncFixture(remote);
    await using pauser = await openPauser();
    const [kim, lee] = [await outcomeWith(fixture, 'user.kim'), await outcomeWith(fixture, 'user.lee')];
    const seen = new Set<boolean>();
    // Before its poll and after it.
    for (const at of stepsOr([1, 14])) {
      fixture.setRole(search, admins, ['user.dara', 'user.omar']);
      let requests = fixture.sandbox.requests.length;
      let polled = false;
      const ran = await pauser.pauseAt(
        at,
        (env) => fixture.expect(0, ['sync', '--json'], { env }),
        async () => {
          polled = fixture.sandbox.requests.length > requests;
          fixture.setRole(search, admins, ['user.dara', 'user.kim']);
          await fixture.expect(0, ['sync']);
          assert.deepEqual(fixture.outcome(), kim);
          fixture.setRole(search, admins, ['user.dara', 'user.lee']);
          requests = fixture.sandbox.requests.length;
        },
      );
      const ended = ran === undefined;
      if (!ended) {
        seen.add(polled);
        assert.deepEqual(fixture.outcome(), polled ? kim : lee, `held at ${at}`);
      }
      gitIn(fixture.target, 'fsck', '--strict', '--no-dangling');
      await fixture.expect(0, ['sync']);
      if (!ended) assert.deepEqual(fixture.outcome(), lee);
      await fixture.restore();
      if (ended) break;
    }
    assert.equal(seen.size, 2);
  });
}

for (const [where, remote] of shareOf(places, 1, 2)) {
  test(`a commit pushed to the branch during a sync is kept, ${where}`, async () => {
    await using fixture = await openSyncFixture(remote);
    await using pauser = await openPauser();
    const first = fixture.tipOf(prod);
    const codes = new Set<number>();
    for (const at of stepsOr([14])) {
      let mine = '';
      let code = 4;
      const ran = await pauser.pauseAt(
        at,
        (env) => fixture.run(['sync'], { env }),
        () => {
          // On what was there before, or on what this very run has just put there.
          const tip = fixture.tipOf(prod);
          if (tip !== first) code = 0;
          mine = gitIn(fixture.target, 'commit-tree', '-p', tip, '-m', 'Mine', `${tip}^{tree}`);
          gitIn(fixture.target, 'update-ref', `refs/heads/${prod}`, mine, tip);
        },
      );
      if (ran !== undefined) {
        codes.add(code);
        assert.equal(ran.code, code, `held at ${at}: ${ran.out}${ran.err}`);
        assert.equal(fixture.tipOf(prod), mine);
        await fixture.expect(4, ['sync']);
        assert.equal(fixture.tipOf(prod), mine);
      }
      await fixture.restore();
      if (ran === undefined) break;
    }
    assert.ok(codes.has(4));
  });
}

for (const [where, remote] of shareOf(places, 0, 2)) {
  test(`two sync processes at once both succeed and leave what one leaves, ${where}`, async () => {
    await using fixture = await openSyncFixture(remote);
    await using killer = await openKiller();
    await killer.run(fixture.dir, ['sync']);
    const after = fixture.outcome();
    for (let left = isChaos ? 20 : 1; left > 0; left--) {
      await fixture.restore();
      const codes = await Promise.all([1, 2].map(() => killer.run(fixture.dir, ['sync'])));
      assert.deepEqual(codes, [0, 0]);
      assert.deepEqual(fixture.outcome(), after);
      gitIn(fixture.dir, 'fsck', '--strict', '--no-dangling');
    }
  });
}

test('a sync overtaken during its poll overwrites nothing', async () => {
  await using fixture = await openSyncFixture(false);
  const kim = await outcomeWith(fixture, 'user.kim');
  for (const at of stepsOr([3])) {
    fixture.setRole(search, admins, ['user.dara', 'user.omar']);
    const before = fixture.sandbox.requests.length;
    let failed = false;
    // One request fails, and before it is tried again a whole other run is over.
    fixture.sandbox.intercept(() => {
      if (failed || fixture.sandbox.requests.length - before + 1 !== at) return undefined;
      failed = true;
      return { kind: 'reset' };
    });
    let overtaken = false;
    const sleep = async () => {
      if (overtaken) return;
      overtaken = true;
      fixture.setRole(search, admins, ['user.dara', 'user.kim']);
      await fixture.expect(0, ['sync']);
    };
    const { code, out } = await fixture.run(['sync'], { clock: { now: () => Date.now(), sleep } });
    // It may have seen a change half-way, which it then names as what could not be read.
    assert.ok(code === 0 || code === 3, out);
    if (overtaken) assert.deepEqual(fixture.outcome(), kim, `overtaken at ${at}`);
    fixture.sandbox.intercept(undefined);
    if (!overtaken) {
      assert.ok(at > 3, `${at}`);
      break;
    }
    await fixture.restore();
  }
});

test('a render overtaken by another one at a file change ends as if alone', async () => {
  await using fixture = await openFixture({ rendered: true });
  await using killer = await openKiller();
  const name = '.athenz-gitops.5f0c0a0e-32b6-4bd0-9a53-7d0c4b8a8f11.tmp';
  fixture.setRole(search, admins, ['user.dara', 'user.omar']);
  await fixture.commit({
    'clusters/prod/namespaces.yaml': '[checkout, new, newer, payments-api, payments-web, search]\n',
  });
  await fixture.expect(0, ['render']);
  const after = await readFiles(fixture.dir, 'output');
  for (const at of isChaos ? Array.from({ length: 14 }, (_, index) => index + 1) : [6]) {
    fixture.git('reset', '--quiet', '--hard');
    fixture.git('clean', '-fdq');
    await fixture.write({ [`output/prod/labs/${name}`]: 'half', [`output/prod/gone/${name}`]: 'half' });
    assert.equal(await killer.run(fixture.dir, ['render'], { kind: 'write', at, how: 'run' }), 0, `at ${at}`);
    assert.deepEqual(await readFiles(fixture.dir, 'output'), after, `at ${at}`);
  }
});

/** What a sync ends with when Athenz says that this person is an admin. */
async function outcomeWith(fixture: SyncFixture, person: string): Promise<readonly string[]> {
  fixture.setRole(search, admins, ['user.dara', person]);
  await fixture.expect(0, ['sync']);
  const outcome = fixture.outcome();
  await fixture.restore();
  return outcome;
}
