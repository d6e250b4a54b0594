import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readNamespaces } from '../../src/cluster/read.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { type KubeFixture, kubeSettings, openKubeFixture, writeConfig } from '../support/kube/fixture.ts';
import { writeFiles } from '../support/repository.ts';

/** A kubeconfig for the stand-in with a user as given. */
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

/** Reads the namespaces as that user; gives who the server took it for. */
async function whoReads(fixture: KubeFixture, user: object, cluster?: object): Promise<string | undefined> {
  const kubeconfig = await configFor(fixture, user, cluster);
  const session = await fixture.open('reader', { kube: kubeSettings({ kubeconfig }) });
  const found = await readNamespaces(session, null);
  assert.ok(found.some(({ name }) => name === 'kube-system'));
  return fixture.kube.requests.at(-1)?.user;
}

const plugin = (script: string) => `+x #!/bin/sh\n${script}\n`;
const credential = (token: string) =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } });
const exec = (command: string, more = {}) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', ...more },
});

test('paths of certificates and keys are relative to the kubeconfig', async () => {
  await using fixture = await openKubeFixture();
  const pair = fixture.kube.credentials.get('reader-certificate');
  assert.ok(pair !== undefined && 'cert' in pair);
  await writeFiles(fixture.dir, { 'pki/ca.crt': fixture.kube.caPem, 'pki/me.crt': pair.cert, 'pki/me.key': pair.key });
  const user = { 'client-certificate': 'pki/me.crt', 'client-key': './pki/me.key' };
  const cluster = { 'certificate-authority': 'pki/ca.crt', 'certificate-authority-data': undefined };
  assert.equal(await whoReads(fixture, user, cluster), 'reader');
});

for (const [what, content] of [
  ['a file', 'token-of-reader'],
  ['a file that ends with a line break', 'token-of-reader\n'],
] as const) {
  test(`a token is read from ${what} beside the kubeconfig, and counts more than one in it`, async () => {
    await using fixture = await openKubeFixture();
    await writeFiles(fixture.dir, { 'secrets/token': content });
    assert.equal(await whoReads(fixture, { tokenFile: 'secrets/token', token: 'old' }), 'reader');
  });
}

test('a plugin is run with its arguments and its environment, by its path from the kubeconfig', async () => {
  await using fixture = await openKubeFixture();
  const script = `printf '{"kind":"ExecCredential","status":{"token":"%s-of-%s"}}' "$1" "$NAME"`;
  await writeFiles(fixture.dir, { 'bin/sign-in': plugin(script) });
  const user = exec('./bin/sign-in', { args: ['token'], env: [{ name: 'NAME', value: 'reader' }] });
  assert.equal(await whoReads(fixture, user), 'reader');
});

for (const [what, script, expected] of [
  ['fails', 'echo "not signed in: run acme login" >&2; exit 1', /not signed in: run acme login/],
  ['is not there', undefined, /ENOENT/],
  ['prints something else', 'echo hello', /JSON|Unexpected token/],
] as const) {
  test(`a plugin that ${what} is told with its words, and nothing is sent`, async () => {
    await using fixture = await openKubeFixture();
    if (script !== undefined) await writeFiles(fixture.dir, { 'sign-in': plugin(script) });
    const failure = await whoReads(fixture, exec('./sign-in')).catch((error) => error);
    assert.equal(failure.code, 'CLUSTER_UNAUTHENTICATED');
    assert.match(failure.message, /^signing in by the context "prod": /);
    assert.match(failure.message, expected);
    assert.deepEqual(fixture.kube.requests, []);
    assert.deepEqual(fixture.waits, []);
  });
}

