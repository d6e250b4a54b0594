import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf, readPaths, treeOf } from '../support/planning.ts';
import { clusterOf, configOf, granted, unknown } from '../support/roles.ts';

const config = configOf();
const admin = 'prod/payments/k8s_ns_admins';
const payments = [granted(admin, ['user.ada']), granted('prod/payments/k8s_ns_viewers', [])];
const search = [granted('prod/search/k8s_ns_admins', ['user.bo']), granted('prod/search/k8s_ns_viewers', [])];
const tree = treeOf({ config, access: [...payments, ...search] });
const place = 'output/prod/payments/rbac.yaml';

test('a tree that is as it shall be is not read at all', () => {
  assert.deepEqual(readPaths({ config, files: tree, access: [...payments, ...search] }), []);
});

test('only the files that differ are read', () => {
  const access = [granted(admin, ['user.chen']), ...payments.slice(1), ...search];
  assert.deepEqual(readPaths({ config, files: tree, access }), [place]);
});

test('a file whose role could not be read is read: what it keeps depends on it', () => {
  assert.deepEqual(readPaths({ config, files: tree, access: [unknown(admin), ...payments.slice(1), ...search] }), [
    place,
  ]);
});

test('a file that is not there is not read', () => {
  const files = new Map([...tree].filter(([path]) => path !== place));
  assert.deepEqual(readPaths({ config, files, access: [...payments, ...search] }), []);
});

test('everything else in an output folder is read, and nothing beside it', () => {
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
  assert.deepEqual(readPaths({ config, files, access, filtered: true }), inside, 'of chosen clusters alone');
});

test('an unchanged file that is a link or executable is read', () => {
  const text = tree.get(place) ?? '';
  for (const other of [`->${text}`, `+x ${text}`]) {
    assert.deepEqual(readPaths({ config, files: new Map([[place, other]]), access: payments }), [place]);
  }
});

test("ids are compared in the repository's own object format", () => {
  const access = [...payments, ...search];
  assert.deepEqual(readPaths({ config, files: tree, access, objectFormat: 'sha256' }), []);
  const [change] = planOf({ config, access, objectFormat: 'sha256' }).files;
  assert.match(change?.after?.oid ?? '', /^[0-9a-f]{64}$/);
});

test('an unchanged namespace costs no reading in a cluster of a thousand, when one changes', () => {
  const large = configOf({ clusters: [clusterOf('prod')] });
  const access = Array.from({ length: 1000 }, (_, index) => granted(`prod/n${index}/k8s_ns_admins`, ['user.ada']));
  const files = treeOf({ config: large, access });
  const changed = [granted('prod/n7/k8s_ns_admins', []), ...access.filter((role) => role.namespace !== 'n7')];
  assert.deepEqual(readPaths({ config: large, files, access: changed }), ['output/prod/n7/rbac.yaml']);
});
