import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterConfig } from '../../src/config/types.ts';
import { presumeNamespaces } from '../../src/inventory/presumed.ts';
import type { ClusterInventory } from '../../src/model/inventory.ts';
import { compileLayout } from '../../src/model/layout.ts';
import { memoryTree } from '../support/file-tree.ts';

const roles = [{ athenzRole: 'k8s', clusterRole: 'view' }];
const clusters = ['prod', 'dev'].map((name): ClusterConfig => {
  return {
    name,
    domain: `eks.${name}.{namespace}`,
    namespaces: { files: ['*'], exclude: ['tools-*'] },
    kube: null,
    roles,
  };
});
const layout = compileLayout('out/{cluster}/{namespace}/rbac.yaml');
const paths = ['prod/a', 'prod/b', 'prod/c', 'prod/tools-x', 'prod/kube-system', 'dev/d'].map(
  (it) => `out/${it}/rbac.yaml`,
);
const tree = memoryTree(
  Object.fromEntries([...paths, 'out/prod/README.md', 'out/prod/e/x.yaml'].map((it) => [it, ''])),
);

function inventory(cluster: string, more: Partial<ClusterInventory> = {}): ClusterInventory {
  return { cluster, namespaces: [], excluded: [], problems: [], ...more };
}

test('namespaces with rendered files are presumed where the inventory is incomplete, unless it names or excludes them', async () => {
  const found = inventory('prod', {
    namespaces: [{ name: 'a', source: 'a.yaml' }],
    excluded: [{ name: 'b', by: 'deletion' }],
    problems: [{ code: 'INVENTORY_UNREADABLE', message: 'broken' }],
  });
  const [prod, dev] = await presumeNamespaces([found, inventory('dev')], clusters, layout, tree);
  assert.deepEqual(prod, { ...found, presumed: [{ name: 'c', source: 'rendered files' }] });
  assert.deepEqual(dev, inventory('dev'));
});

test('a complete inventory needs no list of files', async () => {
  const untouched = memoryTree({});
  const complete = [inventory('prod'), inventory('dev')];
  assert.deepEqual(await presumeNamespaces(complete, clusters, layout, untouched), complete);
  assert.deepEqual(untouched.listed, []);
});
