import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { poll } from '../../src/athenz/poll.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { startZms, type ZmsFixture, type ZmsFixtureOptions } from '../support/zms.ts';
import { onlyOnce } from '../support/zms-client.ts';

// Keys that verify documents are fetched from ZMS or pinned in the config.

const names = Array.from({ length: 12 }, (_, index) => `acme.d${index}`);
const state = { domains: Object.fromEntries(names.map((name) => [name, { roles: { r: ['user.ada'] } }])) };
const oldStamp = '2000-01-01T00:00:00.000Z';

async function start(options: ZmsFixtureOptions = {}): Promise<ZmsFixture> {
  return startZms({ state, ...options });
}

function keyRequests(fixture: ZmsFixture): readonly string[] {
  return fixture.paths().filter((path) => path.includes('/publickey/'));
}

function onKey(fault: Fault) {
  return ({ path }: { readonly path: string }) => (path.includes('/publickey/') ? fault : undefined);
}

for (const concurrency of [1, 4]) {
  test(`a poll with athenz.concurrency ${concurrency} fetches the signing key once`, async () => {
    await using fixture = await start({ athenz: { concurrency } });
    const wanted = new Map(names.map((name) => [name, new Set(['r'])]));
    const snapshot = await poll({ zms: fixture.zms, wanted, userDomain: 'user', now: fixture.clock.now });
    assert.ok([...snapshot.domains.values()].every(({ kind }) => kind === 'value'));
    assert.deepEqual(keyRequests(fixture), ['/domain/sys.auth/service/zms/publickey/0']);
    assert.equal(fixture.zms.requests, 1 + names.length + 1);
  });
}

const keyFaults: readonly (readonly [name: string, fault: Fault, code: string])[] = [
  ['403', { kind: 'status', status: 403, body: '', contentType: 'text/plain' }, 'ZMS_FORBIDDEN'],
  ['404', { kind: 'status', status: 404, body: '{"code":404,"message":"no"}', contentType: 'a/b' }, 'ZMS_SIGNATURE'],
  ['503', { kind: 'status', status: 503, body: '', contentType: 'text/plain' }, 'ZMS_UNAVAILABLE'],
  ['an HTML page', { kind: 'status', status: 200, body: '<html>', contentType: 'text/html' }, 'ZMS_BAD_RESPONSE'],
  ['a body without a key', { kind: 'status', status: 200, body: '{"id":"0"}', contentType: 'a/b' }, 'ZMS_BAD_RESPONSE'],
  ['an invalid key', { kind: 'status', status: 200, body: '{"key":"abc"}', contentType: 'a/b' }, 'ZMS_SIGNATURE'],
  ['a connection reset', { kind: 'reset' }, 'ZMS_UNREACHABLE'],
];
for (const [name, fault, code] of keyFaults) {
  test(`reads fail with ${code} if the key request gets ${name}`, async () => {
    await using fixture = await start({ retry: onlyOnce, intercept: onKey(fault) });
    await assert.rejects(fixture.zms.domainDocument('acme.d0', oldStamp), { code });
    await assert.rejects(fixture.zms.domainDocument('acme.d1', oldStamp), { code });
    assert.equal(keyRequests(fixture).length, 1);
  });
}

test('verifies documents with a pinned key and fetches none', async () => {
  await using fixture = await start();
  const zms = fixture.open({ publicKeys: { '0': join(fixture.dir, 'zms.pub') } });
  assert.equal((await zms.domainDocument('acme.d0', oldStamp)).name, 'acme.d0');
  assert.deepEqual(keyRequests(fixture), []);
});

test('rejects a key id that is not pinned, without fetching it', async () => {
  await using fixture = await start();
  const zms = fixture.open({ publicKeys: { '1': join(fixture.dir, 'zms.pub') } });
  await assert.rejects(zms.domainDocument('acme.d0', oldStamp), {
    code: 'ZMS_SIGNATURE',
    message: /the key "0" is not among athenz\.publicKeys/,
    next: /pin the new one/,
  });
  assert.equal(fixture.sandbox.requests.length, 1, 'the document must be requested once');
});

const pins: readonly (readonly [name: string, text: string | null])[] = [
  ['is missing', null],
  ['is empty', ''],
  ['holds no key', 'no key'],
  ['holds a damaged key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
];
for (const [name, text] of pins) {
  test(`names a pinned key file that ${name} before any request, and at each document`, async () => {
    await using fixture = await start();
    const file = join(fixture.dir, 'pinned.pub');
    if (text !== null) await writeFile(file, text);
    const zms = fixture.open({ publicKeys: { '0': file } });
    const expected = { code: 'CONFIG_INVALID', message: /reading the public key .*pinned\.pub: / };
    await assert.rejects(zms.listDomains(), expected);
    assert.equal(fixture.sandbox.requests.length, 0);
    await assert.rejects(zms.domainDocument('acme.d0', oldStamp), expected);
    assert.equal(fixture.sandbox.requests.length, 1);
  });
}

test('rejects the signing key of another ZMS, whether pinned or fetched', async () => {
  await using other = await startZms();
  await using fixture = await start();
  const [pem = ''] = Object.values(other.sandbox.publicKeys);
  await writeFile(join(fixture.dir, 'other.pub'), pem);
  const pinned = fixture.open({ publicKeys: { '0': join(fixture.dir, 'other.pub') } });
  await assert.rejects(pinned.domainDocument('acme.d0', oldStamp), {
    code: 'ZMS_SIGNATURE',
    message: /does not verify/,
  });
  const key = JSON.stringify({ key: Buffer.from(pem).toString('base64'), id: '0' });
  fixture.sandbox.intercept(onKey({ kind: 'status', status: 200, body: key, contentType: 'application/json' }));
  await assert.rejects(fixture.zms.domainDocument('acme.d0', oldStamp), {
    code: 'ZMS_SIGNATURE',
    message: /does not verify/,
  });
});
