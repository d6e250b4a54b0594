import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rbac } from '../../src/generators/rbac/generator.ts';
import type { Assessment } from '../../src/run/assess.ts';
import { buildReport } from '../../src/run/report.ts';
import { applyPlan, corePlanOf, planOf, type Situation, treeOf } from '../support/planning.ts';
import { clusterOf, configOf, granted, type RoleId } from '../support/roles.ts';

function layout(path: string) {
  return configOf({
    clusters: [clusterOf('a'), clusterOf('a-b')],
    output: { path, templates: null, keep: [] },
  });
}

/** `units`: what is held; of two in one namespace it is that namespace. `named`: what each message names. */
const table: readonly [
  name: string,
  path: string,
  first: RoleId,
  second: RoleId,
  units: readonly string[],
  named: RegExp,
][] = [
  [
    'two clusters with the same path',
    'output/{namespace}/rbac.yaml',
    'a/web/k8s_ns_admins',
    'a-b/web/k8s_ns_admins',
    ['a-b/web', 'a/web'],
    /a-b\/web and a\/web|a\/web and a-b\/web/,
  ],
  [
    'names that join to the same path',
    'output/{cluster}-{namespace}.yaml',
    'a/b-c/k8s_ns_admins',
    'a-b/c/k8s_ns_admins',
    ['a-b/c', 'a/b-c'],
    /a\/b-c and a-b\/c|a-b\/c and a\/b-c/,
  ],
  [
    'namespaces that differ only in case',
    'output/{cluster}/{namespace}.yaml',
    'a/web/k8s_ns_admins',
    'a/Web/k8s_ns_admins',
    ['a/Web', 'a/web'],
    /a\/web and a\/Web|a\/Web and a\/web/,
  ],
  [
    'role files that differ only in case',
    'output/{cluster}/{namespace}/{role}.yaml',
    'a/web/k8s_ns_admins',
    'a/web/K8s_ns_admins',
    ['a/web'],
    /a\/web\/K8s_ns_admins\.yaml and output\/a\/web\/k8s_ns_admins\.yaml/,
  ],
  [
    'paths with a common prefix',
    'output/{cluster}/{namespace}-{role}.yaml',
    'a/web/k8s_ns_admins',
    'a/web-k8s_ns_admins/k8s_ns_admins',
    [],
    /^$/,
  ],
];

for (const [name, path, first, second, units, named] of table) {
  const pairs = [
    [first, second],
    [second, first],
  ] as const;
  const roles = [...new Set([first, second].map((id) => id.split('/')[2] ?? ''))].map((athenzRole) => {
    return { athenzRole, clusterRole: 'view' };
  });
  const clusters = layout(path).clusters.map((cluster) => ({ ...cluster, roles }));
  const config = { ...layout(path), clusters };
  const other = granted('a/other/k8s_ns_admins', ['user.bo']);
  const access = (one: RoleId, two: RoleId) => [granted(one, ['user.ada']), granted(two, ['user.bo']), other];
  const otherPath = [...treeOf({ config, access: [other] }).keys()];

  for (const [one, two] of pairs) {
    const situation: Situation = { config, access: access(one, two) };
    if (units.length === 0) {
      test(`allows ${name} (${one} first)`, () => {
        const plan = planOf(situation);
        assert.deepEqual([plan.files.length, plan.held], [3, []]);
      });
      continue;
    }
    test(`holds ${name} and nothing else (${one} first)`, () => {
      const plan = planOf(situation);
      assert.deepEqual(
        plan.held.map(({ code, cluster, namespace }) => `${code} ${cluster}/${namespace}`).sort(),
        units.map((unit) => `OUTPUT_COLLISION ${unit}`),
      );
      for (const { message } of plan.held) assert.match(message, named);
      assert.deepEqual(
        plan.files.map((file) => file.path),
        otherPath,
      );
      assert.deepEqual(
        plan.changes.map(({ namespace }) => namespace),
        ['other'],
      );
    });

    test(`${name}: what git has of them stays, whoever wrote it (${one} first)`, () => {
      for (const before of [[one], [two], [one, two]]) {
        const files = treeOf(...before.map((id) => ({ config, access: [granted(id, ['user.ada', 'user.gone'])] })));
        assert.ok(files.size > 0);
        const plan = planOf({ ...situation, files });
        assert.deepEqual(
          plan.held.map(({ cluster, namespace }) => `${cluster}/${namespace}`).sort(),
          units,
          before.join(),
        );
        const merged = applyPlan(files, plan);
        for (const [at, text] of files) assert.equal(merged.get(at), text, at);
        assert.deepEqual([...merged.keys()].sort(), [...files.keys(), ...otherPath].sort());
      }
    });

    test(`${name}: files that are as desired are held too (${one} first)`, () => {
      for (const before of [[one], [two], [one, two]]) {
        const desired = situation.access.filter(({ cluster, namespace, role }) =>
          before.includes(`${cluster}/${namespace}/${role}`),
        );
        const files = treeOf(...desired.map((it) => ({ config, access: [it] })));
        const plan = planOf({ ...situation, files });
        assert.deepEqual(plan.held.map(({ cluster, namespace }) => `${cluster}/${namespace}`).sort(), units);
        assert.deepEqual(
          plan.files.map((file) => file.path),
          otherPath,
        );
      }
    });
  }
}

test('a run with a collision exits with 4', () => {
  const config = layout('output/{namespace}/rbac.yaml');
  const plan = corePlanOf({
    config,
    access: [granted('a/web/k8s_ns_admins', []), granted('a-b/web/k8s_ns_admins', [])],
  });
  const assessment = { generator: rbac, asOf: plan.at, sources: [], plan } as unknown as Assessment;
  const report = buildReport({ command: 'plan', planned: [{ assessment, scopes: [] }], failed: [], inventory: [] });
  assert.equal(report.exitCode, 4);
});

test('allows several roles in the file of one namespace', () => {
  const config = layout('output/{cluster}/{namespace}.yaml');
  const access = [granted('a/web/k8s_ns_admins', []), granted('a/web/k8s_ns_viewers', [])];
  assert.equal(planOf({ config, access }).files.length, 1);
});
