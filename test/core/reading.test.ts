import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf, readPaths, treeOf } from '../support/planning.ts';
import { clusterOf, configOf, granted, unknown } from '../support/roles.ts';

const config = configOf();
const admin = 'prod/payments/k8s_ns_admins';
const payments = [granted(admin, ['user.ada']), granted('prod/payments/k8s_ns_viewers', [])];
const search = [granted('prod/search/k8s_ns_admins', ['user.bo']), granted('prod/search/k8s_ns_viewers', [])];
const tree = treeOf({ config, access: [...payments, ...search] });
const rbacPath = 'output/prod/payments/rbac.yaml';

test('reads nothing if the tree is up to date', () => {
  assert.deepEqual(readPaths({ config, files: tree, access: [...payments, ...search] }), []);
});

test('reads only files that differ', () => {
  const access = [granted(admin, ['user.chen']), ...payments.slice(1), ...search];
  assert.deepEqual(readPaths({ config, files: tree, access }), [rbacPath]);
});

test('reads the file of an unreadable role', () => {
  assert.deepEqual(readPaths({ config, files: tree, access: [unknown(admin), ...payments.slice(1), ...search] }), [
    rbacPath,
  ]);
});

test('does not read a missing file', () => {
  const files = new Map([...tree].filter(([path]) => path !== rbacPath));
  assert.deepEqual(readPaths({ config, files, access: [...payments, ...search] }), []);
});

test('reads all other files in the output folder, and none outside', () => {
  const files = new Map([
    ...tree,
    ['output/README.md', ''],
    ['output/dev/payments/rbac.yaml', ''],
    ['output/dev/payments/other.yaml', ''],
    ['output/prod/kustomization.yaml', ''],
    ['output/prod/gone/rbac.yaml', ''],
    ['outputs/prod/gone/rbac.yaml', ''],
  ]);
  const access = [...payments, ...search];
  const inside = ['output/prod/kustomization.yaml', 'output/prod/gone/rbac.yaml'];
  assert.deepEqual(readPaths({ config, files, access }), ['output/dev/payments/rbac.yaml', ...inside]);
  assert.deepEqual(readPaths({ config, files, access, filtered: true }), inside, 'of selected clusters only');
});

test('reads an unchanged file that is a symlink or executable', () => {
  const text = tree.get(rbacPath) ?? '';
  for (const other of [`->${text}`, `+x ${text}`]) {
    assert.deepEqual(readPaths({ config, files: new Map([[rbacPath, other]]), access: payments }), [rbacPath]);
  }
});

test('compares blob ids in the object format of the repository', () => {
  const access = [...payments, ...search];
  assert.deepEqual(readPaths({ config, files: tree, access, objectFormat: 'sha256' }), []);
  const [change] = planOf({ config, access, objectFormat: 'sha256' }).files;
  assert.match(change?.after?.oid ?? '', /^[0-9a-f]{64}$/);
});

test('reads one file if one of a thousand namespaces changes', () => {
  const large = configOf({ clusters: [clusterOf('prod')] });
  const access = Array.from({ length: 1000 }, (_, index) => granted(`prod/n${index}/k8s_ns_admins`, ['user.ada']));
  const files = treeOf({ config: large, access });
  const changed = [granted('prod/n7/k8s_ns_admins', []), ...access.filter((role) => role.namespace !== 'n7')];
  assert.deepEqual(readPaths({ config: large, files, access: changed }), ['output/prod/n7/rbac.yaml']);
});
