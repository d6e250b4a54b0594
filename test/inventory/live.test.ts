import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listNamespaces } from '../../src/cluster/read.ts';
import { liveInventory } from '../../src/inventory/live.ts';
import { openKubeFixture } from '../support/kube/fixture.ts';
import { configFrom } from '../support/provision-plan.ts';

test('namespaces of a cluster have its labels and no annotations', async () => {
  await using fixture = await openKubeFixture([
    { kind: 'Namespace', metadata: { name: 'web', labels: { team: 'a', tier: 'front' }, annotations: { about: 'x' } } },
    { kind: 'Namespace', metadata: { name: 'app', labels: { team: 'b' } } },
    { kind: 'Namespace', metadata: { name: 'going', labels: { team: 'a' } } },
  ]);
  fixture.kube.terminate('going');
  const [cluster] = configFrom({}).clusters;
  assert.ok(cluster !== undefined);
  const { namespaces, problems } = liveInventory(cluster, await listNamespaces(await fixture.open(), 'team'));
  const source = `cluster ${cluster.name}`;
  // Each has the label with its own name, as the API server sets it.
  assert.deepEqual(namespaces, [
    { name: 'app', source, labels: { 'kubernetes.io/metadata.name': 'app', team: 'b' } },
    { name: 'web', source, labels: { 'kubernetes.io/metadata.name': 'web', team: 'a', tier: 'front' } },
  ]);
  assert.deepEqual(problems, []);
});
