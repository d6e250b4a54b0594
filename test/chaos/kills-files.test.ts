import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { readFiles } from '../support/generated.ts';
import { openKiller } from '../support/kill.ts';
import type { RunResult } from '../support/result.ts';
import { isChaos, stepsOr } from '../support/tier.ts';

const render = ['render', '--quiet'];

test('a render killed at a file change leaves whole files and the next one finishes', async () => {
  await using fixture = await openFixture({ rendered: true });
  await using killer = await openKiller();
  const before = await readFiles(fixture.dir, 'output');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
  // Two namespaces leave, two come.
  await fixture.commit({
    'clusters/prod/namespaces.yaml': '[checkout, new, newer, payments-api, payments-web, search]\n',
  });
  await fixture.expect(0, render);
  const after = await readFiles(fixture.dir, 'output');
  assert.deepEqual([after.size, new Set([...before.keys(), ...after.keys()]).size], [6, 8]);
  const kills = { before: 0, half: 0 };
  for (const [how, some] of [
    ['before', 6],
    ['half', 2],
  ] as const) {
    for (const at of stepsOr([some])) {
      fixture.git('reset', '--quiet', '--hard');
      fixture.git('clean', '-fdq');
      const code = await killer.run(fixture.dir, render, { kind: 'write', at, how });
      await checkWhole(fixture, before, after);
      await fixture.expect(0, render);
      assert.deepEqual(await readFiles(fixture.dir, 'output'), after);
      if (code === 0) break;
      assert.equal(code, null);
      kills[how]++;
    }
  }
  assert.ok(kills.before >= (isChaos ? 11 : 1), `${kills.before}`);
  assert.equal(kills.half, isChaos ? 3 : 1);
});

test('a run killed at a cache write leaves whole entries or none', async () => {
  await using fixture = await openFixture({ cached: true });
  await using killer = await openKiller();
  const cache = join(dirname(fixture.paths.credentials.keyPath), 'cache');
  await fixture.expect(0, ['plan']);
  await cp(cache, `${cache}.kept`, { recursive: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
  fixture.removeDomain('acme.eks.checkout');
  const plan = async () => {
    const { plan } = JSON.parse((await fixture.expect(0, ['plan', '--json'])).out) as RunResult;
    return { ...plan, at: '' };
  };
  const expected = await plan();
  const kills = { before: 0, half: 0 };
  for (const [how, some] of [
    ['before', 3],
    ['half', 1],
  ] as const) {
    for (const at of stepsOr([some])) {
      await rm(cache, { recursive: true });
      await cp(`${cache}.kept`, cache, { recursive: true });
      const code = await killer.run(fixture.dir, ['plan'], { kind: 'write', at, how });
      assert.deepEqual(await plan(), expected);
      const before = fixture.sandbox.requests.length;
      assert.deepEqual(await plan(), expected);
      assert.equal(fixture.sandbox.requests.length - before, 1, 'the cache is complete again');
      if (code === 0) break;
      assert.equal(code, null);
      kills[how]++;
    }
  }
  assert.ok(kills.before >= (isChaos ? 4 : 1), `${kills.before}`);
  // The memo's files of two places, and the document's.
  assert.equal(kills.half, isChaos ? 3 : 1);
});

/** Each file is the old or the new one; temporary files are no output. */
async function checkWhole(
  { dir }: Fixture,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [path, text] of await readFiles(dir, 'output')) {
    if (path.endsWith('.tmp')) continue;
    assert.ok(text === before.get(path) || text === after.get(path), path);
  }
}
