import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { poll } from '../../src/athenz/poll.ts';
import { isChaos } from '../support/tier.ts';
import { startZms } from '../support/zms.ts';

const names = Array.from({ length: 300 }, (_, index) => `d.n${index}`);
const domains = Object.fromEntries(names.map((name) => [name, { roles: { r: [`user.${name.slice(2)}`] } }]));

test('concurrent runs sharing a cache get the same results as a run on its own', async () => {
  await using fixture = await startZms({ state: { domains } });
  const cache = join(fixture.dir, 'cache');
  const run = async (domainNames: readonly string[]) => {
    const zms = fixture.open({ cache });
    const roles = new Map(domainNames.map((name) => [name, new Set(['r'])]));
    const snapshot = await poll({ zms, wanted: roles, userDomain: 'user', now: fixture.clock.now });
    return { snapshot, requests: zms.requests, save: () => zms.saveCache() };
  };
  // Overlapping ranges, so that runs share shards and entries.
  const parts = [0, 50, 100, 150].map((from) => names.slice(from, from + 150));
  for (let round = 0; round < (isChaos ? 3 : 2); round++) {
    const runs = await Promise.all(parts.map(run));
    await Promise.all(runs.map(({ save }) => save()));
    for (const [index, { snapshot }] of runs.entries()) {
      assert.deepEqual([...snapshot.domains.keys()].sort(), [...(parts[index] ?? [])].sort());
      for (const [name, read] of snapshot.domains) {
        const members = read.kind === 'value' ? read.value.roles.find((role) => role.name === 'r')?.members : undefined;
        assert.deepEqual(members, [{ name: `user.${name.slice(2)}` }]);
      }
    }
    fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, 'd.n0': { roles: { r: ['user.n0'] } } } }));
  }
  // Concurrent writes may lose entries; a run on its own restores them.
  await (await run(names)).save();
  assert.equal((await run(names)).requests, 1);
});

test('a document that is read while others are written is in the cache as well', async () => {
  await using fixture = await startZms({ state: { domains } });
  const cache = join(fixture.dir, 'cache');
  const zms = fixture.open({ cache });
  const list = (await zms.listDomains()).all();
  const read = (name: string) => zms.domainDocument(name, list.find((stamp) => stamp.name === name)?.modified ?? '');
  await Promise.all(names.slice(0, 50).map(read));
  await Promise.all([zms.flushCache(), ...names.slice(50, 150).map(read)]);
  await zms.saveCache();
  const after = fixture.open({ cache });
  const known = list.filter(({ name }) => names.slice(0, 150).includes(name));
  const found = await Promise.all(known.map(({ name, modified }) => after.cachedDocument(name, modified)));
  assert.equal(found.filter((it) => it === undefined).length, 0);
});
