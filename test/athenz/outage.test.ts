import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmAbsences, poll } from '../../src/athenz/poll.ts';
import type { ErrorCode } from '../../src/model/error.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { documentOf } from '../support/company.ts';
import { emptyDocument, type FakeRead, type FakeZms, fakeZms } from '../support/fake-zms.ts';
import { startZms } from '../support/zms.ts';

// What a poll makes of reads that fail: the others go on, and a ZMS that is gone is left alone.

const roles = new Set(['r']);

/** Domains `d000`, `d001` … whose reads end as the function says. */
function domains(count: number, readOf: (index: number, name: string) => FakeRead): Map<string, FakeRead> {
  const names = Array.from({ length: count }, (_, index) => `d${String(index).padStart(3, '0')}`);
  return new Map(names.map((name, index) => [name, readOf(index, name)]));
}

function take(zms: FakeZms, names: Iterable<string>): Promise<Snapshot> {
  const wanted = new Map([...names].filter((name) => name.startsWith('d')).map((name) => [name, roles]));
  return poll({ zms, wanted, userDomain: 'user', now: Date.now });
}

function problems({ domains: reads }: Snapshot): readonly string[] {
  return [...reads.values()].flatMap((read) => (read.kind === 'unknown' ? [read.problem.code] : []));
}

const gone: readonly ErrorCode[] = ['ZMS_UNREACHABLE', 'ZMS_TIMEOUT', 'ZMS_UNAVAILABLE', 'ZMS_TLS'];
for (const code of gone) {
  test(`after 32 reads in a row that end in ${code} no more is asked for, and the rest is unknown`, async () => {
    const reads = domains(100, () => code);
    const zms = fakeZms(reads, 1);
    const snapshot = await take(zms, reads.keys());
    assert.equal(zms.documents.length, 32);
    const expected = Array.from({ length: 100 }, (_, index) => (index < 32 ? code : 'ZMS_UNAVAILABLE'));
    assert.deepEqual(problems(snapshot), expected);
    const last = snapshot.domains.get('d099');
    assert.match(
      last?.kind === 'unknown' ? last.problem.message : '',
      /^reading the document of d099: not tried, as the last 32 reads failed$/,
    );
  });
}

const single: readonly ErrorCode[] = [
  'ZMS_FORBIDDEN',
  'ZMS_NOT_FOUND',
  'ZMS_BAD_RESPONSE',
  'ZMS_SIGNATURE',
  'ZMS_STALE',
];
for (const code of single) {
  test(`${code} says something of one document only: all are asked for`, async () => {
    const reads = domains(100, () => code);
    const zms = fakeZms(reads, 1);
    assert.deepEqual(problems(await take(zms, reads.keys())), Array(100).fill(code));
    assert.equal(zms.documents.length, 100);
  });
}

for (const between of ['a success', 'ZMS_NOT_FOUND'] as const) {
  test(`failures count in a row: ${between} in between begins anew`, async () => {
    const reads = domains(100, (index, name) => {
      if (index % 32 !== 31) return 'ZMS_TIMEOUT';
      return between === 'a success' ? emptyDocument(name) : between;
    });
    const zms = fakeZms(reads, 1);
    await take(zms, reads.keys());
    assert.equal(zms.documents.length, 100);
  });
}

test('what is under way when the last straw breaks is waited for', async () => {
  const reads = domains(200, () => 'ZMS_TIMEOUT');
  const zms = fakeZms(reads, 16);
  await take(zms, reads.keys());
  assert.ok(zms.documents.length >= 32 && zms.documents.length < 32 + 16, `${zms.documents.length} documents`);
});

test('once ZMS is gone, the domains that groups point at are not asked for either', async () => {
  const home = documentOf('d000', { roles: { r: ['org:group.g'] } });
  const reads = domains(60, (index) => (index === 0 ? home : 'ZMS_UNREACHABLE'));
  reads.set('org', emptyDocument('org'));
  const zms = fakeZms(reads, 1);
  const snapshot = await take(zms, reads.keys());
  assert.ok(!zms.documents.includes('org'));
  assert.equal(snapshot.domains.get('org')?.kind, 'unknown');
  assert.equal(snapshot.domains.get('d000')?.kind, 'value');
});

