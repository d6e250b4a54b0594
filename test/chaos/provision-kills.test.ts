import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKiller } from '../support/kill.ts';
import { openProvisionFaults } from '../support/provision-faults.ts';
import { isWrite } from '../support/provision-fixture.ts';
import { assertBetween, fresh, kept, platform } from '../support/provision-state.ts';
import { every } from '../support/tier.ts';

test('a provision run killed at a write leaves the rest to the next one', async (t) => {
  await using fixture = await openProvisionFaults();
  await using killer = await openKiller();
  const writes = fixture.calls.filter(isWrite);
  assert.ok(writes.length >= 7);
  for (const [at, call] of writes.entries()) {
    for (const carriedOut of [false, true]) {
      if ((at + Number(carriedOut)) % every(8) !== 0) continue;
      await t.test(`${call}, ${carriedOut ? 'after' : 'before'} it is carried out`, async () => {
        fixture.restore();
        const running = await killer.start(fixture.dir, ['provision', '--apply', '--update', '--quiet']);
        fixture.fail(call, { kind: 'reset', carriedOut }, 1);
        fixture.watch((it) => {
          if (it === call) running.kill();
        });
        assert.equal(await running.ended, null);
        assertBetween(fixture.before, fixture.after, fixture.sandbox.state(), [fresh, kept, platform]);
        fixture.heal();
        assert.equal((await fixture.apply()).code, 0);
        assert.ok(fixture.isComplete());
        assert.deepEqual(fixture.overwritten, []);
        fixture.asked();
        assert.deepEqual([(await fixture.apply()).code, fixture.asked().filter(isWrite)], [0, []]);
      });
    }
  }
});
