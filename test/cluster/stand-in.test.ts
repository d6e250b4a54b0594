import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { createTestAuthority } from '../support/certificates.ts';
import { makeFolder } from '../support/folder.ts';
import { describeServer, type RawAnswer } from '../support/kube/contract.ts';
import type { ContractUser } from '../support/kube/contract-calls.ts';
import { openContractClient } from '../support/kube/contract-client.ts';
import { contractApplied, contractObjects, contractUpdates } from '../support/kube/contract-objects.ts';
import type { Credentials } from '../support/kube/kubeconfig.ts';
import type { KubeObject, Manifest } from '../support/kube/object.ts';
import { type KubeStandIn, openKubeStandIn } from '../support/kube/stand-in.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const recording = new URL('../data/kubernetes/kube-apiserver-1.36.json', import.meta.url);

const role = (name: string, labels = {}): Manifest => ({
  kind: 'Role',
  metadata: { name, namespace: 'sports', labels },
  rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
});
const binding = (subject: string, to = 'reader'): Manifest => ({
  kind: 'RoleBinding',
  metadata: { name: 'reader', namespace: 'sports' },
  roleRef: { kind: 'Role', name: to },
  subjects: [{ kind: 'User', name: subject }],
});
const sports: Manifest = { kind: 'Namespace', metadata: { name: 'sports' } };

/** GET as one of the stand-in's users. */
type Get = (path: string, user?: string) => Promise<RawAnswer>;

async function withStandIn(body: (kube: KubeStandIn, get: Get) => Promise<void>): Promise<void> {
  await using kube = await openKubeStandIn();
  kube.put([sports]);
  const client = openContractClient(kube.url, kube.caPem, (user) => kube.credentials.get(user));
  await using _ = client;
  await body(kube, (path, user = 'reader') => client.send({ user: user as ContractUser, method: 'GET', path }));
}

interface Page {
  readonly metadata: { readonly continue?: string; readonly resourceVersion: string };
  readonly items: readonly KubeObject[];
}

async function page(get: Get, query: string): Promise<Page> {
  const { status, body } = await get(`${rbac}/namespaces/sports/roles?${query}`);
  assert.equal(status, 200, body);
  return JSON.parse(body) as Page;
}

const namesOf = ({ items }: Page) => items.map(({ metadata }) => metadata.name);

test('answers like a recorded kube-apiserver 1.36.3', async () => {
  await withStandIn(async (kube) => {
    kube.put(contractObjects, { manager: 'kubectl-create' });
    kube.put(contractUpdates, { manager: 'kubectl-replace' });
    kube.put(contractApplied, { manager: 'gitops', operation: 'Apply' });
    kube.addUser('one', {});
    await using client = openContractClient(kube.url, kube.caPem, (user) => kube.credentials.get(user));
    const described = await describeServer(client.send);
    const recorded = JSON.parse(await readFile(recording, 'utf8')) as typeof described;
    assert.deepEqual(Object.keys(described), Object.keys(recorded));
    for (const [call, expected] of Object.entries(recorded)) assert.deepEqual(described[call], expected, call);
  });
});

describe('a paged list', () => {
  test('is a snapshot taken at the first page', () =>
    withStandIn(async (kube, get) => {
      kube.put(['a', 'b', 'c', 'd', 'e'].map((name) => role(name)));
      const first = await page(get, 'limit=2');
      kube.remove('Role', 'sports', 'c');
      kube.put([role('bb'), role('z')]);
      const second = await page(get, `limit=2&continue=${first.metadata.continue}`);
      const third = await page(get, `limit=2&continue=${second.metadata.continue}`);
      assert.deepEqual([first, second, third].map(namesOf), [['a', 'b'], ['c', 'd'], ['e']]);
      assert.equal(third.metadata.continue, undefined);
      assert.deepEqual(
        new Set([second, third].map((it) => it.metadata.resourceVersion)),
        new Set([first.metadata.resourceVersion]),
      );
      assert.deepEqual(namesOf(await page(get, '')), ['a', 'b', 'bb', 'd', 'e', 'z']);
    }));

  test('that expired is rejected with an inconsistent continue token', () =>
    withStandIn(async (kube, get) => {
      kube.put(['a', 'b', 'c', 'd'].map((name) => role(name)));
      const first = await page(get, 'limit=1');
      kube.remove('Role', 'sports', 'c');
      kube.expireContinueTokens();
      const { status, body } = await get(`${rbac}/namespaces/sports/roles?limit=1&continue=${first.metadata.continue}`);
      const { metadata, ...expired } = JSON.parse(body);
      assert.equal(status, 410);
      // Verbatim from a real server, restarted after an etcd compaction.
      assert.deepEqual(expired, {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message:
          'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
        reason: 'Expired',
        code: 410,
      });
      const second = await page(get, `limit=1&continue=${metadata.continue}`);
      const third = await page(get, `limit=1&continue=${second.metadata.continue}`);
      assert.deepEqual([second, third].map(namesOf), [['b'], ['d']]);
      assert.ok(Number(second.metadata.resourceVersion) > Number(first.metadata.resourceVersion));
    }));

  test('stays expired after a new list was started', () =>
    withStandIn(async (kube, get) => {
      kube.put(['a', 'b'].map((name) => role(name)));
      const first = await page(get, 'limit=1');
      kube.expireContinueTokens();
      const again = await page(get, 'limit=1');
      const stale = await get(`${rbac}/namespaces/sports/roles?continue=${first.metadata.continue}`);
      assert.equal(stale.status, 410);
      assert.deepEqual(namesOf(await page(get, `continue=${again.metadata.continue}`)), ['b']);
    }));
});