test('a token that runs out on the way is asked for again, once for all that were told so', async () => {
  await using fixture = await openKubeFixture();
  const { kube, dir } = fixture;
  kube.addUser('second', { groups: ['athenz-gitops-readers'] });
  const runs = join(dir, 'runs');
  const script = `echo x >> ${runs}; cat ${join(dir, 'credential')}`;
  await writeFiles(dir, { 'sign-in': plugin(script), credential: credential('token-of-reader'), runs: '' });
  const kubeconfig = await configFor(fixture, exec('./sign-in'));
  const session = await fixture.open('reader', { kube: kubeSettings({ kubeconfig }) });
  await readNamespaces(session, null);
  await writeFiles(dir, { credential: credential('token-of-second') });
  kube.revoke('reader');
  await Promise.all(Array.from({ length: 8 }, () => readNamespaces(session, null)));
  const users = kube.requests.map(({ user }) => user);
  assert.deepEqual([...new Set(users)], ['reader', undefined, 'second']);
  assert.equal(users.filter((user) => user === 'second').length, 8);
  assert.equal(await readFile(runs, 'utf8'), 'x\nx\n');
  assert.deepEqual(fixture.waits, [], 'no request was lost on the way');
});

test('credentials that stay wrong are told after one more sign-in', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open('stranger');
  await assert.rejects(readNamespaces(session, null), {
    code: 'CLUSTER_UNAUTHENTICATED',
    message: 'listing the namespaces of cluster prod: 401: Unauthorized',
  });
  assert.equal(fixture.kube.requests.length, 2);
  await session.close();
});

test('a kubeconfig that leads elsewhere by then gives its credentials to nobody else', async () => {
  await using fixture = await openKubeFixture();
  await using other = await openKubeFixture();
  const kubeconfig = await configFor(fixture, { token: 'token-of-stranger' });
  const session = await fixture.open('reader', { kube: kubeSettings({ kubeconfig }) });
  await rm(kubeconfig);
  const moved = await configFor({ ...fixture, kube: other.kube }, { token: 'token-of-reader' });
  assert.equal(moved, kubeconfig);
  await assert.rejects(readNamespaces(session, null), { code: 'CLUSTER_UNAUTHENTICATED' });
  assert.deepEqual(
    fixture.kube.requests.map(({ user }) => user),
    [undefined, undefined],
  );
  assert.deepEqual(other.kube.requests, []);
});

for (const [what, cluster, code, expected] of [
  [
    'another CA',
    async () => ({
      'certificate-authority-data': base64((await createTestAuthority()).caPem),
      'certificate-authority': undefined,
    }),
    'CLUSTER_TLS',
    /unknown CA/,
  ],
  ['no CA', async () => ({ 'certificate-authority-data': undefined }), 'CLUSTER_TLS', /unknown CA/],
  ['another name', async () => ({ 'tls-server-name': 'kubernetes.example' }), 'CLUSTER_TLS', /for another name/],
] as const) {
  test(`a server with a certificate of ${what} is given no token`, async () => {
    await using fixture = await openKubeFixture();
    const failure = await whoReads(fixture, { token: 'token-of-reader' }, await cluster()).catch((error) => error);
    assert.equal(failure.code, code, failure.message);
    assert.match(failure.message, expected);
    assert.deepEqual([fixture.kube.requests, fixture.waits], [[], []]);
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('of a certificate that is refused it is said when it expired', async () => {
  await using fixture = await openKubeFixture();
  const other = await createTestAuthority();
  const ended = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  for (const [notAfter, says] of [
    [ended(1), /401: Unauthorized; the client certificate expired \w+ \d+ [\d:]+ \d{4} GMT$/],
    [ended(-1), /401: Unauthorized$/],
  ] as const) {
    const { cert, key } = await other.issue({ principal: 'reader', notBefore: ended(9), notAfter });
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    await assert.rejects(whoReads(fixture, user), { code: 'CLUSTER_UNAUTHENTICATED', message: says });
  }
});

test('a token that no header can hold is told at once, and not sent', async () => {
  await using fixture = await openKubeFixture();
  await assert.rejects(whoReads(fixture, { token: 'one\ntwo' }), {
    code: 'CLUSTER_UNAUTHENTICATED',
    message: /a character that no token has/,
  });
  assert.deepEqual(fixture.kube.requests, []);
});
