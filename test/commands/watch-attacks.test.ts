import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { gitIn } from '../support/repository.ts';
import { watch, withoutTimes } from '../support/watch.ts';

const search = 'acme.eks.search';
const admins = 'k8s_ns_admins';
const off = ['--poll', 'off'];

test('a clock that is set back during a run ends nothing', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  let ahead = 0;
  fixture.sandbox.intercept(() => {
    ahead -= 3_600_000;
    return undefined;
  });
  const { code, runs, err } = await watch(fixture, { args: off, pauses: 3, set: () => ahead });
  assert.deepEqual(
    [code, runs],
    [0, ['start', 'interval', 'interval'].map((it) => `${it}: 0 changes, 1 request, 0`)],
    err,
  );
});

test('a config that is broken and mended while it runs is an error of the runs between', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  let good = '';
  const { code, runs, err } = await watch(fixture, { args: off, pauses: 4 }, async ({ number, page }) => {
    if (number === 1) {
      good = await readFile(fixture.paths.config, 'utf8');
      await writeFile(fixture.paths.config, `${good}\nnonsense: 1\n`);
    }
    if (number === 3) await writeFile(fixture.paths.config, good);
    assert.equal((await page('/readyz'))[0], number === 2 || number === 3 ? 503 : 200);
  });
  assert.equal(code, 0);
  assert.deepEqual(runs, ['start: 0 changes, 1 request, 0', 'retry: 0 changes, 1 request, 0']);
  assert.equal(err.match(/^error: CONFIG_UNKNOWN_KEY: /gm)?.length, 2);
});

test('a remote that is away for a while, and a base that is pushed over, are what the next run begins from', async () => {
  await using fixture = await openRemoteFixture({ cached: true, remote: true });
  const { target } = fixture;
  const branch = 'athenz-gitops/main/prod';
  const { code, runs, err } = await watch(fixture, { args: off, pauses: 5 }, async ({ number }) => {
    if (number === 1) await rename(target, `${target}.away`);
    if (number === 2) await rename(`${target}.away`, target);
    if (number === 3) {
      // Another history, with the same files.
      fixture.git('commit', '--quiet', '--amend', '--message', 'Other', '--date', '2020-01-01T00:00:00Z');
      fixture.git('push', '--quiet', '--force', 'origin', 'main');
    }
    if (number === 4) assert.equal(gitIn(target, 'rev-parse', `${branch}^`), gitIn(target, 'rev-parse', 'main'));
  });
  assert.deepEqual([code, runs.map((it) => it.split(':')[0])], [0, ['start', 'retry', 'interval', 'interval']]);
  assert.equal(err.match(/^error: GIT_FAILED: fetching main from origin/gm)?.length, 1);
});

test('a cache that is deleted is read anew and written again', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  const [, cache = ''] = /^ {2}cache: "?([^"\s]+)/m.exec(await readFile(fixture.paths.config, 'utf8')) ?? [];
  const { runs } = await watch(fixture, { args: off, pauses: 3 }, async ({ number }) => {
    if (number === 1) await rm(resolve(fixture.dir, cache), { recursive: true });
  });
  const requests = runs.map((run) => /(\d+) requests?, 0$/.exec(run)?.[1]);
  assert.deepEqual(requests, ['1', '8', '1']);
});

test('failed runs add no line to the metrics, and nothing stays behind on the signal that ends all', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  fixture.sandbox.intercept(() => ({ kind: 'status', status: 500, body: '', contentType: 'text/plain' }));
  const lines: number[] = [];
  const listeners: number[] = [];
  await watch(fixture, { args: ['--poll', '30s'], pauses: 30 }, async ({ page, stop }) => {
    lines.push((await page('/metrics'))[1].split('\n').length);
    listeners.push(getEventListeners(stop.signal, 'abort').length);
  });
  assert.deepEqual([new Set(lines.slice(1)).size, new Set(listeners).size], [1, 1]);
});

test('a stop while it runs ends the run, and nothing is proposed from then on', async () => {
  await using fixture = await openFixture({ cached: true });
  const stop = new AbortController();
  fixture.sandbox.intercept(({ path }) => {
    if (path.endsWith('/signed')) stop.abort('SIGTERM');
    return undefined;
  });
  const ran = await fixture.run(['watch', '--listen', '127.0.0.1:0', ...off], { stop: () => stop.signal });
  assert.deepEqual([ran.code, withoutTimes(ran.err).trimEnd().split('\n').at(-1)], [0, 'stopped']);
  assert.equal(gitIn(fixture.dir, 'for-each-ref', 'refs/heads/athenz-gitops'), '');
});

for (const when of ['before the start', 'during the first poll']) {
  test(`a stop ${when} begins no run`, async () => {
    await using fixture = await openFixture({ cached: true });
    const stop = new AbortController();
    const end = () => stop.abort('SIGTERM');
    if (when === 'before the start') end();
    fixture.sandbox.intercept(() => {
      end();
      return undefined;
    });
    const ran = await fixture.run(['watch', '--listen', '127.0.0.1:0'], { stop: () => stop.signal });
    assert.deepEqual([ran.code, /^run \(/m.test(withoutTimes(ran.err))], [0, false]);
  });
}

test('a page is answered while a run is under way', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  fixture.setRole(search, admins, ['user.dara']);
  const told: string[] = [];
  let ask: ((path: string) => Promise<readonly [number, string]>) | undefined;
  fixture.sandbox.intercept(({ path }) => {
    if (path.endsWith('/signed')) void ask?.('/metrics').then(([status]) => told.push(`${status}`));
    return undefined;
  });
  await watch(fixture, { args: off, pauses: 2 }, ({ number, page }) => {
    ask = page;
    if (number === 1) fixture.setRole(search, admins, ['user.omar']);
  });
  assert.ok(told.length > 0 && told.every((status) => status === '200'), told.join());
});