test('a write keeps the uid of an object, and an unchanged write is a no-op', () =>
  withStandIn(async (kube, get) => {
    const read = async () =>
      JSON.parse((await get(`${rbac}/namespaces/sports/rolebindings/reader`)).body) as KubeObject;
    kube.put([role('reader'), binding('user.jo')], { manager: 'one', at: new Date('2026-01-02T03:04:05.678Z') });
    const first = await read();
    kube.put([binding('user.jo')], { manager: 'two' });
    assert.deepEqual(await read(), first);
    kube.put([binding('user.al')], { manager: 'two', at: new Date('2026-02-03T04:05:06Z') });
    const { metadata } = await read();
    assert.equal(metadata.uid, first.metadata.uid);
    assert.equal(metadata.creationTimestamp, '2026-01-02T03:04:05Z');
    assert.ok(Number(metadata.resourceVersion) > Number(first.metadata.resourceVersion));
    const managed = metadata.managedFields?.map(({ manager, time, fieldsV1 }) => [manager, time, fieldsV1]);
    assert.deepEqual(managed, [
      ['one', '2026-01-02T03:04:05Z', { 'f:roleRef': {} }],
      ['two', '2026-02-03T04:05:06Z', { 'f:subjects': {} }],
    ]);
    assert.throws(() => kube.put([role('late'), binding('user.jo', 'other')]), /cannot change roleRef/);
    assert.equal((await get(`${rbac}/namespaces/sports/roles/late`)).status, 404, 'a rejected put writes nothing');
    assert.throws(
      () => kube.put([{ ...sports, kind: 'Role', metadata: { name: 'x', namespace: 'no' } }]),
      /namespaces "no" not found/,
    );
    kube.remove('Namespace', undefined, 'sports');
    assert.equal((await get(`${rbac}/namespaces/sports/rolebindings/reader`)).status, 404);
  }));

test('users authenticate by kubeconfig and are authorized by RBAC objects', () =>
  withStandIn(async (kube) => {
    await using folder = await makeFolder();
    kube.addUser('sports-reader', { namespaces: ['sports'] });
    const path = await kube.writeKubeconfig(folder.dir, { current: 'admin', file: 'config' });
    const config = parse(await readFile(path, 'utf8'));
    const [{ cluster }] = config.clusters;
    const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');
    const other = await (await createTestAuthority()).issue({ principal: 'admin', organization: 'system:masters' });
    const credentialsOf = (name: string): Credentials => {
      if (name === 'certificate of another authority') return other;
      const { user } = config.users.find((one: { readonly name: string }) => one.name === name);
      if (user.token !== undefined) return { token: user.token };
      if (user['client-key-data'] === undefined) return undefined;
      return { cert: decode(user['client-certificate-data']), key: decode(user['client-key-data']) };
    };
    await using client = openContractClient(
      cluster.server,
      decode(cluster['certificate-authority-data']),
      credentialsOf,
    );
    const statusesOf = async (user: string) => {
      const paths = ['/api/v1/namespaces', `${rbac}/namespaces/sports/roles`, `${rbac}/clusterroles/view`];
      const responses = paths.map((it) => client.send({ user: user as ContractUser, method: 'GET', path: it }));
      return (await Promise.all(responses)).map(({ status }) => status);
    };
    assert.equal(config['current-context'], 'admin');
    for (const [user, statuses] of [
      ['admin', [200, 200, 200]],
      ['reader', [200, 200, 403]],
      ['reader-certificate', [200, 200, 403]],
      ['sports-reader', [403, 200, 403]],
      ['nobody', [403, 403, 403]],
      ['anonymous', [403, 403, 403]],
      ['stranger', [401, 401, 401]],
      ['certificate of another authority', [401, 401, 401]],
    ] as const) {
      assert.deepEqual(await statusesOf(user), statuses, user);
    }
    const write = { user: 'admin', method: 'PUT', path: `${rbac}/namespaces/sports/roles/x`, body: '{}' } as const;
    assert.equal((await client.send(write)).status, 405, 'clients cannot write');
    kube.revoke('reader');
    assert.deepEqual(await statusesOf('reader'), [401, 401, 401]);
    const namespace = await client.send({ user: 'admin', method: 'GET', path: '/api/v1/namespaces/kube-system' });
    assert.equal(JSON.parse(namespace.body).metadata.uid, kube.uid);
  }));

test('a large response is compressed if the client accepts gzip', () =>
  withStandIn(async (kube, get) => {
    kube.put(Array.from({ length: 500 }, (_, index) => role(`role-${index}`)));
    const path = `${rbac}/namespaces/sports/roles`;
    const { body: plain } = await get(path);
    const agent = new Agent({ connect: { ca: kube.caPem } });
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => agent.destroy());
    const headers = { authorization: 'Bearer token-of-reader', 'accept-encoding': 'gzip, deflate' };
    const response = await request(kube.url + path, { dispatcher: agent, headers });
    assert.equal(response.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(Buffer.from(await response.body.arrayBuffer())).toString(), plain);
    const small = await request(`${kube.url}${path}?limit=1`, { dispatcher: agent, headers });
    assert.equal(small.headers['content-encoding'], undefined);
    await small.body.dump();
  }));
