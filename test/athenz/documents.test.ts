import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Zms } from '../../src/athenz/zms.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { createSigner } from '../../src/sandbox/sign.ts';
import { call } from '../sandbox/client.ts';
import { startZms, type ZmsFixture } from '../support/zms.ts';

const state = {
  domains: { 'acme.a': { roles: { admins: ['user.ada'] } }, 'acme.b': { roles: { admins: ['user.bo'] } } },
};
const stampOf = async (zms: Pick<Zms, 'listDomains'>, name: string) => (await zms.listDomains()).get(name) ?? '';

for (const algorithm of ['RS256', 'ES256'] as const) {
  test(`reads documents signed with ${algorithm} and fetches the key once`, async () => {
    await using fixture = await startZms({ state, signer: await createSigner(algorithm) });
    const [a, b] = await Promise.all(
      ['acme.a', 'acme.b'].map(async (name) => fixture.zms.domainDocument(name, await stampOf(fixture.zms, name))),
    );
    assert.deepEqual(a?.roles.find((role) => role.name === 'admins')?.members, [{ name: 'user.ada' }]);
    assert.equal(b?.name, 'acme.b');
    assert.equal(fixture.paths().filter((path) => path.includes('publickey')).length, 1);
  });
}

test('rejects the document of another domain even if its signature is valid', async () => {
  await using fixture = await startZms({ state });
  const modified = await stampOf(fixture.zms, 'acme.a');
  const swapped = await fetchBody(fixture, '/domain/acme.b/signed?signaturep1363format=true');
  fixture.sandbox.intercept(({ path }) => (path.endsWith('/acme.a/signed') ? ok(swapped) : undefined));
  await assert.rejects(fixture.zms.domainDocument('acme.a', modified), /it is the document of "acme\.b"/);
});

test('sends no request for an invalid domain name, even if ZMS has it', async () => {
  const names = [
    '..',
    '.',
    'acme.a/../acme.b',
    'acme..a',
    'acme.a?x=1',
    '%2e%2e',
    '\ud800',
    'a\n',
    '',
    'a'.repeat(513),
  ];
  await using fixture = await startZms({ state: { domains: Object.fromEntries(names.map((name) => [name, null])) } });
  for (const name of names) {
    const rejection = { code: 'ZMS_BAD_RESPONSE', message: /this is not a valid domain name/ };
    await assert.rejects(fixture.zms.domainDocument(name, '2026-01-01T00:00:00.000Z'), rejection);
    await assert.rejects(fixture.zms.domainExists(name), rejection);
  }
  assert.deepEqual(fixture.paths(), []);
});

test('retries a document older than the list, then fails with ZMS_STALE', async () => {
  await using fixture = await startZms({ state });
  const stale = await fetchBody(fixture, '/domain/acme.a/signed?signaturep1363format=true');
  fixture.sandbox.update((now) => ({ domains: { ...now.domains, 'acme.a': { roles: { admins: ['user.eve'] } } } }));
  const modified = await stampOf(fixture.zms, 'acme.a');
  let lagging = 1;
  fixture.sandbox.intercept(({ path }) => (path.endsWith('/acme.a/signed') && lagging-- > 0 ? ok(stale) : undefined));
  const document = await fixture.zms.domainDocument('acme.a', modified);
  assert.deepEqual(document.roles.find((role) => role.name === 'admins')?.members, [{ name: 'user.eve' }]);

  lagging = Number.POSITIVE_INFINITY;
  const before = fixture.sandbox.requests.length;
  await assert.rejects(fixture.zms.domainDocument('acme.a', modified), { code: 'ZMS_STALE' });
  assert.equal(fixture.sandbox.requests.length - before, 4);
});

test('rejects a signed document whose payload, signature or header was changed', async () => {
  await using fixture = await startZms({ state });
  const modified = await stampOf(fixture.zms, 'acme.a');
  const body = JSON.parse(await fetchBody(fixture, '/domain/acme.a/signed?signaturep1363format=true')) as Record<
    string,
    string
  >;
  const none = Buffer.from('{"kid":"0","alg":"none"}').toString('base64url');
  const hmac = Buffer.from('{"kid":"0","alg":"HS256"}').toString('base64url');
  const path = Buffer.from('{"kid":"../../x","alg":"ES256"}').toString('base64url');
  const forgeries = [
    { payload: flip(body['payload'] ?? '') },
    { signature: flip(body['signature'] ?? '') },
    { signature: '' },
    { protected: none },
    { protected: none, signature: '' },
    { protected: hmac },
    { protected: path },
    { protected: 'e30' },
  ];
  for (const forgery of forgeries) {
    fixture.sandbox.intercept(({ path: at }) =>
      at.endsWith('/signed') ? ok(JSON.stringify({ ...body, ...forgery })) : undefined,
    );
    await assert.rejects(
      fixture.open().domainDocument('acme.a', modified),
      { code: 'ZMS_SIGNATURE' },
      JSON.stringify(forgery),
    );
  }
  assert.ok(!fixture.paths().some((it) => it.includes('..')), 'a key id must not be used as a path');
});

function ok(body: string): Fault {
  return { kind: 'status', status: 200, body, contentType: 'application/json' };
}

/** Changes a character in the middle, as the last one may hold unused bits. */
function flip(text: string): string {
  const at = Math.floor(text.length / 2);
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

async function fetchBody({ sandbox }: ZmsFixture, path: string): Promise<string> {
  return (await call(sandbox, path)).text;
}
