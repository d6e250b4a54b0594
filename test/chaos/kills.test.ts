import { test } from 'node:test';
import { openKiller } from '../support/kill.ts';
import { seeded } from '../support/random.ts';
import { openSyncFixture } from '../support/sync-fixture.ts';
import { prepareSyncKills } from '../support/sync-kills.ts';
import { isChaos, seed } from '../support/tier.ts';

test('a killed sync leaves a valid repository and the next one finishes', async (t) => {
  await using fixture = await openSyncFixture(false);
  await using killer = await openKiller();
  const kills = await prepareSyncKills(fixture, killer);
  await t.test('killed around each git', () => kills.aroundGit(['cut', 'half']));
  await t.test('killed while refs are locked', () => kills.whileLocked([2]));
  await t.test('killed between moving a branch and its note', () => kills.betweenRefs(isChaos ? [1, 2, 3] : [3]));
  await t.test('killed at a request to ZMS, before anything is written', () => kills.atRequest([2]));
  await t.test('asked to end by SIGTERM at a git', () => kills.askedAtGit('term', 1));
  await t.test('asked to end by Ctrl-C at a git', () => kills.askedAtGit('ctrl-c', 1));
  await t.test('asked to end at a request to ZMS', () => kills.askedAtRequest([2]));
  if (!isChaos) return;
  await t.test(`killed at random times, seed ${seed}`, () => kills.atRandom(40, seeded(seed), false));
});
