import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { parseDocument } from 'yaml';
import { listObjects } from '../../src/cluster/objects.ts';
import { openClusterSession } from '../../src/cluster/session.ts';
import { type CopiesWorld, configMap, planCopies, syncFile } from '../support/copies.ts';
import { makeFolder } from '../support/folder.ts';
import type { Texts } from '../support/plan-one.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { apply, kubeconfig, kubectl, modes } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';

const source = 'copies-source';
const targets = ['copies-a', 'copies-b'];
const clock = { now: () => Date.now(), sleep: async () => {} };
const kinds = 'configmaps,services,persistentvolumeclaims,jobs,serviceaccounts,sealedsecrets,externalsecrets,secrets';

let api: Api;
before(async () => {
  api = await openCluster();
  for (const [group, kind, plural] of [
    ['bitnami.com', 'SealedSecret', 'sealedsecrets'],
    ['external-secrets.io', 'ExternalSecret', 'externalsecrets'],
  ] as const) {
    await define(group, kind, plural);
  }
});
after(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  await clearNamespaces(api, [source, ...targets]);
  for (const namespace of [source, ...targets]) {
    // The controller that lets go of a claim is not there.
    for (const claim of await namesOf('persistentvolumeclaims', namespace)) {
      const patch = '{"metadata":{"finalizers":null}}';
      await kubectl('patch', 'pvc', claim, `--namespace=${namespace}`, '--type=merge', `--patch=${patch}`);
    }
    await kubectl('delete', kinds, `--namespace=${namespace}`, '--all');
  }
});

/** A CustomResourceDefinition that takes anything: what is tested is the copy, not the controller. */
async function define(group: string, kind: string, plural: string): Promise<void> {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const version = group === 'bitnami.com' ? 'v1alpha1' : 'v1';
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: anything } }],
    },
  };
  await using folder = await makeFolder();
  const file = join(folder.dir, 'crd.json');
  await writeFile(file, JSON.stringify(crd));
  await kubectl('apply', '--server-side', '--filename', file);
  await kubectl('wait', '--for=condition=Established', `crd/${plural}.${group}`, '--timeout=30s');
}

/** What the plan makes of sources, as files in a folder. */
async function rendered(dir: string, world: CopiesWorld): Promise<Texts> {
  const { merged, codes } = await planCopies({
    namespaces: targets,
    excluded: [source],
    config: { marker: { namespace: source } },
    ...world,
  });
  assert.deepEqual(codes, []);
  await rm(join(dir, 'copies'), { recursive: true, force: true });
  for (const [path, text] of Object.entries(merged)) {
    if (!path.startsWith('copies/')) continue;
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return merged;
}

async function create(object: object): Promise<void> {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'object.json');
  await writeFile(file, JSON.stringify(object));
  await kubectl('create', '--filename', file);
}

/** An object as the cluster has it: with all that the API server wrote into it. */
function live(kind: string, name: string): Promise<string> {
  return kubectl('get', kind, name, `--namespace=${source}`, '--output=yaml', '--show-managed-fields');
}

const metadata = (name: string) => ({ name, namespace: source, labels: { app: 'copied' } });
const pod = { containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Never' };
const objects = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('x'), data: { 'a.conf': 'one\n  two\n', on: 'yes' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata('x'),
    spec: { type: 'NodePort', ports: [{ port: 80 }], selector: { app: 'x' } },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadata('x'),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeName: 'pv-of-the-source',
      storageClassName: '',
    },
  },
  { apiVersion: 'batch/v1', kind: 'Job', metadata: metadata('x'), spec: { template: { spec: pod } } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('x'), secrets: [{ name: 'token-of-the-source' }] },
] as const;

