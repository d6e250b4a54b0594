import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmAbsences, poll } from '../../src/athenz/poll.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { startZms, type ZmsFixture } from '../support/zms.ts';

const state = {
  domains: {
    'acme.org': { groups: { team: ['user.ada'], other: ['user.bo'] } },
    'acme.far': { groups: { sre: ['user.chen'] } },
    'acme.platform': {
      roles: { sre: ['acme.far:group.sre'], unrelated: ['acme.never:group.x'] },
      assumes: [{ role: 'sre', resource: 'acme.eks.*:role.viewers' }],
    },
    'acme.never': { groups: { x: ['user.eve'] } },
    'acme.eks.a': { roles: { admins: ['user.ada', 'acme.org:group.team'], viewers: { trust: 'acme.platform' } } },
    'acme.eks.b': { roles: { admins: ['acme.gone:group.y'], secret: ['acme.never:group.x'] } },
    'acme.eks.unmapped': { roles: { admins: ['user.eve'] } },
  },
};
const roles = new Set(['admins', 'viewers']);
const wanted = new Map(['acme.eks.a', 'acme.eks.b', 'acme.eks.new'].map((name) => [name, roles]));

function runPoll(fixture: ZmsFixture): Promise<Snapshot> {
  return poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
}

function kinds(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries([...snapshot.domains].sort().map(([name, read]) => [name, read.kind]));
}

test('reads the list and one document per domain that access depends on', async () => {
  await using fixture = await startZms({ state });
  const snapshot = await runPoll(fixture);
  assert.deepEqual(kinds(snapshot), {
    'acme.eks.a': 'value',
    'acme.eks.b': 'value',
    'acme.eks.new': 'absent',
    'acme.far': 'value',
    'acme.gone': 'absent',
    'acme.org': 'value',
    'acme.platform': 'value',
  });
  const documents = fixture.paths().filter((path) => path.includes('/signed'));
  assert.deepEqual(documents.map((path) => path.split('/')[2]).sort(), [
    'acme.eks.a',
    'acme.eks.b',
    'acme.far',
    'acme.org',
    'acme.platform',
  ]);
  assert.equal(fixture.sandbox.requests.length, 1 + 5 + 1, 'the list, the documents, the key');
  assert.equal(snapshot.takenAt, new Date(fixture.clock.now()).toISOString());
});

test('an absence based on the list alone is not confirmed', async () => {
  await using fixture = await startZms({ state });
  const snapshot = await runPoll(fixture);
  assert.deepEqual(snapshot.domains.get('acme.gone'), { kind: 'absent', confirmed: false });
});

test('fails when the list cannot be read', async () => {
  const fault: Fault = { kind: 'status', status: 503, body: '', contentType: 'text/plain' };
  await using fixture = await startZms({ state, intercept: () => fault });
  await assert.rejects(runPoll(fixture), { code: 'ZMS_UNAVAILABLE' });
});

test('a failed document read is unknown with its reason; others are still read', async () => {
  await using fixture = await startZms({ state });
  fixture.sandbox.intercept(({ path }) =>
    path.includes('acme.org')
      ? { kind: 'status', status: 403, body: '{"code":403,"message":"Forbidden"}', contentType: 'application/json' }
      : undefined,
  );
  const snapshot = await runPoll(fixture);
  assert.equal(kinds(snapshot)['acme.eks.b'], 'value');
  const read = snapshot.domains.get('acme.org');
  assert.ok(read?.kind === 'unknown');
  assert.equal(read.problem.code, 'ZMS_FORBIDDEN');
  assert.match(read.problem.message, /reading the document of acme\.org: 403: Forbidden/);
});

test('stops requesting documents when ZMS stops responding', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`acme.eks.n${index}`, {}]));
  await using fixture = await startZms({
    state: { domains: many },
    retry: { tries: 1, within: 10_000, delay: 1 },
    athenz: { concurrency: 4 },
  });
  fixture.sandbox.intercept(({ path }) => (path.endsWith('/signed') ? { kind: 'reset' } : undefined));
  const all = new Map(Object.keys(many).map((name) => [name, roles]));
  const snapshot = await poll({ zms: fixture.zms, wanted: all, userDomain: 'user', now: fixture.clock.now });
  assert.equal([...snapshot.domains.values()].filter((read) => read.kind === 'unknown').length, 200);
  assert.ok(fixture.sandbox.requests.length < 60, `${fixture.sandbox.requests.length} requests`);
});

test('confirmAbsences confirms, contradicts or fails to confirm an absence', async () => {
  await using fixture = await startZms({ state });
  const snapshot = await runPoll(fixture);
  fixture.sandbox.intercept(({ path }) =>
    path.endsWith('/acme.eks.unmapped')
      ? { kind: 'status', status: 404, body: '<html/>', contentType: 'text/html' }
      : undefined,
  );
  const confirmed = await confirmAbsences(fixture.zms, snapshot, ['acme.gone', 'acme.never', 'acme.eks.unmapped']);
  assert.deepEqual(confirmed.domains.get('acme.gone'), { kind: 'absent', confirmed: true });
  const contradicted = confirmed.domains.get('acme.never');
  assert.ok(
    contradicted?.kind === 'unknown' &&
      /missing from the domain list, but ZMS still has it/.test(contradicted.problem.message),
  );
  assert.equal(confirmed.domains.get('acme.eks.unmapped')?.kind, 'unknown');
  assert.deepEqual(confirmed.domains.get('acme.eks.a'), snapshot.domains.get('acme.eks.a'));
});

test('progress is shown after each document, and ends with every needed one read', async () => {
  await using fixture = await startZms({ state });
  const seen: (readonly [number, number])[] = [];
  await poll({
    zms: fixture.zms,
    wanted,
    userDomain: 'user',
    now: fixture.clock.now,
    progress: (done, total) => seen.push([done, total]),
  });
  assert.deepEqual(
    seen.map(([done]) => done),
    [1, 2, 3, 4, 5],
  );
  assert.ok(
    seen.every(([done, total]) => done <= total),
    JSON.stringify(seen),
  );
  assert.deepEqual(seen.at(-1), [5, 5]);
});
