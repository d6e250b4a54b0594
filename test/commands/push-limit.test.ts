import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Generator } from '../../src/core/generator.ts';
import { generators } from '../../src/generators/list.ts';
import { openPushLimit } from '../../src/runtime/push-limit.ts';
import { toy } from '../generators/toy.ts';
import { type GitHubFixture, openGitHubFixture } from '../support/github-fixture.ts';
import type { RunResult } from '../support/result.ts';

/** The toy as a generator that objects wake; for `sync` that says no more than that its pushes are limited, as in `watch`. */
const woken: Generator = {
  ...(toy as unknown as Generator),
  watched: () => [{ cluster: 'prod', query: { group: '', kind: 'Service', namespace: 'shop' } }],
};

async function open(): Promise<GitHubFixture> {
  const fixture = await openGitHubFixture({ rendered: true });
  await fixture.editConfig((text) => `${text}\ntoy: {folder: mottos, motto: motto.txt}\n`);
  await fixture.commit({ 'motto.txt': 'festina lente' }, 'Motto');
  fixture.publish();
  return fixture;
}

test('a pull request waits for the limit of pushes, open or not, and up to date needs none', async () => {
  await using fixture = await open();
  const now = Date.now();
  let ahead = 0;
  const clock = { now: () => now + ahead, sleep: async () => {} };
  const pushes = openPushLimit(1);
  pushes.count('origin', now);
  const sync = async () => {
    const options = { generators: async () => [...generators, woken], pushes, clock };
    const { proposals }: RunResult = JSON.parse((await fixture.expect(0, ['sync', '--json'], options)).out);
    const { action, pull, reason } = proposals.find(({ generator }) => generator === 'toy') ?? {};
    return [action, pull?.number, reason];
  };
  const reason = 'too much was pushed within a minute (--max-pushes)';
  const before = (await fixture.github.pushes()).length;
  assert.deepEqual(await sync(), ['waiting', undefined, reason]);
  assert.equal(pushes.due(), now + 60_000);
  assert.deepEqual([(await fixture.github.pushes()).length, fixture.github.pulls()], [before, []]);
  ahead = 60_000;
  assert.deepEqual(await sync(), ['create', 1, undefined]);
  assert.deepEqual(await sync(), ['up-to-date', 1, undefined]);
  assert.equal(pushes.due(), undefined);
  await fixture.commit({ 'motto.txt': 'carpe diem' }, 'Motto');
  fixture.publish();
  const { body } = fixture.github.pull(1);
  assert.deepEqual(await sync(), ['waiting', 1, reason]);
  assert.equal(fixture.github.pull(1).body, body);
  ahead = 120_000;
  assert.deepEqual(await sync(), ['update', 1, undefined]);
});