describe('copies on an API server', () => {
  for (const mode of modes) {
    for (const object of objects) {
      const { kind } = object;
      const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';

      test(`a live ${kind} is copied, applied ${mode}, and applying again changes nothing`, async () => {
        await create(object);
        await using folder = await makeFolder();
        await rendered(folder.dir, {
          files: {
            'sources/x.yaml': await live(kind, 'x'),
            'inputs/copies/x.yaml': syncFile(`${source}/x`, { group, kind, name: 'x' }, [
              { namespace: '*' },
              { namespace: source, name: 'y' },
            ]),
          },
        });
        await apply(mode, folder.dir);
        const applied = await Promise.all(targets.map((namespace) => objectIn(kind, 'x', namespace)));
        await apply(mode, folder.dir);
        assert.deepEqual(await Promise.all(targets.map((namespace) => objectIn(kind, 'x', namespace))), applied);
        const copy = parseDocument(await kubectl('get', kind, 'y', `--namespace=${source}`, '--output=yaml')).toJS();
        assert.equal(copy.metadata.labels['app.kubernetes.io/managed-by'], 'athenz-gitops');
        assert.equal(copy.metadata.labels.app, 'copied');
        if (kind === 'ConfigMap') assert.deepEqual(copy.data, object.data);
      });
    }
  }

  test('a merge that removes a source prunes its copies and nothing else', async () => {
    const files = {
      'sources/x.yaml': configMap('x', source),
      'sources/z.yaml': configMap('z', source),
      'inputs/copies/x.yaml': syncFile(`${source}/x`, { group: '', kind: 'ConfigMap', name: 'x' }, [
        { namespace: '*' },
      ]),
      'inputs/copies/z.yaml': syncFile(`${source}/z`, { group: '', kind: 'ConfigMap', name: 'z' }, [
        { namespace: '*' },
      ]),
    };
    for (const namespace of targets)
      await create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'foreign', namespace } });
    await using folder = await makeFolder();
    const merged = await rendered(folder.dir, { files });
    await applyAndPrune(folder.dir);
    assert.deepEqual(await configMaps('copies-a'), ['foreign', 'x', 'z']);

    const { 'sources/x.yaml': _, ...without } = merged;
    await rendered(folder.dir, { files: without });
    await applyAndPrune(folder.dir);
    for (const namespace of targets) assert.deepEqual(await configMaps(namespace), ['foreign', 'z']);
  });

  const secrets: readonly (readonly [what: string, kind: string, world: (name: string) => CopiesWorld])[] = [
    [
      'an ExternalSecret',
      'externalsecret',
      (name) => ({
        files: {
          'inputs/copies/pull.yaml': syncFile(
            `${source}/pull`,
            { group: '', kind: 'Secret', name: 'pull' },
            [{ namespace: '*', name }],
            {
              secret: {
                externalSecret: {
                  storeRef: { name: 'vault' },
                  remoteKey: 'pull',
                  type: 'kubernetes.io/dockerconfigjson',
                },
              },
            },
          ),
        },
      }),
    ],
    [
      'a cluster-wide SealedSecret',
      'sealedsecret',
      (name) => ({
        files: {
          'sources/pull.yaml': JSON.stringify({
            apiVersion: 'bitnami.com/v1alpha1',
            kind: 'SealedSecret',
            metadata: {
              name: 'pull',
              namespace: source,
              annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
            },
            spec: {
              encryptedData: { '.dockerconfigjson': 'AgB' },
              template: { type: 'kubernetes.io/dockerconfigjson' },
            },
          }),
          'inputs/copies/pull.yaml': syncFile(
            `${source}/pull`,
            { group: 'bitnami.com', kind: 'SealedSecret', name: 'pull' },
            [{ namespace: '*', name }],
          ),
        },
      }),
    ],
  ];
  for (const [what, kind, world] of secrets) {
    test(`a pull secret in all namespaces under another name: ${what}`, async () => {
      await using folder = await makeFolder();
      await rendered(folder.dir, world('global-pull'));
      await apply('server-side', folder.dir);
      for (const namespace of targets) assert.ok(await objectIn(kind, 'global-pull', namespace));
    });
  }

  test('a source is read from the API server as its file would be', async () => {
    const [object] = objects;
    await create(object);
    const session = openClusterSession({
      cluster: 'prod',
      kube: kubeOf(kubeconfig),
      root: null,
      env: process.env,
      clock,
    });
    try {
      const query = { group: '', kind: 'ConfigMap', namespace: source };
      const sync = syncFile(`${source}/x`, { group: '', kind: 'ConfigMap', name: 'x' }, [{ namespace: '*' }]);
      const list: NonNullable<CopiesWorld['live']>['list'] = (asked) => listObjects(session, asked);
      const read = await planCopies({
        namespaces: targets,
        files: { 'inputs/copies/x.yaml': sync },
        config: { live: ['ConfigMap'] },
        live: { list },
      });
      const inFile = await planCopies({
        namespaces: targets,
        files: { 'inputs/copies/x.yaml': sync, 'sources/x.yaml': await live('configmap', 'x') },
      });
      const path = 'copies/prod/copies-a/configmap.x.yaml';
      assert.ok(read.merged[path]);
      assert.equal(read.merged[path], inFile.merged[path]);
      assert.deepEqual(await listObjects(session, { ...query, name: 'no-such' }), []);
      assert.equal((await listObjects(session, { ...query, labelSelector: 'app=copied' })).length, 1);
      const crd = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespace: source };
      await assert.rejects(listObjects(session, crd), /it is cluster scoped/);
      await assert.rejects(listObjects(session, { ...query, kind: 'Widget' }), /the API server does not have it/);
    } finally {
      await session.close();
    }
  });
});

function kubeOf(file: string) {
  return { context: null, kubeconfig: file, inCluster: false, uid: null };
}

/** All of an object but its version: the API server counts an equal claim that is applied twice as written. */
async function objectIn(kind: string, name: string, namespace: string): Promise<object> {
  const object = JSON.parse(await kubectl('get', kind, name, `--namespace=${namespace}`, '--output=json'));
  return { ...object, metadata: { ...object.metadata, resourceVersion: '' } };
}

/** As a GitOps controller does: what the folder no longer has goes, of what is ours. */
async function applyAndPrune(dir: string): Promise<void> {
  const ours = [
    '--prune',
    '--selector=app.kubernetes.io/managed-by=athenz-gitops',
    '--prune-allowlist=core/v1/ConfigMap',
  ];
  await kubectl('apply', ...ours, '--recursive', '--filename', dir);
}

async function configMaps(namespace: string): Promise<readonly string[]> {
  return (await namesOf('configmaps', namespace)).filter((name) => name !== 'kube-root-ca.crt').sort();
}

async function namesOf(kind: string, namespace: string): Promise<readonly string[]> {
  const names = await kubectl('get', kind, `--namespace=${namespace}`, '--output=jsonpath={.items[*].metadata.name}');
  return names.split(' ').filter(Boolean);
}
