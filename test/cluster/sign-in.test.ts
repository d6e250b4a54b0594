import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { listNamespaces } from '../../src/cluster/read.ts';
import { createTestAuthority, encryptedKey } from '../support/certificates.ts';
import { type KubeFixture, kubeSettings, openKubeFixture, writeConfig } from '../support/kube/fixture.ts';
import { writeFiles } from '../support/repository.ts';

/** A kubeconfig for the stand-in with this user. */
async function configFor({ kube, dir }: KubeFixture, user: object, cluster: object = {}): Promise<string> {
  return writeConfig(dir, {
    'current-context': 'prod',
    clusters: [
      { name: 'c', cluster: { server: kube.url, 'certificate-authority-data': base64(kube.caPem), ...cluster } },
    ],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
  });
}

/** Reads the namespaces as this user; returns the user that the server authenticated. */
async function readAs(fixture: KubeFixture, user: object, cluster?: object): Promise<string | undefined> {
  const kubeconfig = await configFor(fixture, user, cluster);
  const session = await fixture.open('reader', { kube: kubeSettings({ kubeconfig }) });
  const found = await listNamespaces(session, null);
  assert.ok(found.some(({ name }) => name === 'kube-system'));
  return fixture.kube.requests.at(-1)?.user;
}

const plugin = (script: string) => `+x #!/bin/sh\n${script}\n`;
const credential = (token: string) =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } });
const exec = (command: string, more = {}) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', ...more },
});

test('certificate and key paths are relative to the kubeconfig', async () => {
  await using fixture = await openKubeFixture();
  const pair = fixture.kube.credentials.get('reader-certificate');
  assert.ok(pair !== undefined && 'cert' in pair);
  await writeFiles(fixture.dir, { 'pki/ca.crt': fixture.kube.caPem, 'pki/me.crt': pair.cert, 'pki/me.key': pair.key });
  const user = { 'client-certificate': 'pki/me.crt', 'client-key': './pki/me.key' };
  const cluster = { 'certificate-authority': 'pki/ca.crt', 'certificate-authority-data': undefined };
  assert.equal(await readAs(fixture, user, cluster), 'reader');
});

for (const [what, content] of [
  ['a file', 'token-of-reader'],
  ['a file with a trailing newline', 'token-of-reader\n'],
] as const) {
  test(`a relative tokenFile overrides token: ${what}`, async () => {
    await using fixture = await openKubeFixture();
    await writeFiles(fixture.dir, { 'secrets/token': content });
    assert.equal(await readAs(fixture, { tokenFile: 'secrets/token', token: 'old' }), 'reader');
  });
}

test('an exec plugin runs with its args and env, relative to the kubeconfig', async () => {
  await using fixture = await openKubeFixture();
  const script = `printf '{"kind":"ExecCredential","status":{"token":"%s-of-%s"}}' "$1" "$NAME"`;
  await writeFiles(fixture.dir, { 'bin/sign-in': plugin(script) });
  const user = exec('./bin/sign-in', { args: ['token'], env: [{ name: 'NAME', value: 'reader' }] });
  assert.equal(await readAs(fixture, user), 'reader');
});

for (const [what, script, expected] of [
  ['fails', 'echo "not signed in: run acme login" >&2; exit 1', /not signed in: run acme login/],
  ['is missing', undefined, /ENOENT/],
  ['prints no credential', 'echo hello', /JSON|Unexpected token/],
] as const) {
  test(`no request is sent if an exec plugin ${what}`, async () => {
    await using fixture = await openKubeFixture();
    if (script !== undefined) await writeFiles(fixture.dir, { 'sign-in': plugin(script) });
    const failure = await readAs(fixture, exec('./sign-in')).catch((error) => error);
    assert.equal(failure.code, 'CLUSTER_UNAUTHENTICATED');
    assert.match(failure.message, /^authenticating with the context "prod": /);
    assert.match(failure.message, expected);
    assert.deepEqual(fixture.kube.requests, []);
    assert.deepEqual(fixture.waits, []);
  });
}

test('no request is sent with a client key that is encrypted', async () => {
  await using fixture = await openKubeFixture();
  const pair = fixture.kube.credentials.get('reader-certificate');
  assert.ok(pair !== undefined && 'cert' in pair);
  const user = { 'client-certificate-data': base64(pair.cert), 'client-key-data': base64(encryptedKey()) };
  const expected = { code: 'CLUSTER_UNAUTHENTICATED', message: /client key is encrypted$/, next: /openssl pkey/ };
  await assert.rejects(readAs(fixture, user), expected);
  assert.deepEqual(fixture.kube.requests, []);
});

