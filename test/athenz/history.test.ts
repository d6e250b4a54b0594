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
import { trials } from '../support/properties.ts';
import { startZms, type ZmsFixture } from '../support/zms.ts';
import { onlyOnce } from '../support/zms-client.ts';

// Over any history of changes and failed reads, a run with a cache gets the same snapshot as one without.

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

/** Changes before a run: domains written, deleted or recreated, some by a write that commits late. */
const step = fc.record({
  edits: fc.array(
    fc.record({
      name: pick(...names),
      to: fc.option(domain, { freq: 5 }),
      late: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  /** Reads fail, in order of arrival, where the roll is 0. */
  rolls: fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }),
  fault: pick<Fault>(
    { kind: 'status', status: 503, body: '', contentType: 'text/plain' },
    { kind: 'status', status: 404, body: '{"code":404,"message":"Domain not found"}', contentType: 'application/json' },
    { kind: 'status', status: 200, body: '{"domains":[]}', contentType: 'application/json' },
    { kind: 'truncate' },
    { kind: 'reset-mid-body' },
  ),
});

test('a cached run matches an uncached run over any history with failing reads', async () => {
  const time = { now: Date.now() };
  await using fixture = await startZms({ retry: onlyOnce, now: () => time.now });
  const pinned = { publicKeys: { '0': join(fixture.dir, 'zms.pub') } };
  const uncachedZms = fixture.open({ ...pinned, cache: 'off' });
  const cache = join(fixture.dir, 'cache');
  const history = fc.asyncProperty(company, fc.array(step, { minLength: 1, maxLength: 6 }), async (start, steps) => {
    await rm(cache, { recursive: true, force: true });
    fixture.sandbox.update(() => ({ domains: start }));
    /** Cached domains and their stamps. */
    let known = new Map<string, string>();
    for (const { edits, rolls, fault } of steps) {
      for (const { name, to, late } of edits) {
        time.now += 1000;
        // Stamps are unique; a late one is older than those of the two preceding writes.
        const stamp = late ? new Date(time.now - 2500).toISOString() : undefined;
        fixture.sandbox.update(({ domains: { [name]: _, ...others } }) => {
          return { domains: to === null ? others : { ...others, [name]: to } };
        }, stamp);
      }
      const failed = failReads(fixture, rolls, fault);
      const before = fixture.sandbox.requests.length;
      const cached = await pollAndSave(fixture, fixture.open({ ...pinned, cache }));
      const requests = fixture.sandbox.requests.length - before;
      fixture.sandbox.intercept(undefined);
      const uncached = await pollAndSave(fixture, uncachedZms);
      assert.ok(uncached !== undefined);
      if (cached === undefined) {
        assert.ok(failed.has('the list'));
        continue;
      }
      const stamps = new Map(cached.list.map(({ name, modified }) => [name, modified]));
      if (failed.size === 0) {
        assert.deepEqual(cached, uncached);
        const fresh = [...uncached.domains.keys()].filter(
          (name) => stamps.has(name) && known.get(name) !== stamps.get(name),
        );
        assert.equal(requests, 1 + fresh.length);
      }
      for (const [name, read] of cached.domains) {
        if (read.kind === 'unknown') assert.ok(failed.has(name), `${name} is unknown without a failure`);
        else assert.deepEqual(read, uncached.domains.get(name));
      }
      known = new Map(
        [...stamps].filter(([name, stamp]) => known.get(name) === stamp || cached.domains.get(name)?.kind === 'value'),
      );
    }
  });
  await fc.assert(history, { numRuns: trials(8) });
});

/** Makes reads fail; the returned set collects the domains whose documents failed. */
function failReads({ sandbox }: ZmsFixture, rolls: readonly number[], fault: Fault): ReadonlySet<string> {
  const failed = new Set<string>();
  let reads = 0;
  sandbox.intercept(({ path }) => {
    if (rolls[reads++] !== 0) return undefined;
    failed.add(/\/domain\/(.+)\/signed$/.exec(path)?.[1] ?? 'the list');
    return fault;
  });
  return failed;
}

/** Polls and saves the cache; undefined if the list could not be read. */
async function pollAndSave({ clock }: ZmsFixture, zms: ReturnType<ZmsFixture['open']>): Promise<Snapshot | undefined> {
  try {
    const snapshot = await poll({ zms, wanted, userDomain: 'user', now: clock.now });
    await zms.saveCache();
    return snapshot;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
