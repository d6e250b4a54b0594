import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeltaPoll, openDelta } from '../../src/athenz/delta.ts';
import { openZmsSession } from '../../src/athenz/session.ts';
import { fakeClock, startZms, type ZmsFixture } from '../support/zms.ts';

function pollOf({ config, clock }: ZmsFixture): { readonly poll: DeltaPoll; close(): Promise<void> } {
  const session = openZmsSession({ config, env: {}, clock });
  return { poll: openDelta(session), close: () => session.close() };
}

const namesOf = (stamps: readonly { readonly name: string }[]) => stamps.map(({ name }) => name);

/** A poll on 1 February 2026. @param stamps of the one domain, one for each answer */
function answered(stamps: readonly string[]) {
  const bodies = stamps.map((modified) => JSON.stringify({ domains: [{ domain: { name: 'acme', modified } }] }));
  const conditions: (string | undefined)[] = [];
  const poll = openDelta({
    clock: fakeClock(Date.parse('2026-02-01T00:00:00Z')),
    async read(asked, parse) {
      conditions.push(typeof asked === 'string' ? asked : asked.headers?.['if-none-match']);
      return parse({ status: 200, retryAfter: undefined, body: bodies.shift() ?? '' });
    },
  });
  return { poll, conditions };
}

test('the first poll reads the list, later ones only what has changed since', async () => {
  await using fixture = await startZms({ state: { domains: { acme: { roles: { r: ['user.ada'] } }, other: {} } } });
  const { poll, close } = pollOf(fixture);
  assert.deepEqual(await poll.changed(), []);
  assert.deepEqual(await poll.changed(), []);
  fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, acme: { roles: { r: ['user.bob'] } } } }));
  assert.deepEqual(namesOf(await poll.changed()), ['acme']);
  // It is repeated within the overlap, with the stamp we know.
  assert.deepEqual(await poll.changed(), []);
  fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, added: {} } }));
  assert.deepEqual(namesOf(await poll.changed()), ['added']);
  await close();
});

test('a poll asks for what is newer than the newest stamp less 5 s, and knows what is repeated', async () => {
  const stamps = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2025-12-31T00:00:00.000Z'];
  const { poll, conditions } = answered(stamps);
  assert.deepEqual(await poll.changed(), []);
  assert.deepEqual(await poll.changed(), []);
  // An older stamp is another one as well: a clock may have been set back.
  assert.deepEqual(namesOf(await poll.changed()), ['acme']);
  assert.deepEqual(conditions, [undefined, '"2025-12-31T23:59:55.000Z"', '"2025-12-31T23:59:55.000Z"']);
});

test('a stamp in the future hides nothing: a poll asks for what is newer than now less 5 s', async () => {
  const { poll, conditions } = answered(['2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
  await poll.changed();
  await poll.changed();
  assert.deepEqual(conditions, [undefined, '"2026-01-31T23:59:55.000Z"']);
});

test('a poll that fails changes nothing: the next one asks from where it was', async () => {
  await using fixture = await startZms({ state: { domains: { acme: {} } }, athenz: {} });
  const { poll, close } = pollOf(fixture);
  await poll.changed();
  fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, acme: { roles: { r: ['user.bob'] } } } }));
  fixture.sandbox.intercept(() => ({ kind: 'reset' }));
  await assert.rejects(poll.changed(), { code: 'ZMS_UNREACHABLE' });
  fixture.sandbox.intercept(undefined);
  assert.deepEqual(namesOf(await poll.changed()), ['acme']);
  await close();
});
