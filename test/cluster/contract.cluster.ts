import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../support/folder.ts';
import { describeServer } from '../support/kube/contract.ts';
import type { ContractUser } from '../support/kube/contract-calls.ts';
import { openContractClient } from '../support/kube/contract-client.ts';
import { contractApplied, contractObjects, contractUpdates } from '../support/kube/contract-objects.ts';
import type { Credentials } from '../support/kube/kubeconfig.ts';
import { type Manifest, rbacGroup } from '../support/kube/object.ts';
import { openApiServer } from './server/api-server.ts';
import { settle, untilAllowed } from './support/access.ts';
import { openCluster } from './support/cluster.ts';
import { kubectl } from './support/kubectl.ts';
import { ownServer } from './support/nested.ts';

// `npm test` uses a stand-in for the API server, which is tested against this recording.
const recording = new URL('../data/kubernetes/kube-apiserver-1.36.json', import.meta.url);

/** Writes in this order, by these field managers: the recorded managedFields depend on both. */
const writes = [
  [contractObjects, ['create', '--field-manager=kubectl-create']],
  [contractUpdates, ['replace', '--field-manager=kubectl-replace']],
  [contractApplied, ['apply', '--server-side', '--force-conflicts', '--field-manager=gitops']],
] as const;

// Needs a new server: a list of all namespaces would include those of other tests.
test('kube-apiserver still answers as recorded for the stand-in', ownServer, async ({ signal }) => {
  await using folder = await makeFolder();
  await using server = await openApiServer({ dir: folder.dir, signal });
  await using api = await openCluster(server.kubeconfig);
  for (const [index, [manifests, command]] of writes.entries()) {
    const file = join(folder.dir, `${index}.json`);
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests.map(withVersion) }));
    await kubectl(`--kubeconfig=${server.kubeconfig}`, ...command, '--filename', file);
  }
  await settle(api);
  await untilAllowed(api, { user: 'user.ev', namespace: 'missing', verb: 'get', group: '', resource: 'pods' });

  const { authority } = server;
  const credentials: Readonly<Record<ContractUser, Credentials>> = {
    admin: await authority.issue({ principal: 'admin', organization: 'system:masters' }),
    reader: await authority.issue({ principal: 'reader', organization: 'athenz-gitops-readers' }),
    one: await authority.issue({ principal: 'one' }),
    nobody: await authority.issue({ principal: 'nobody' }),
    stranger: { token: 'token-of-stranger' },
    anonymous: undefined,
  };
  await using client = openContractClient(server.url, authority.caPem, (user) => credentials[user]);
  const described = await describeServer(client.send);
  const recorded = JSON.parse(await readFile(recording, 'utf8')) as typeof described;
  assert.deepEqual(Object.keys(described), Object.keys(recorded));
  for (const [call, expected] of Object.entries(recorded)) assert.deepEqual(described[call], expected, call);
});

function withVersion(manifest: Manifest): Manifest & { readonly apiVersion: string } {
  return { apiVersion: manifest.kind === 'Namespace' ? 'v1' : `${rbacGroup}/v1`, ...manifest };
}
