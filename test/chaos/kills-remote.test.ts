import { test } from 'node:test';
import { openKiller } from '../support/kill.ts';
import { seeded } from '../support/random.ts';
import { openSyncFixture } from '../support/sync-fixture.ts';
import { prepareSyncKills } from '../support/sync-kills.ts';
import { isChaos, seed } from '../support/tier.ts';

test('a killed sync to a remote leaves valid repositories and the next one finishes', async (t) => {
  await using fixture = await openSyncFixture(true);
  await using killer = await openKiller();
  const kills = await prepareSyncKills(fixture, killer);
  await t.test('killed around each git', () => kills.aroundGit(['before', 'program']));
  // The refs here are locked as without a remote.
  if (!isChaos) return;
  await t.test('killed while refs are locked', () => kills.whileLocked([]));
  await t.test(`killed at random times, seed ${seed}`, () => kills.atRandom(40, seeded(seed), true));
});
