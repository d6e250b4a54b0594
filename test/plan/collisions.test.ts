import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/model/error.ts';
import { planOf } from '../support/planning.ts';
import { clusterOf, configOf, granted, type RoleId } from '../support/roles.ts';

function layout(path: string) {
  return configOf({
    clusters: [clusterOf('a'), clusterOf('a-b')],
    output: { path, templates: null, keep: [] },
  });
}

const table: readonly [name: string, path: string, first: RoleId, second: RoleId, message: RegExp][] = [
  [
    'two clusters with the same path',
    'output/{namespace}/rbac.yaml',
    'a/web/k8s_ns_admins',
    'a-b/web/k8s_ns_admins',
    /a-b\/web and a\/web|a\/web and a-b\/web/,
  ],
  [
    'names that join to the same path',
    'output/{cluster}-{namespace}.yaml',
    'a/b-c/k8s_ns_admins',
    'a-b/c/k8s_ns_admins',
    /a\/b-c and a-b\/c|a-b\/c and a\/b-c/,
  ],
  [
    'namespaces that differ only in case',
    'output/{cluster}/{namespace}.yaml',
    'a/web/k8s_ns_admins',
    'a/Web/k8s_ns_admins',
    /a\/web and a\/Web|a\/Web and a\/web/,
  ],
  [
    'role files that differ only in case',
    'output/{cluster}/{namespace}/{role}.yaml',
    'a/web/k8s_ns_admins',
    'a/web/K8s_ns_admins',
    /a\/web\/k8s_ns_admins and a\/web\/K8s_ns_admins|a\/web\/K8s_ns_admins and a\/web\/k8s_ns_admins/,
  ],
  [
    'paths with a common prefix',
    'output/{cluster}/{namespace}-{role}.yaml',
    'a/web/k8s_ns_admins',
    'a/web-k8s_ns_admins/k8s_ns_admins',
    /^$/,
  ],
];

for (const [name, path, first, second, message] of table) {
  const pairs = [
    [first, second],
    [second, first],
  ] as const;
  const config = layout(path);
  const roles = [first, second].map((id) => ({ athenzRole: id.split('/')[2] ?? '', clusterRole: 'view' }));
  const clusters = config.clusters.map((cluster) => ({ ...cluster, roles }));
  for (const [one, other] of pairs) {
    const plan = () =>
      planOf({ config: { ...config, clusters }, access: [granted(one, ['user.ada']), granted(other, [])] });
    if (message.source === '^$') {
      test(`allows ${name} (${one} first)`, () => {
        assert.equal(plan().files.length, 2);
      });
      continue;
    }
    test(`rejects ${name} (${one} first)`, () => {
      assert.throws(plan, (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'OUTPUT_COLLISION');
        assert.match(error.message, message);
        return true;
      });
    });
  }
}

test('allows several roles in the file of one namespace', () => {
  const config = layout('output/{cluster}/{namespace}.yaml');
  const access = [granted('a/web/k8s_ns_admins', []), granted('a/web/k8s_ns_viewers', [])];
  assert.equal(planOf({ config, access }).files.length, 1);
});
