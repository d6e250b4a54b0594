import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { type Data, refusal, refusalWith, smallest, smallestData, withValue } from '../support/config.ts';

// Rules about several values at once.

const cluster = (name: string, rest: { [key: string]: Data } = {}): Data => ({
  name,
  domain: `eks.${name}.{namespace}`,
  namespaces: { files: [`${name}.txt`] },
  ...rest,
});
const rules: Data = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

test('two clusters with one name are refused, naming both', () => {
  const second = cluster('prod', { domain: 'other.{namespace}' });
  assert.equal(
    refusalWith('clusters', [cluster('prod'), second]),
    'clusters[1].name: cluster "prod" is listed twice, with the domains "eks.prod.{namespace}" and "other.{namespace}"',
  );
});

test('two clusters may share the domains of their namespaces and the files that name them', () => {
  const twins = ['a', 'b'].map((name) =>
    cluster(name, { domain: 'eks.{namespace}', namespaces: { files: ['n.txt'] } }),
  );
  assert.equal(parseConfig(JSON.stringify(withValue(smallestData, 'clusters', twins)), 'g.yaml').clusters.length, 2);
});

const twice: readonly (readonly [string, string])[] = [
  ['roles', 'roles[2].athenzRole'],
  ['clusters.0.roles', 'clusters[0].roles[2].athenzRole'],
];
for (const [path, at] of twice) {
  test(`one Athenz role may not stand twice in ${path}`, () => {
    const list = ['a', 'b', 'a'].map((athenzRole) => ({ athenzRole, clusterRole: 'view' }));
    assert.equal(refusalWith(path, list), `${at}: "a" is listed already (entry 1): its rules must stand in one place`);
  });
}

test("names of the operators cannot go with a clusterRole, neither in the common roles nor in a cluster's own", () => {
  const own = cluster('prod', {
    roles: [
      { athenzRole: 'b', rules },
      { athenzRole: 'c', clusterRole: 'edit' },
    ],
  });
  const both = { names: 'operator', clusters: [own], roles: [{ athenzRole: 'a', clusterRole: 'view' }] };
  const { code, message } = refusal(JSON.stringify({ ...(smallestData as object), ...both }));
  assert.equal(code, 'CONFIG_INVALID');
  const why = 'cannot go with "names: operator", whose bindings refer to own Roles';
  assert.deepEqual(
    message.split('\n').map((line) => line.replace(/^g\.yaml:1:\d+: /, '')),
    [`clusters[0].roles[1].clusterRole: ${why}`, `roles[0].clusterRole: ${why}`],
  );
  const onlyRules = withValue(withValue(smallestData, 'names', 'operator'), 'roles', [{ athenzRole: 'a', rules }]);
  assert.equal(parseConfig(JSON.stringify(onlyRules), 'g.yaml').names, 'operator');
});

test('names of the operators are refused on the line of the clusterRole, wherever "names" stands', () => {
  assert.match(refusal(`${smallest}names: operator\n`).message, /^g\.yaml:8:\d+: roles\[0\]\.clusterRole: /);
});

test('without common roles every cluster needs its own', () => {
  const clusters = [cluster('a', { roles: [{ athenzRole: 'x', clusterRole: 'view' }] }), cluster('b')];
  const data = withValue(withValue(smallestData, 'roles', undefined), 'clusters', clusters);
  assert.match(
    refusal(JSON.stringify(data)).message,
    /^g\.yaml:1:\d+: clusters\[1\]: has no roles: set "roles" at the top or here$/,
  );
});

test('an empty list of roles is refused: it would take all access away', () => {
  assert.match(refusalWith('roles', []), /^roles: Too small/);
  assert.match(refusalWith('clusters.0.roles', []), /^clusters\[0\]\.roles: Too small/);
});

test('a role that may not become empty has to be a configured one, and the nearest is named', () => {
  assert.equal(
    refusalWith('limits.neverEmpty', ['k8s_ns_viewer', 'k8s_ns_viewers']),
    'limits.neverEmpty[0]: "k8s_ns_viewer" is not a configured role (did you mean "k8s_ns_viewers"?)',
  );
});

test('a role that only one cluster has may be one that may not become empty', () => {
  const own = withValue(smallestData, 'clusters.0.roles', [{ athenzRole: 'own', clusterRole: 'view' }]);
  const data = withValue(own, 'limits.neverEmpty', ['own', 'k8s_ns_viewers']);
  assert.deepEqual(parseConfig(JSON.stringify(data), 'g.yaml').limits.neverEmpty, ['own', 'k8s_ns_viewers']);
});