test('one document that cannot be read leaves all others as they are', async () => {
  const reads = domains(20, (index, name) => (index === 7 ? 'ZMS_SIGNATURE' : emptyDocument(name)));
  const snapshot = await take(fakeZms(reads), reads.keys());
  assert.deepEqual(snapshot.domains.get('d007'), {
    kind: 'unknown',
    problem: { code: 'ZMS_SIGNATURE', message: 'reading the document of d007', next: 'wait' },
  });
  for (const [name, read] of reads) {
    if (name !== 'd007') assert.deepEqual(snapshot.domains.get(name), { kind: 'value', value: read });
  }
});

test('an error that is a bug of this program is unknown as well, never absent', async () => {
  const zms = { ...fakeZms(domains(1, (_, name) => emptyDocument(name))), domainDocument: () => Promise.reject('?') };
  const snapshot = await take(zms, ['d000']);
  assert.deepEqual(snapshot.domains.get('d000'), { kind: 'unknown', problem: { code: 'INTERNAL', message: '?' } });
});

test('a list that cannot be read is thrown, and nothing else is asked for', async () => {
  await using fixture = await startZms({ state: { domains: { acme: {} } } });
  fixture.sandbox.intercept(({ path }) => (path.includes('modified_domains') ? { kind: 'reset' } : undefined));
  const wanted = new Map([['acme', roles]]);
  const polling = poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
  await assert.rejects(polling, { code: 'ZMS_UNREACHABLE' });
  assert.deepEqual(new Set(fixture.paths()), new Set(['/sys/modified_domains?metaonly=true']));
});

test('a snapshot is as of when the poll began, however long it takes', async () => {
  await using fixture = await startZms({ state: { domains: { acme: {} } } });
  fixture.sandbox.intercept(() => {
    fixture.clock.advance(60_000);
    return undefined;
  });
  const begun = new Date(fixture.clock.now()).toISOString();
  const wanted = new Map([['acme', roles]]);
  const snapshot = await poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
  assert.equal(snapshot.takenAt, begun);
  assert.equal(snapshot.zmsUrl, fixture.sandbox.url);
  assert.deepEqual(
    snapshot.list.map(({ name }) => name),
    ['acme', 'sys', 'sys.auth', 'sys.auth.audit', 'sys.auth.audit.domain', 'sys.auth.audit.org', 'user'],
  );
});

test('a second look leaves the snapshot it was given and all other reads alone', async () => {
  const reads = domains(2, (_, name) => emptyDocument(name));
  const zms = fakeZms(reads);
  const snapshot = await take(zms, ['d000', 'd001', 'dgone']);
  const before = structuredClone(snapshot);
  const looked = await confirmAbsences(zms, snapshot, ['dgone']);
  assert.deepEqual(snapshot, before);
  assert.deepEqual(looked.domains.get('dgone'), { kind: 'absent', confirmed: true });
  assert.deepEqual({ ...looked, domains: null }, { ...snapshot, domains: null });
  for (const name of reads.keys()) assert.equal(looked.domains.get(name), snapshot.domains.get(name));
});

const seconds: readonly (readonly [name: string, look: () => Promise<boolean>, code: ErrorCode])[] = [
  ['finds the domain after all', async () => true, 'ZMS_STALE'],
  ['is not answered', () => Promise.reject(new Error('broken')), 'INTERNAL'],
  [
    'throws at once',
    () => {
      throw new URIError('URI malformed');
    },
    'INTERNAL',
  ],
];
for (const [name, look, code] of seconds) {
  test(`a second look that ${name} makes the domain unknown, which keeps access`, async () => {
    const zms = { ...fakeZms(new Map()), domainExists: look };
    const looked = await confirmAbsences(zms, await take(zms, ['dgone']), ['dgone']);
    const read = looked.domains.get('dgone');
    assert.equal(read?.kind, 'unknown');
    assert.equal(read?.kind === 'unknown' && read.problem.code, code);
  });
}

test('a domain whose name no URL can hold is unknown, and the poll goes on', async () => {
  await using fixture = await startZms({
    state: { domains: { acme: { roles: { r: { trust: 'x\ud800' }, s: { trust: '../sys' } } }, 'x\ud800': {} } },
  });
  const wanted = new Map([['acme', new Set(['r', 's'])]]);
  const snapshot = await poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
  assert.equal(snapshot.domains.get('acme')?.kind, 'value');
  assert.equal(snapshot.domains.get('x\ud800')?.kind, 'unknown');
  const looked = await confirmAbsences(fixture.zms, snapshot, ['../sys', 'x\ud800', '..']);
  for (const name of ['../sys', 'x\ud800', '..']) assert.equal(looked.domains.get(name)?.kind, 'unknown', name);
});
