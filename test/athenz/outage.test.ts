import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guarded, zmsBreaker } from '../../src/athenz/guarded.ts';
import { confirmAbsences, poll } from '../../src/athenz/poll.ts';
import type { ErrorCode } from '../../src/model/error.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { readExchange } from '../sandbox/exchange.ts';
import { documentOf } from '../support/company.ts';
import { emptyDocument, type FakeRead, type FakeZms, fakeZms } from '../support/fake-zms.ts';
import { startZms } from '../support/zms.ts';

// A failed read does not affect others, and a poll stops asking a ZMS that is down.

const roles = new Set(['r']);

/** Domains `d000`, `d001`, ... with the reads that `readOf` returns. */
function domains(count: number, readOf: (index: number, name: string) => FakeRead): Map<string, FakeRead> {
  const names = Array.from({ length: count }, (_, index) => `d${String(index).padStart(3, '0')}`);
  return new Map(names.map((name, index) => [name, readOf(index, name)]));
}

function runPoll(zms: FakeZms, names: Iterable<string>): Promise<Snapshot> {
  const wanted = new Map([...names].filter((name) => name.startsWith('d')).map((name) => [name, roles]));
  return poll({ zms: guarded(zms, zmsBreaker()), wanted, userDomain: 'user', now: Date.now });
}

function problems({ domains: reads }: Snapshot): readonly string[] {
  return [...reads.values()].flatMap((read) => (read.kind === 'unknown' ? [read.problem.code] : []));
}

const outageCodes: readonly ErrorCode[] = [
  'ZMS_UNREACHABLE',
  'ZMS_TIMEOUT',
  'ZMS_UNAVAILABLE',
  'ZMS_TLS',
  'ZMS_UNAUTHENTICATED',
];
for (const code of outageCodes) {
  test(`stops after 32 consecutive ${code} reads; the rest is unknown`, async () => {
    const reads = domains(100, () => code);
    const zms = fakeZms(reads, 1);
    const snapshot = await runPoll(zms, reads.keys());
    assert.equal(zms.documents.length, 32);
    const expected = Array.from({ length: 100 }, (_, index) => (index < 32 ? code : 'ZMS_UNAVAILABLE'));
    assert.deepEqual(problems(snapshot), expected);
    const last = snapshot.domains.get('d099');
    assert.match(
      last?.kind === 'unknown' ? last.problem.message : '',
      /^reading the document of d099: skipped: the last 32 reads failed$/,
    );
  });
}

const documentCodes: readonly ErrorCode[] = [
  'ZMS_FORBIDDEN',
  'ZMS_NOT_FOUND',
  'ZMS_BAD_RESPONSE',
  'ZMS_SIGNATURE',
  'ZMS_STALE',
];
for (const code of documentCodes) {
  test(`a poll does not stop on repeated ${code}`, async () => {
    const reads = domains(100, () => code);
    const zms = fakeZms(reads, 1);
    assert.deepEqual(problems(await runPoll(zms, reads.keys())), Array(100).fill(code));
    assert.equal(zms.documents.length, 100);
  });
}

for (const between of ['a success', 'ZMS_NOT_FOUND'] as const) {
  test(`${between} resets the count of consecutive failures`, async () => {
    const reads = domains(100, (index, name) => {
      if (index % 32 !== 31) return 'ZMS_TIMEOUT';
      return between === 'a success' ? emptyDocument(name) : between;
    });
    const zms = fakeZms(reads, 1);
    await runPoll(zms, reads.keys());
    assert.equal(zms.documents.length, 100);
  });
}

test('starts no new reads once the failure limit is reached', async () => {
  const reads = domains(200, () => 'ZMS_TIMEOUT');
  const zms = fakeZms(reads, 16);
  await runPoll(zms, reads.keys());
  assert.ok(zms.documents.length >= 32 && zms.documents.length < 32 + 16, `${zms.documents.length} documents`);
});

test('does not fetch group domains once ZMS is down', async () => {
  const home = documentOf('d000', { roles: { r: ['org:group.g'] } });
  const reads = domains(60, (index) => (index === 0 ? home : 'ZMS_UNREACHABLE'));
  reads.set('org', emptyDocument('org'));
  const zms = fakeZms(reads, 1);
  const snapshot = await runPoll(zms, reads.keys());
  assert.ok(!zms.documents.includes('org'));
  assert.equal(snapshot.domains.get('org')?.kind, 'unknown');
  assert.equal(snapshot.domains.get('d000')?.kind, 'value');
});

test('a document that cannot be read does not affect the others', async () => {
  const reads = domains(20, (index, name) => (index === 7 ? 'ZMS_SIGNATURE' : emptyDocument(name)));
  const snapshot = await runPoll(fakeZms(reads), reads.keys());
  assert.deepEqual(snapshot.domains.get('d007'), {
    kind: 'unknown',
    problem: { code: 'ZMS_SIGNATURE', message: 'reading the document of d007', next: 'wait' },
  });
  for (const [name, read] of reads) {
    if (name !== 'd007') assert.deepEqual(snapshot.domains.get(name), { kind: 'value', value: read });
  }
});

