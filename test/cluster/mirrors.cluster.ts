import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { listObjects } from '../../src/cluster/objects.ts';
import { type ClusterSession, openClusterSession } from '../../src/cluster/session.ts';
import { makeFolder } from '../support/folder.ts';
import { kubeSettings } from '../support/kube/fixture.ts';
import { addresses, type LiveObject, type MirrorsWorld, planMirrors, service, slice } from '../support/mirrors.ts';
import type { Texts } from '../support/plan-one.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { apply, kubeconfig, kubectl, modes } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';

const [source, target] = ['mirror-source', 'mirror-target'];
const kinds = 'services,endpointslices,configmaps';

let api: Api;
let session: ClusterSession;
before(async () => {
  api = await openCluster();
  session = openClusterSession({
    cluster: 'eu1',
    kube: kubeSettings({ kubeconfig }),
    root: null,
    env: process.env,
    clock: { now: () => Date.now(), sleep: async () => {} },
  });
});
after(async () => {
  await session.close();
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await clearNamespaces(api, [source, target]);
  for (const namespace of [source, target]) await kubectl('delete', kinds, `--namespace=${namespace}`, '--all');
});

async function create(...objects: readonly LiveObject[]): Promise<void> {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'objects.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await kubectl('apply', '--filename', file);
}

