import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { gitIn } from '../support/repository.ts';
import { watch } from '../support/watch.ts';

const branch = 'athenz-gitops/main/prod';
const search = 'acme.eks.search';
const admins = 'k8s_ns_admins';

function giveUntil(fixture: Fixture, expires: string): void {
  fixture.sandbox.update(({ domains: { [search]: old, ...rest } }) => {
    const roles = { ...old?.roles, [admins]: { members: [{ name: 'user.dara' }, { name: 'user.omar', expires }] } };
    return { domains: { ...rest, [search]: { ...old, roles } } };
  });
}

const isBound = (fixture: Fixture, ref: string) =>
  gitIn(fixture.dir, 'show', `${ref}:output/prod/search/rbac.yaml`).includes('user.omar');

test('a grant is there until it expires, and its removal is proposed then, for one request', async () => {
  await using fixture = await openFixture({ cached: true });
  const noon = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
  giveUntil(fixture, new Date(noon).toISOString());
  await fixture.expect(0, ['sync', '--quiet']);
  merge(fixture.dir, branch);
  assert.ok(isBound(fixture, 'main'));
  for (const [before, code] of [
    [1000, 0],
    [0, 5],
  ] as const) {
    await fixture.expect(code, ['render', '--check', '--at', new Date(noon - before).toISOString()]);
  }

  const asked = fixture.sandbox.requests.length;
  const options = { args: ['--poll', 'off'], from: noon - 30_000, pauses: 2 };
  const { code, runs } = await watch(fixture, options, ({ number, sleeps }) => {
    // No sooner than it expires, and at most a second later.
    if (number === 1) assert.ok(sleeps >= 30_000 && sleeps <= 31_000, `${sleeps}`);
    else assert.ok(!isBound(fixture, branch));
  });
  assert.deepEqual([code, runs], [0, ['start: 0 changes, 1 request, 0', 'expiry: 1 change, 1 request, 0']]);
  const paths = fixture.sandbox.requests.slice(asked).map(({ path }) => path);
  assert.deepEqual(paths, Array(2).fill('/zms/v1/sys/modified_domains'));
});

test('a change in Athenz is found by the next poll, unless no namespace needs the domain', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  const options = { args: ['--poll', '30s', '--interval', '5m'], pauses: 17 };
  const { runs } = await watch(fixture, options, ({ number }) => {
    if (number === 2) fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, unrelated: {} } }));
    if (number === 4) fixture.setRole(search, admins, ['user.dara', 'user.omar']);
  });
  assert.equal(runs[0], 'start: 0 changes, 1 request, 0');
  assert.match(runs[1] ?? '', /^change: \d change.*, 2 requests, 0$/);
  assert.match(runs[2] ?? '', /^interval: /);
});

test('a run that fails is tried again after 1, 2, 4 … s, and counts as not ready', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  fixture.sandbox.intercept(() => ({ kind: 'reset' }));
  const pauses: number[] = [];
  const { runs, err } = await watch(
    fixture,
    { args: ['--poll', 'off'], pauses: 6 },
    async ({ number, sleeps, page }) => {
      pauses.push(sleeps);
      const isFailing = number <= 4;
      assert.equal((await page('/healthz'))[0], 200);
      assert.equal((await page('/readyz'))[0], isFailing ? 503 : 200);
      const [, metrics] = await page('/metrics');
      assert.match(metrics, new RegExp(`^athenz_gitops_queue_depth ${Number(isFailing)}$`, 'm'));
      if (number === 4) fixture.sandbox.intercept(undefined);
    },
  );
  assert.deepEqual(pauses.slice(0, 4), [1000, 2000, 4000, 8000]);
  assert.ok((pauses[4] ?? 0) >= 300_000);
  assert.deepEqual(runs, ['retry: 0 changes, 1 request, 0', 'interval: 0 changes, 1 request, 0']);
  assert.equal(err.match(/^error: ZMS_UNREACHABLE: /gm)?.length, 4);
});

test('what cannot be read is tried again, for as little as it takes', async () => {
  await using fixture = await openFixture({ cached: true });
  fixture.sandbox.intercept(({ path }) => (path.includes(`/${search}/`) ? { kind: 'reset' } : undefined));
  const { runs } = await watch(fixture, { args: ['--poll', 'off'], pauses: 3 }, ({ number, sleeps }) => {
    if (number === 2) assert.equal(sleeps, 2000);
    if (number === 2) fixture.sandbox.intercept(undefined);
  });
  assert.match(runs[0] ?? '', /^start: .*, 3: \d unchanged \(read failed\); 1 of \d domains not read$/);
  assert.match(runs[1] ?? '', /^retry: .*, 5 requests, 3: /);
  assert.match(runs[2] ?? '', /^retry: .*, 2 requests, 0$/);
});

test('while the breaker is open, a retry sends nothing', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  fixture.sandbox.intercept(() => ({ kind: 'status', status: 503, body: '', contentType: 'text/plain' }));
  const before = fixture.sandbox.requests.length;
  const sent: number[] = [];
  await watch(
    fixture,
    { args: ['--poll', '1s'], pauses: 60 },
    () => void sent.push(fixture.sandbox.requests.length - before),
  );
  // 32 reads that failed, of 4 tries each; the clock of the breaker is the real one, and has not come to its half-open time.
  assert.equal(sent.at(-1), 128);
});

test('what is held or cannot be read is logged when it becomes so', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  await fixture.commit({ 'output/prod/search/mine.yaml': 'a: 1\n' });
  const { err } = await watch(fixture, { args: ['--poll', 'off'], pauses: 3 });
  assert.deepEqual(err.match(/^warn: held: prod: .*mine\.yaml.*; .* \(OUTPUT_FOREIGN\)$/gm)?.length, 1, err);
});

test('the log is one line an event, as JSON with the run it is of', async () => {
  await using fixture = await openFixture({ cached: true });
  const { err } = await watch(fixture, { args: ['--poll', 'off', '--log-format', 'json'], pauses: 2 });
  const lines = err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(lines.every(({ time, level, message }) => /Z$/.test(time) && level === 'info' && message !== ''));
  const runs = lines.filter(({ message }) => /^run \(/.test(message)).map(({ run }) => run);
  assert.deepEqual([runs.length, new Set(runs).size], [2, 2]);
  assert.doesNotMatch(err, /user\.|dara|omar/);
});

test('each line of its text log begins with the time', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  const stop = new AbortController();
  const clock = { now: () => Date.UTC(2026, 10, 28, 12), sleep: async () => stop.abort('SIGTERM') };
  const { err } = await fixture.run(['watch', '--listen', '127.0.0.1:0'], { clock, stop: () => stop.signal });
  const lines = err.trimEnd().split('\n');
  assert.deepEqual(
    lines.filter((it) => !it.startsWith('2026-11-28T12:00:00.000Z ')),
    [],
  );
  assert.match(err, / run \(start\): .*\n.* stopped\n$/);
});

test('an invalid config ends it at once', async () => {
  await using fixture = await openFixture({ config: (text) => `${text}\nnonsense: 1\n` });
  const { code, err } = await watch(fixture, { pauses: 1 });
  assert.deepEqual([code, /^error: CONFIG_UNKNOWN_KEY/.test(err)], [2, true]);
});

for (const args of [
  ['--interval', '0s'],
  ['--poll', 'often'],
  ['--listen', 'nowhere'],
  ['--lease', 'a/b/c'],
  ['--leader-elect', '--context', 'x'],
]) {
  test(`${args.join(' ')} is a usage error`, async () => {
    await using fixture = await openFixture();
    assert.equal((await fixture.run(['watch', ...args])).code, 2);
  });
}
