import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder } from '../support/folder.ts';
import { deployFolder, objectsOf, podsOf } from '../support/manifests.ts';
import type { Pod } from '../support/pod-security.ts';
import { type Api, ApiError } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { kubectl } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';

// The manifests of deploy/: what the API server and Pod Security make of them. Nothing of them runs here.

const name = 'athenz-gitops';
const objectsIn = async (file: string) => objectsOf(await readFile(join(deployFolder, file), 'utf8'));

let api: Api;
before(async () => {
  api = await openCluster();
  await clearNamespaces(api, [name]);
  const [{ metadata } = assert.fail()] = await objectsIn('namespace.yaml');
  await api.patch(`/api/v1/namespaces/${name}`, { metadata });
  await kubectl('apply', '--filename', join(deployFolder, 'rbac.yaml'));
});
after(async () => {
  await kubectl('delete', '--filename', join(deployFolder, 'rbac.yaml'));
  await api[Symbol.asyncDispose]();
});

test('kubectl kustomize builds it, with the image, the config and its own names', async () => {
  const built = objectsOf(await kubectl('kustomize', deployFolder));
  assert.deepEqual(
    built.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ['Namespace', 'ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap', 'Deployment', 'PodDisruptionBudget'].map(
      (kind) => `${kind} ${name}`,
    ),
  );
  const [pod] = podsOf(built);
  for (const { image } of [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])])
    assert.match(image, /^registry\.example\.com\/athenz-gitops:/);
  const { data } = (built.find(({ kind }) => kind === 'ConfigMap') ?? {}) as { readonly data?: object };
  assert.deepEqual(Object.keys(data ?? {}), ['athenz-gitops.yaml', 'repository']);
});

for (const mode of ['--server-side', '--validate=strict']) {
  test(`the API server accepts it with ${mode}, without a warning`, async () => {
    await using folder = await makeFolder();
    const file = join(folder.dir, 'built.yaml');
    await writeFile(file, await kubectl('kustomize', deployFolder));
    const apply = ['apply', mode, '--dry-run=server', '--warnings-as-errors', '--filename'];
    await kubectl(...apply, file);
    await kubectl(...apply, join(deployFolder, 'cronjob.yaml'));
  });
}

/** Asks to create a pod, which is not kept. */
async function statusOf(spec: Pod): Promise<number> {
  try {
    // No controller makes the account "default".
    const pod = { metadata: { name: 'a' }, spec: { ...spec, serviceAccountName: name } };
    await api.post(`/api/v1/namespaces/${name}/pods?dryRun=All`, pod);
    return 201;
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
}

for (const file of ['deployment.yaml', 'cronjob.yaml']) {
  test(`Pod Security lets the pods of ${file} into a restricted namespace`, async () => {
    const [pod = assert.fail()] = podsOf(await objectsIn(file));
    assert.equal(await statusOf(pod), 201);
    const { securityContext: _, ...unsafe } = pod;
    assert.equal(await statusOf(unsafe), 403);
  });
}

/** What its account may do. */
const rights: readonly (readonly [verb: string, resource: string, object: string, allowed: boolean])[] = [
  ['get', 'leases', name, true],
  ['update', 'leases', name, true],
  ['create', 'leases', '', true],
  ['get', 'leases', 'other', false],
  ['update', 'leases', 'other', false],
  ['delete', 'leases', name, false],
  ['list', 'leases', '', false],
  ['get', 'secrets', name, false],
];
for (const [verb, resource, object, allowed] of rights) {
  test(`its account may ${allowed ? '' : 'not '}${verb} ${resource} ${object}`, async () => {
    const group = resource === 'leases' ? 'coordination.k8s.io' : '';
    const asked = { namespace: name, verb, group, resource, name: object };
    const { status } = await api.post<{ readonly status: { readonly allowed: boolean } }>(
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      { spec: { user: `system:serviceaccount:${name}:${name}`, resourceAttributes: asked } },
    );
    assert.equal(status.allowed, allowed);
  });
}