/** Plans from the one cluster into another namespace of it, and writes what is merged to a folder. */
async function rendered(dir: string, world: MirrorsWorld): Promise<Texts> {
  const { merged, codes } = await planMirrors({
    list: (query) => listObjects(session, query),
    namespaces: [target],
    config: { marker: { namespace: target } },
    ...world,
    rule: {
      source: { cluster: 'eu1', namespaces: [source] },
      destination: { cluster: 'prod', namespace: target },
      ...world.rule,
    },
  });
  assert.deepEqual(codes, []);
  await rm(join(dir, 'mirrors'), { recursive: true, force: true });
  for (const [path, text] of Object.entries(merged)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return merged;
}

async function namesOf(kind: string): Promise<readonly string[]> {
  const names = await kubectl('get', kind, `--namespace=${target}`, '--output=jsonpath={.items[*].metadata.name}');
  return names.split(' ').filter(Boolean).sort();
}

/** What the API server keeps of the objects of a kind, with their versions. */
function stored(kind: string): Promise<string> {
  return kubectl('get', kind, `--namespace=${target}`, '--output=json');
}

async function addressesOf(name: string): Promise<string> {
  const field = '--output=jsonpath={.endpoints[*].addresses[0]}';
  return kubectl('get', 'endpointslice', name, `--namespace=${target}`, field);
}

const inSource = { namespace: source };
const own = (name: string, spec: object = {}) => service(name, { clusterIP: undefined, ...spec }, inSource);
const dns = [
  { name: 'dns', protocol: 'UDP', port: 53, targetPort: 'dns' },
  { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 'dns' },
];
const shapes: Readonly<Record<string, readonly LiveObject[]>> = {
  'a Service with endpoints': [own('web'), slice('web', addresses(3), inSource)],
  'a Service with 250 endpoints': [own('web'), slice('web', addresses(250), inSource)],
  'a Service without endpoints': [own('web')],
  'a headless Service': [
    own('db', { clusterIP: 'None' }),
    slice('db', [{ addresses: ['10.0.0.1'], hostname: 'db-0' }], inSource),
  ],
  'UDP and TCP of one number': [
    own('dns', { ports: dns }),
    slice('dns', ['10.0.0.1'], {
      ...inSource,
      ports: dns.map(({ name, protocol }) => ({ name, protocol, port: 1053 })),
    }),
  ],
  'a NodePort Service with a session': [
    own('web', { type: 'NodePort', sessionAffinity: 'ClientIP' }),
    slice('web', ['10.0.0.1'], inSource),
  ],
  'an ExternalName Service': [
    own('ext', { type: 'ExternalName', externalName: 'db.example.com', ports: undefined, selector: undefined }),
  ],
};

describe('mirrored Services on an API server', () => {
  for (const mode of modes) {
    for (const [what, objects] of Object.entries(shapes)) {
      test(`${what}, applied ${mode}, is kept as written, and applying again changes nothing`, async () => {
        await create(...objects);
        await using folder = await makeFolder();
        const files = await rendered(folder.dir, {});
        await apply(mode, folder.dir);
        const before = [await stored('services'), await stored('endpointslices')];
        assert.deepEqual(await namesOf('services'), [objects[0]?.metadata.name]);
        await apply(mode, folder.dir);
        assert.deepEqual([await stored('services'), await stored('endpointslices')], before);
        // Ours by its labels: the next run goes on.
        assert.deepEqual(await rendered(folder.dir, { files }), files);
      });
    }
  }

  for (const clusterIP of [undefined, 'None']) {
    test(`both families, from a cluster that has both${clusterIP === undefined ? '' : ', headless'}`, async () => {
      const list = [
        own('web', { clusterIP, ipFamilies: ['IPv4', 'IPv6'] }),
        slice('web', ['10.0.0.1'], inSource),
        slice('web', ['2001:db8::1'], { ...inSource, name: 'v6', addressType: 'IPv6' }),
      ];
      await using folder = await makeFolder();
      await rendered(folder.dir, {
        files: { 'dump/x.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list }) },
        rule: { source: { name: 'eu1', files: ['dump/*.json'] } },
      });
      for (const mode of [...modes, ...modes]) await apply(mode, join(folder.dir, 'mirrors'));
      assert.deepEqual(await namesOf('endpointslices'), ['web-eu1-ipv4-0', 'web-eu1-ipv6-0']);
    });
  }

  test('follow their endpoints, and leave with their label; what is of others stays', async () => {
    await create(own('web'), slice('web', addresses(2), inSource), own('api'), slice('api', ['10.0.1.1'], inSource));
    await create(service('foreign', { clusterIP: undefined }, { namespace: target, labels: {} }));
    await using folder = await makeFolder();
    const files = await rendered(folder.dir, {});
    await applyAndPrune(folder.dir);
    assert.equal(await addressesOf('web-eu1-ipv4-0'), '10.0.0.1 10.0.0.2');

    await create(slice('web', ['10.0.0.2', '10.0.0.7'], inSource));
    const moved = await rendered(folder.dir, { files });
    await applyAndPrune(folder.dir);
    assert.equal(await addressesOf('web-eu1-ipv4-0'), '10.0.0.2 10.0.0.7');

    await kubectl('label', 'service', 'api', `--namespace=${source}`, 'sync-');
    await rendered(folder.dir, { files: moved });
    await applyAndPrune(folder.dir);
    assert.deepEqual(await namesOf('services'), ['foreign', 'web']);
    assert.deepEqual(await namesOf('endpointslices'), ['web-eu1-ipv4-0']);
  });

  test('a label for Linkerd changes nothing else of a Service of others', async () => {
    await create(own('web'));
    const read = async () =>
      JSON.parse(await kubectl('get', 'service', 'web', `--namespace=${source}`, '--output=json'));
    const { spec, metadata } = await read();
    await using folder = await makeFolder();
    await rendered(folder.dir, { rule: { mode: 'linkerd', destination: { cluster: 'prod' } } });
    await apply('server-side', join(folder.dir, 'mirrors'));
    const now = await read();
    assert.deepEqual(now.spec, spec);
    assert.deepEqual(now.metadata.labels, { ...metadata.labels, 'mirror.linkerd.io/exported': 'true' });
  });
});

async function applyAndPrune(dir: string): Promise<void> {
  const ours = [
    '--prune',
    '--selector=app.kubernetes.io/managed-by=athenz-gitops',
    '--prune-allowlist=core/v1/Service',
    '--prune-allowlist=discovery.k8s.io/v1/EndpointSlice',
  ];
  await kubectl('apply', ...ours, '--recursive', '--filename', dir);
}
