import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killGroup, openKiller } from '../support/kill.ts';
import { openProvisionFaults } from '../support/provision-faults.ts';
import { assertBetween, fresh, kept, platform } from '../support/provision-scene.ts';
import { isWrite } from '../support/provision-stage.ts';
import { every } from '../support/scene.ts';

test('a run that is killed at any write leaves what was there, and the next one does the rest', async (t) => {
  await using stage = await openProvisionFaults();
  await using killer = await openKiller();
  const writes = stage.calls.filter(isWrite);
  assert.ok(writes.length >= 7);
  for (const [at, call] of writes.entries()) {
    for (const carriedOut of [false, true]) {
      // Not both at each of them, unless there is time.
      if ((at + Number(carriedOut)) % every(2) !== 0) continue;
      await t.test(`${call}, ${carriedOut ? 'after' : 'before'} it is carried out`, async () => {
        stage.restore();
        const running = await killer.start(stage.dir, ['provision', '--apply', '--update', '--quiet']);
        stage.fail(call, { kind: 'reset', carriedOut }, 1);
        stage.watch((it) => {
          if (it === call) killGroup(running.pid);
        });
        assert.equal(await running.ended, null);
        assertBetween(stage.before, stage.after, stage.sandbox.state(), [fresh, kept, platform]);
        stage.heal();
        assert.equal((await stage.apply()).code, 0);
        assert.ok(stage.isComplete());
        assert.deepEqual(stage.overwritten, []);
        stage.asked();
        assert.deepEqual([(await stage.apply()).code, stage.asked().filter(isWrite)], [0, []]);
      });
    }
  }
});
