import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effort } from '../support/effort.ts';
import { readFiles } from '../support/generated.ts';
import { openHolder } from '../support/hold.ts';
import { openKiller } from '../support/kill.ts';
import { gitIn } from '../support/repository.ts';
import { branches, every, openScene, type Scene, search } from '../support/scene.ts';
import { openStage } from '../support/stage.ts';

const admins = 'k8s_ns_admins';
const prod = `${branches}/prod`;

for (const [where, remote] of [
  ['in this repository', false],
  ['through a remote', true],
] as const) {
  test(`whatever a sync is about to do when a later one overtakes it, the later poll counts, ${where}`, async () => {
    await using scene = await openScene(remote);
    await using holder = await openHolder();
    const [kim, lee] = [await outcomeWith(scene, 'user.kim'), await outcomeWith(scene, 'user.lee')];
    const seen = new Set<boolean>();
    for (let at = 1, ended = false; !ended; at += every(remote ? 5 : 3)) {
      scene.setRole(search, admins, ['user.dara', 'user.omar']);
      let requests = scene.sandbox.requests.length;
      let polled = false;
      const ran = await holder.hold(
        at,
        (env) => scene.expect(0, ['sync', '--json'], { env }),
        async () => {
          polled = scene.sandbox.requests.length > requests;
          scene.setRole(search, admins, ['user.dara', 'user.kim']);
          await scene.expect(0, ['sync']);
          assert.deepEqual(scene.outcome(), kim);
          scene.setRole(search, admins, ['user.dara', 'user.lee']);
          requests = scene.sandbox.requests.length;
        },
      );
      ended = ran === undefined;
      if (!ended) {
        seen.add(polled);
        assert.deepEqual(scene.outcome(), polled ? kim : lee, `held at ${at}`);
      }
      gitIn(scene.target, 'fsck', '--strict', '--no-dangling');
      await scene.expect(0, ['sync']);
      if (!ended) assert.deepEqual(scene.outcome(), lee);
      await scene.restore();
    }
    assert.equal(seen.size, 2);
  });

  test(`whatever a sync is about to do when a person commits to its branch, the commit stays, ${where}`, async () => {
    await using scene = await openScene(remote);
    await using holder = await openHolder();
    const first = scene.tipOf(prod);
    const codes = new Set<number>();
    for (let at = 1, ended = false; !ended; at += every(remote ? 6 : 4)) {
      let mine = '';
      let code = 4;
      const ran = await holder.hold(
        at,
        (env) => scene.run(['sync'], { env }),
        () => {
          // On what was there before, or on what this very run has just put there.
          const tip = scene.tipOf(prod);
          if (tip !== first) code = 0;
          mine = gitIn(scene.target, 'commit-tree', '-p', tip, '-m', 'Mine', `${tip}^{tree}`);
          gitIn(scene.target, 'update-ref', `refs/heads/${prod}`, mine, tip);
        },
      );
      ended = ran === undefined;
      if (ran !== undefined) {
        codes.add(code);
        assert.equal(ran.code, code, `held at ${at}: ${ran.out}${ran.err}`);
        assert.equal(scene.tipOf(prod), mine);
        await scene.expect(4, ['sync']);
        assert.equal(scene.tipOf(prod), mine);
      }
      await scene.restore();
    }
    assert.ok(codes.has(4));
  });

  test(`two processes of sync at the same time: neither fails, and what they leave is what one leaves, ${where}`, async () => {
    await using scene = await openScene(remote);
    await using killer = await openKiller();
    await killer.run(scene.dir, ['sync']);
    const after = scene.outcome();
    for (let left = effort(1); left > 0; left--) {
      await scene.restore();
      const codes = await Promise.all([1, 2].map(() => killer.run(scene.dir, ['sync'])));
      assert.deepEqual(codes, [0, 0]);
      assert.deepEqual(scene.outcome(), after);
      gitIn(scene.dir, 'fsck', '--strict', '--no-dangling');
    }
  });
}

test('a sync that is overtaken in the middle of its poll overwrites nothing', async () => {
  await using scene = await openScene(false);
  const kim = await outcomeWith(scene, 'user.kim');
  for (let at = 1, ended = false; !ended; at += every(3)) {
    scene.setRole(search, admins, ['user.dara', 'user.omar']);
    const before = scene.sandbox.requests.length;
    let failed = false;
    // One request fails, and before it is tried again a whole other run is over.
    scene.sandbox.intercept(() => {
      if (failed || scene.sandbox.requests.length - before + 1 !== at) return undefined;
      failed = true;
      return { kind: 'reset' };
    });
    let overtaken = false;
    const sleep = async () => {
      if (overtaken) return;
      overtaken = true;
      scene.setRole(search, admins, ['user.dara', 'user.kim']);
      await scene.expect(0, ['sync']);
    };
    const { code, out } = await scene.run(['sync'], { clock: { now: () => Date.now(), sleep } });
    ended = !overtaken;
    // It may have seen a change half-way, which it then names as what could not be read.
    assert.ok(code === 0 || code === 3, out);
    if (overtaken) assert.deepEqual(scene.outcome(), kim, `overtaken at ${at}`);
    scene.sandbox.intercept(undefined);
    await scene.restore();
  }
});

test('a render that is overtaken by another at any change of a file ends as if it had been alone', async () => {
  await using stage = await openStage({ rendered: true });
  await using killer = await openKiller();
  const name = '.athenz-gitops.5f0c0a0e-32b6-4bd0-9a53-7d0c4b8a8f11.tmp';
  stage.setRole(search, admins, ['user.dara', 'user.omar']);
  await stage.commit({
    'clusters/prod/namespaces.yaml': '[checkout, new, newer, payments-api, payments-web, search]\n',
  });
  await killer.run(stage.dir, ['render']);
  const after = await readFiles(stage.dir, 'output');
  for (let at = 1; at <= 14; at += every(3)) {
    stage.git('reset', '--quiet', '--hard');
    stage.git('clean', '-fdq');
    await stage.write({ [`output/prod/labs/${name}`]: 'half', [`output/prod/gone/${name}`]: 'half' });
    assert.equal(await killer.run(stage.dir, ['render'], { kind: 'write', at, how: 'run' }), 0, `at ${at}`);
    assert.deepEqual(await readFiles(stage.dir, 'output'), after, `at ${at}`);
  }
});

/** What a sync ends with when Athenz says that this person is an admin. */
async function outcomeWith(scene: Scene, person: string): Promise<readonly string[]> {
  scene.setRole(search, admins, ['user.dara', person]);
  await scene.expect(0, ['sync']);
  const outcome = scene.outcome();
  await scene.restore();
  return outcome;
}