test('an internal error makes a domain unknown, never absent', async () => {
  const zms = { ...fakeZms(domains(1, (_, name) => emptyDocument(name))), domainDocument: () => Promise.reject('?') };
  const snapshot = await runPoll(zms, ['d000']);
  assert.deepEqual(snapshot.domains.get('d000'), { kind: 'unknown', problem: { code: 'INTERNAL', message: '?' } });
});

test('throws when the list cannot be read, without reading anything else', async () => {
  await using fixture = await startZms({ state: { domains: { acme: {} } } });
  fixture.sandbox.intercept(({ path }) => (path.includes('modified_domains') ? { kind: 'reset' } : undefined));
  const wanted = new Map([['acme', roles]]);
  const polling = poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
  await assert.rejects(polling, { code: 'ZMS_UNREACHABLE' });
  assert.deepEqual(new Set(fixture.paths()), new Set(['/sys/modified_domains?metaonly=true']));
});

test('takenAt is the time at which the poll started', async () => {
  await using fixture = await startZms({ state: { domains: { acme: {} } } });
  fixture.sandbox.intercept(() => {
    fixture.clock.advance(60_000);
    return undefined;
  });
  const started = new Date(fixture.clock.now()).toISOString();
  const wanted = new Map([['acme', roles]]);
  const snapshot = await poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
  assert.equal(snapshot.takenAt, started);
  assert.equal(snapshot.zmsUrl, fixture.sandbox.url);
  assert.deepEqual(
    snapshot.list.map(({ name }) => name),
    ['acme', 'sys', 'sys.auth', 'sys.auth.audit', 'sys.auth.audit.domain', 'sys.auth.audit.org', 'user'],
  );
});

test('confirming an absence leaves the snapshot and all other reads unchanged', async () => {
  const reads = domains(2, (_, name) => emptyDocument(name));
  const zms = fakeZms(reads);
  const snapshot = await runPoll(zms, ['d000', 'd001', 'dgone']);
  const before = structuredClone(snapshot);
  const confirmed = await confirmAbsences(zms, snapshot, ['dgone']);
  assert.deepEqual(snapshot, before);
  assert.deepEqual(confirmed.domains.get('dgone'), { kind: 'absent', confirmed: true });
  assert.deepEqual({ ...confirmed, domains: null }, { ...snapshot, domains: null });
  for (const name of reads.keys()) assert.equal(confirmed.domains.get(name), snapshot.domains.get(name));
});

const confirmations: readonly (readonly [name: string, domainExists: () => Promise<boolean>, code: ErrorCode])[] = [
  ['finds it', async () => true, 'ZMS_STALE'],
  ['fails', () => Promise.reject(new Error('broken')), 'INTERNAL'],
  [
    'throws synchronously',
    () => {
      throw new URIError('URI malformed');
    },
    'INTERNAL',
  ],
];
for (const [name, domainExists, code] of confirmations) {
  test(`a domain is unknown when confirming its absence ${name}`, async () => {
    const zms = { ...fakeZms(new Map()), domainExists };
    const confirmed = await confirmAbsences(zms, await runPoll(zms, ['dgone']), ['dgone']);
    const read = confirmed.domains.get('dgone');
    assert.equal(read?.kind, 'unknown');
    assert.equal(read?.kind === 'unknown' && read.problem.code, code);
  });
}

test('a domain name that is invalid in a URL is unknown and does not stop the poll', async () => {
  await using fixture = await startZms({
    state: { domains: { acme: { roles: { r: { trust: 'x\ud800' }, s: { trust: '../sys' } } }, 'x\ud800': {} } },
  });
  const wanted = new Map([['acme', new Set(['r', 's'])]]);
  const snapshot = await poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
  assert.equal(snapshot.domains.get('acme')?.kind, 'value');
  assert.equal(snapshot.domains.get('x\ud800')?.kind, 'unknown');
  const confirmed = await confirmAbsences(fixture.zms, snapshot, ['../sys', 'x\ud800', '..']);
  for (const name of ['../sys', 'x\ud800', '..']) assert.equal(confirmed.domains.get(name)?.kind, 'unknown', name);
});

test('a 404 for the document of a listed domain is retried and counted as an outage', async () => {
  const { response } = readExchange('error/db-down-signed');
  const names = Array.from({ length: 40 }, (_, index) => `d${index}`);
  const state = { domains: Object.fromEntries(names.map((name) => [name, {}])) };
  await using fixture = await startZms({ state, athenz: { concurrency: 1 } });
  fixture.sandbox.intercept(({ path }) =>
    path.endsWith('/signed')
      ? { kind: 'status', status: 404, body: JSON.stringify(response.body), contentType: 'application/json' }
      : undefined,
  );
  const wanted = new Map(names.map((name) => [name, roles]));
  const snapshot = await poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
  assert.deepEqual(problems(snapshot), Array(40).fill('ZMS_UNAVAILABLE'));
  const asked = fixture.paths().filter((path) => path.includes('/signed'));
  assert.deepEqual([asked.length, new Set(asked).size], [32 * 4, 32]);
});
