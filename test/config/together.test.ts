import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { type Data, refusal, refusalWith, smallest, smallestData, withValue } from '../support/config.ts';

// Rules that involve several values.

const cluster = (name: string, rest: { [key: string]: Data } = {}): Data => ({
  name,
  domain: `eks.${name}.{namespace}`,
  namespaces: { files: [`${name}.txt`] },
  ...rest,
});
const rules: Data = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

test('rejects two clusters with the same name', () => {
  const second = cluster('prod', { domain: 'other.{namespace}' });
  assert.equal(
    refusalWith('clusters', [cluster('prod'), second]),
    'clusters[1].name: cluster "prod" is listed twice, with the domains "eks.prod.{namespace}" and "other.{namespace}"',
  );
});

test('two clusters may share domains and namespace files', () => {
  const twins = ['a', 'b'].map((name) =>
    cluster(name, { domain: 'eks.{namespace}', namespaces: { files: ['n.txt'] } }),
  );
  assert.equal(parseConfig(JSON.stringify(withValue(smallestData, 'clusters', twins)), 'g.yaml').clusters.length, 2);
});

const duplicates: readonly (readonly [string, string])[] = [
  ['roles', 'roles[2].athenzRole'],
  ['clusters.0.roles', 'clusters[0].roles[2].athenzRole'],
];
for (const [path, at] of duplicates) {
  test(`rejects a duplicate Athenz role in ${path}`, () => {
    const list = ['a', 'b', 'a'].map((athenzRole) => ({ athenzRole, clusterRole: 'view' }));
    assert.equal(refusalWith(path, list), `${at}: "a" is already listed (entry 1): keep its rules in one place`);
  });
}

test('rejects a clusterRole with "names: operator", common or per cluster', () => {
  const own = cluster('prod', {
    roles: [
      { athenzRole: 'b', rules },
      { athenzRole: 'c', clusterRole: 'edit' },
    ],
  });
  const both = { names: 'operator', clusters: [own], roles: [{ athenzRole: 'a', clusterRole: 'view' }] };
  const { code, message } = refusal(JSON.stringify({ ...(smallestData as object), ...both }));
  assert.equal(code, 'CONFIG_INVALID');
  const why = 'cannot be used with "names: operator", whose bindings refer to Roles of the same name';
  assert.deepEqual(
    message.split('\n').map((line) => line.replace(/^g\.yaml:1:\d+: /, '')),
    [`clusters[0].roles[1].clusterRole: ${why}`, `roles[0].clusterRole: ${why}`],
  );
  const onlyRules = withValue(withValue(smallestData, 'names', 'operator'), 'roles', [{ athenzRole: 'a', rules }]);
  assert.equal(parseConfig(JSON.stringify(onlyRules), 'g.yaml').names, 'operator');
});

test('reports "names: operator" at the line of the clusterRole', () => {
  assert.match(refusal(`${smallest}names: operator\n`).message, /^g\.yaml:8:\d+: roles\[0\]\.clusterRole: /);
});

test('every cluster needs its own roles if there are no common ones', () => {
  const clusters = [cluster('a', { roles: [{ athenzRole: 'x', clusterRole: 'view' }] }), cluster('b')];
  const data = withValue(withValue(smallestData, 'roles', undefined), 'clusters', clusters);
  assert.match(
    refusal(JSON.stringify(data)).message,
    /^g\.yaml:1:\d+: clusters\[1\]: has no roles: set "roles" at the top or here$/,
  );
});

test('rejects an empty list of roles', () => {
  assert.match(refusalWith('roles', []), /^roles: must have at least one entry/);
  assert.match(refusalWith('clusters.0.roles', []), /^clusters\[0\]\.roles: must have at least one entry/);
});

test('rejects an unknown role in neverEmpty and suggests the nearest one', () => {
  assert.equal(
    refusalWith('limits.neverEmpty', ['k8s_ns_viewer', 'k8s_ns_viewers']),
    'limits.neverEmpty[0]: "k8s_ns_viewer" is not a configured role (did you mean "k8s_ns_viewers"?)',
  );
});

test('neverEmpty accepts a role of a single cluster', () => {
  const own = withValue(smallestData, 'clusters.0.roles', [{ athenzRole: 'own', clusterRole: 'view' }]);
  const data = withValue(own, 'limits.neverEmpty', ['own', 'k8s_ns_viewers']);
  assert.deepEqual(parseConfig(JSON.stringify(data), 'g.yaml').limits.neverEmpty, ['own', 'k8s_ns_viewers']);
});
