import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { poll } from '../../src/athenz/poll.ts';
import { AppError } from '../../src/model/error.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { effort } from '../support/effort.ts';
import { startZms, type ZmsFixture } from '../support/zms.ts';
import { onlyOnce } from '../support/zms-client.ts';

// Whatever happens in Athenz between runs, and whatever reads fail: a run with a cache knows what a run without one knows.

type Domains = StateInput['domains'];
type DomainInput = NonNullable<Domains[string]>;

const own = ['d.a', 'd.b', 'd.c'];
const names = [...own, 'org', 'far'];
const wanted = new Map(own.map((name) => [name, new Set(['admins', 'viewers'])]));
const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const member = fc.oneof(
  { weight: 4, arbitrary: pick('user.u1', 'user.u2', 'org.bot', '*') },
  { weight: 3, arbitrary: pick('org:group.g', 'far:group.g', 'd.a:group.h', 'gone:group.g') },
  {
    weight: 1,
    arbitrary: pick('user.u3', 'org:group.h').map((name) => ({ name, expires: '2026-06-01T00:00:00.000Z' })),
  },
  { weight: 1, arbitrary: pick('user.u1', 'user.u4').map((name) => ({ name, suspended: true })) },
);
const members = fc.uniqueArray(member, {
  maxLength: 4,
  selector: (it) => (typeof it === 'string' ? it : it.name),
});
const role = fc.oneof(
  { weight: 3, arbitrary: members },
  { weight: 1, arbitrary: pick('org', 'far', 'gone').map((trust) => ({ trust })) },
);
const people = fc.uniqueArray(pick('user.u1', 'user.u2', 'user.u5'), { maxLength: 3 });
const domain: fc.Arbitrary<DomainInput> = fc.record({
  enabled: fc.oneof({ weight: 6, arbitrary: pick(true) }, { weight: 1, arbitrary: pick(false) }),
  roles: fc.dictionary(pick('admins', 'viewers', 'sre'), role, { maxKeys: 3, noNullPrototype: true }),
  groups: fc.dictionary(pick('g', 'h'), people, { maxKeys: 2, noNullPrototype: true }),
  assumes: fc.array(fc.record({ role: pick('sre', 'admins'), resource: pick('*', 'd.a:role.*', 'd.?:role.viewers') }), {
    maxLength: 2,
  }),
});
const company = fc.record(Object.fromEntries(names.map((name) => [name, domain])));

/** What happens before a run: domains written, deleted or made again, some of it in a write that ends late. */
const step = fc.record({
  edits: fc.array(
    fc.record({
      name: pick(...names),
      to: fc.option(domain, { freq: 5 }),
      late: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  /** Which of the reads fail, in the order they arrive: those with a 0. */
  luck: fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }),
  fault: pick<Fault>(
    { kind: 'status', status: 503, body: '', contentType: 'text/plain' },
    { kind: 'status', status: 404, body: '{"code":404,"message":"Domain not found"}', contentType: 'application/json' },
    { kind: 'status', status: 200, body: '{"domains":[]}', contentType: 'application/json' },
    { kind: 'truncate' },
    { kind: 'reset-mid-body' },
  ),
});

test('over any history, with one read in ten failing, a run with a cache is a run without', async () => {
  const time = { now: Date.now() };
  await using fixture = await startZms({ retry: onlyOnce, now: () => time.now });
  const pinned = { publicKeys: { '0': join(fixture.dir, 'zms.pub') } };
  const bare = fixture.open({ ...pinned, cache: 'off' });
  const cache = join(fixture.dir, 'cache');
  const history = fc.asyncProperty(company, fc.array(step, { minLength: 1, maxLength: 6 }), async (start, steps) => {
    await rm(cache, { recursive: true, force: true });
    fixture.sandbox.update(() => ({ domains: start }));
    /** What the cache holds: domain → stamp. */
    let known = new Map<string, string>();
    for (const { edits, luck, fault } of steps) {
      for (const { name, to, late } of edits) {
        time.now += 1000;
        // No two stamps are the same; a late one is older than those of the two writes before it.
        const stamp = late ? new Date(time.now - 2500).toISOString() : undefined;
        fixture.sandbox.update(({ domains: { [name]: _, ...others } }) => {
          return { domains: to === null ? others : { ...others, [name]: to } };
        }, stamp);
      }
      const failed = failReads(fixture, luck, fault);
      const before = fixture.sandbox.requests.length;
      const cached = await take(fixture, fixture.open({ ...pinned, cache }));
      const requests = fixture.sandbox.requests.length - before;
      fixture.sandbox.intercept(undefined);
      const truth = await take(fixture, bare);
      assert.ok(truth !== undefined);
      if (cached === undefined) {
        assert.ok(failed.has('the list'));
        continue;
      }
      const stamps = new Map(cached.list.map(({ name, modified }) => [name, modified]));
      if (failed.size === 0) {
        assert.deepEqual(cached, truth);
        const fresh = [...truth.domains.keys()].filter(
          (name) => stamps.has(name) && known.get(name) !== stamps.get(name),
        );
        assert.equal(requests, 1 + fresh.length);
      }
      for (const [name, read] of cached.domains) {
        if (read.kind === 'unknown') assert.ok(failed.has(name), `${name} is unknown without a failure`);
        else assert.deepEqual(read, truth.domains.get(name));
      }
      known = new Map(
        [...stamps].filter(([name, stamp]) => known.get(name) === stamp || cached.domains.get(name)?.kind === 'value'),
      );
    }
  });
  await fc.assert(history, { numRuns: effort(30) });
});

/** Lets reads fail, and gives the names of the domains whose documents could not be read, as they fail. */
function failReads({ sandbox }: ZmsFixture, luck: readonly number[], fault: Fault): ReadonlySet<string> {
  const failed = new Set<string>();
  let reads = 0;
  sandbox.intercept(({ path }) => {
    if (luck[reads++] !== 0) return undefined;
    failed.add(/\/domain\/(.+)\/signed$/.exec(path)?.[1] ?? 'the list');
    return fault;
  });
  return failed;
}

/** Polls as a command does; undefined when the list could not be read. */
async function take({ clock }: ZmsFixture, zms: ReturnType<ZmsFixture['open']>): Promise<Snapshot | undefined> {
  try {
    const snapshot = await poll({ zms, wanted, userDomain: 'user', now: clock.now });
    await zms.saveCache(snapshot.list);
    return snapshot;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