test('an expired token is renewed once for all concurrent requests', async () => {
  await using fixture = await openKubeFixture();
  const { kube, dir } = fixture;
  kube.addUser('second', { groups: ['athenz-gitops-readers'] });
  const runs = join(dir, 'runs');
  const script = `echo x >> ${runs}; cat ${join(dir, 'credential')}`;
  await writeFiles(dir, { 'sign-in': plugin(script), credential: credential('token-of-reader'), runs: '' });
  const kubeconfig = await configFor(fixture, exec('./sign-in'));
  const session = await fixture.open('reader', { kube: kubeSettings({ kubeconfig }) });
  await listNamespaces(session, null);
  await writeFiles(dir, { credential: credential('token-of-second') });
  kube.revoke('reader');
  await Promise.all(Array.from({ length: 8 }, () => listNamespaces(session, null)));
  const users = kube.requests.map(({ user }) => user);
  assert.deepEqual([...new Set(users)], ['reader', undefined, 'second']);
  assert.equal(users.filter((user) => user === 'second').length, 8);
  assert.equal(await readFile(runs, 'utf8'), 'x\nx\n');
  assert.deepEqual(fixture.waits, [], 'no request waited for a retry');
});

test('credentials that stay invalid fail after one more sign-in', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open('stranger');
  await assert.rejects(listNamespaces(session, null), {
    code: 'CLUSTER_UNAUTHENTICATED',
    message: 'listing the namespaces of cluster prod: 401: Unauthorized',
  });
  assert.equal(fixture.kube.requests.length, 2);
  await session.close();
});

test('new credentials for another server in the kubeconfig are not sent', async () => {
  await using fixture = await openKubeFixture();
  await using other = await openKubeFixture();
  const kubeconfig = await configFor(fixture, { token: 'token-of-stranger' });
  const session = await fixture.open('reader', { kube: kubeSettings({ kubeconfig }) });
  await rm(kubeconfig);
  const moved = await configFor({ ...fixture, kube: other.kube }, { token: 'token-of-reader' });
  assert.equal(moved, kubeconfig);
  await assert.rejects(listNamespaces(session, null), { code: 'CLUSTER_UNAUTHENTICATED' });
  assert.deepEqual(
    fixture.kube.requests.map(({ user }) => user),
    [undefined, undefined],
  );
  assert.deepEqual(other.kube.requests, []);
});

for (const [what, cluster, code, expected] of [
  [
    'the kubeconfig trusts another CA',
    async () => ({
      'certificate-authority-data': base64((await createTestAuthority()).caPem),
      'certificate-authority': undefined,
    }),
    'CLUSTER_TLS',
    /unknown CA/,
  ],
  ['the kubeconfig has no CA', async () => ({ 'certificate-authority-data': undefined }), 'CLUSTER_TLS', /unknown CA/],
  [
    'the server name differs',
    async () => ({ 'tls-server-name': 'kubernetes.example' }),
    'CLUSTER_TLS',
    /for another name/,
  ],
] as const) {
  test(`no token is sent if ${what}`, async () => {
    await using fixture = await openKubeFixture();
    const failure = await readAs(fixture, { token: 'token-of-reader' }, await cluster()).catch((error) => error);
    assert.equal(failure.code, code, failure.message);
    assert.match(failure.message, expected);
    assert.deepEqual([fixture.kube.requests, fixture.waits], [[], []]);
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('a 401 reports when the client certificate expired', async () => {
  await using fixture = await openKubeFixture();
  const other = await createTestAuthority();
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  for (const [notAfter, message] of [
    [hoursAgo(1), /401: Unauthorized; the client certificate expired \w+ \d+ [\d:]+ \d{4} GMT$/],
    [hoursAgo(-1), /401: Unauthorized$/],
  ] as const) {
    const { cert, key } = await other.issue({ principal: 'reader', notBefore: hoursAgo(9), notAfter });
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    await assert.rejects(readAs(fixture, user), { code: 'CLUSTER_UNAUTHENTICATED', message });
  }
});

test('a token with a line break is rejected and not sent', async () => {
  await using fixture = await openKubeFixture();
  await assert.rejects(readAs(fixture, { token: 'one\ntwo' }), {
    code: 'CLUSTER_UNAUTHENTICATED',
    message: /token contains an invalid character/,
  });
  assert.deepEqual(fixture.kube.requests, []);
});
