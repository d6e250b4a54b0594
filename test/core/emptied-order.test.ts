import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf, treeOf } from '../support/planning.ts';
import { clusterOf, configOf, granted } from '../support/roles.ts';

test('roles left without anyone are listed in the order of the config’s clusters', () => {
  const config = configOf({ clusters: [clusterOf('prod'), clusterOf('dev')] });
  const access = (members: readonly string[]) =>
    (['dev/a/k8s_ns_admins', 'prod/b/k8s_ns_admins', 'prod/a/k8s_ns_admins'] as const).map((id) =>
      granted(id, members),
    );
  const files = treeOf({ config, access: access(['user.ada']) });
  assert.deepEqual(
    planOf({ config, access: access([]), files }).emptied.map(({ cluster, namespace }) => `${cluster}/${namespace}`),
    ['prod/a', 'prod/b', 'dev/a'],
  );
});
