import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Zms } from '../../src/athenz/zms.ts';
import type { AppError, ErrorCode } from '../../src/model/error.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { readExchange } from '../sandbox/exchange.ts';
import { acme } from '../support/recording.ts';
import { startZms, type ZmsFixture } from '../support/zms.ts';

// Responses recorded from a real ZMS, replayed for any request.

function replay(name: string): Fault {
  const { status, headers, body } = readExchange(name).response;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'status', status, body: text, contentType: String(headers['Content-Type']) };
}

const calls: Readonly<Record<string, (zms: Zms) => Promise<unknown>>> = {
  'the list': (zms) => zms.listDomains(),
  'a document': (zms) => zms.domainDocument('eks.users.ns1', '2026-01-01T00:00:00.000Z'),
  'a domain lookup': (zms) => zms.domainExists('eks.users.ns1'),
};

const table: readonly (readonly [name: string, code: ErrorCode, words: RegExp])[] = [
  ['modified/no-auth', 'ZMS_UNAUTHENTICATED', /: 401: Invalid credentials$/],
  ['domain/get-domain-no-auth', 'ZMS_UNAUTHENTICATED', /: 401: Invalid credentials$/],
  ['modified/full-as-user-400', 'ZMS_BAD_RESPONSE', /: 400$/],
  ['error/invalid-domain-name', 'ZMS_BAD_RESPONSE', /: 400: Invalid DomainName error: /],
  ['error/method-405', 'ZMS_BAD_RESPONSE', /: 405$/],
  ['error/not-acceptable-406', 'ZMS_BAD_RESPONSE', /: 406$/],
  ['error/unknown-path-404', 'ZMS_NOT_FOUND', /: 404$/],
  ['error/subdomain-quota-exceeded', 'ZMS_QUOTA', /: 429: subdomain quota exceeded - limit: 100 actual: 101$/],
  ['error/db-down-modified-domains', 'ZMS_UNAVAILABLE', /: 503: Communications link failure$/],
];
for (const [name, code, words] of table) {
  test(`${name} fails with ${code} for each read`, async () => {
    await using fixture = await startZms({ intercept: () => replay(name) });
    for (const [what, call] of Object.entries(calls)) {
      await assert.rejects(call(fixture.zms), (error: AppError) => {
        assert.equal(error.code, code, what);
        assert.match(error.message.replace(/ \(after 4 tries\)$/, ''), words);
        assert.ok(error.next);
        return true;
      });
    }
  });
}

test('rejects an unexpected 304 as a list and as a document', async () => {
  for (const name of ['modified/metaonly-unchanged-304', 'jws/get-304']) {
    await using fixture = await startZms({ intercept: () => replay(name) });
    await assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_BAD_RESPONSE' });
    await assert.rejects(fixture.zms.domainDocument('eks.users.ns1', ''), { code: 'ZMS_BAD_RESPONSE' });
  }
});

test('reads a recorded list of one domain', async () => {
  await using fixture = await startZms({ intercept: () => replay('modified/domain-metaonly') });
  assert.deepEqual((await fixture.zms.listDomains()).all(), [
    { name: 'eks.users.ns1', modified: '2026-11-21T01:28:12.071Z', enabled: true },
  ]);
});

test('rejects an empty list, as recorded for a missing domain', async () => {
  await using fixture = await startZms({ intercept: () => replay('modified/domain-missing') });
  await assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_BAD_RESPONSE', message: /it is empty/ });
});

/** An RSA signature is the same in both forms. */
for (const name of ['jws/get', 'jws/get-p1363']) {
  test(`reads the recorded document ${name}, and only as its own domain`, async () => {
    await using fixture = await realDocument(name);
    const modified = '2026-11-21T01:28:12.071Z';
    const document = await fixture.zms.domainDocument('eks.users.ns1', modified);
    assert.equal(document.modified, modified);
    assert.deepEqual(document.roles.find((role) => role.name === 'k8s_edit')?.members, [{ name: 'user.alice' }]);
    assert.equal(document.roles.find((role) => role.name === 'delegated')?.trust, 'eks.users.my-ns-2');
    assert.ok(document.groups.some((group) => group.name === 'devs'));
    await assert.rejects(fixture.zms.domainDocument('eks.users.ns2', modified), {
      code: 'ZMS_BAD_RESPONSE',
      message: /it is the document of "eks\.users\.ns1"/,
    });
    await assert.rejects(fixture.zms.domainDocument('eks.users.ns1', '2026-11-21T01:28:12.072Z'), {
      code: 'ZMS_STALE',
    });
  });
}

async function realDocument(name: string): Promise<ZmsFixture> {
  const key = await readFile(join(acme, 'publickey-0.json'), 'utf8');
  return startZms({
    intercept: ({ path }) =>
      path.includes('/publickey/')
        ? { kind: 'status', status: 200, body: key, contentType: 'application/json' }
        : replay(name),
  });
}

const absences: readonly (readonly [what: string, fault: Fault, exists: boolean | ErrorCode])[] = [
  ['a 404 from ZMS', replay('domain/get-domain-missing'), false],
  ['the domain', replay('domain/get-domain'), true],
  ['a 404 from the servlet container', replay('error/unknown-path-404'), 'ZMS_NOT_FOUND'],
  ['an empty 404', { kind: 'status', status: 404, body: '', contentType: 'application/json' }, 'ZMS_NOT_FOUND'],
  ['a 404 HTML page', { kind: 'status', status: 404, body: '<h1>404</h1>', contentType: 'text/html' }, 'ZMS_NOT_FOUND'],
  ['a 404 with code 403', status(404, { code: 403, message: 'Forbidden' }), 'ZMS_NOT_FOUND'],
  ['a 404 with a string as code', status(404, { code: '404', message: 'no' }), 'ZMS_NOT_FOUND'],
  ['a 404 without a message', status(404, { code: 404 }), 'ZMS_NOT_FOUND'],
  ['a 410 with code 404', status(410, { code: 404, message: 'no' }), 'ZMS_BAD_RESPONSE'],
  ['a 200 with code 404', status(200, { code: 404, message: 'no' }), 'ZMS_BAD_RESPONSE'],
  ['a 503 with code 404', status(503, { code: 404, message: 'no' }), 'ZMS_UNAVAILABLE'],
  ['a connection reset', { kind: 'reset' }, 'ZMS_UNREACHABLE'],
];
for (const [what, fault, exists] of absences) {
  const outcome = typeof exists === 'string' ? `fails with ${exists}` : `returns ${exists}`;
  test(`domainExists ${outcome} on ${what}`, async () => {
    await using fixture = await startZms({ intercept: () => fault });
    const result = fixture.zms.domainExists('eks.users.ns1');
    if (typeof exists === 'string') await assert.rejects(result, { code: exists });
    else assert.equal(await result, exists);
  });
}

function status(code: number, body: object): Fault {
  return { kind: 'status', status: code, body: JSON.stringify(body), contentType: 'application/json' };
}
