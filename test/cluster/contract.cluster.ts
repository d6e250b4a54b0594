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

// What `npm test` takes for an API server is a stand-in that answers as this recording says.
const recording = new URL('../data/kubernetes/kube-apiserver-1.36.json', import.meta.url);

/** In this order, by these managers: what a server says of an object tells who wrote it. */
const writes = [
  [contractObjects, ['create', '--field-manager=kubectl-create']],
  [contractUpdates, ['replace', '--field-manager=kubectl-replace']],
  [contractApplied, ['apply', '--server-side', '--force-conflicts', '--field-manager=gitops']],
] as const;

// A list of all namespaces shows those of other tests, so that the server has to be a new one.
test('the stand-in of npm test answers as this server does', ownServer, async ({ signal }) => {
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
  for (const [call, said] of Object.entries(recorded)) assert.deepEqual(described[call], said, call);
});

function withVersion(manifest: Manifest): Manifest & { readonly apiVersion: string } {
  return { apiVersion: manifest.kind === 'Namespace' ? 'v1' : `${rbacGroup}/v1`, ...manifest };
}
