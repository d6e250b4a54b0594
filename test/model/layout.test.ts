import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileLayout, type FileKey } from '../../src/model/layout.ts';
import { trials } from '../support/properties.ts';

const key: FileKey = { cluster: 'prod', namespace: 'team-a', role: 'k8s_ns.admins' };
/** The first two digits of `printf team-a | sha256sum`. */
const shard = createHash('sha256').update('team-a').digest('hex').slice(0, 2);

interface Expected {
  readonly path: string;
  readonly root: string;
  readonly prefix: string;
  readonly perRole?: true;
}

const templates: Readonly<Record<string, Expected>> = {
  'output/{cluster}/{namespace}/rbac.yaml': {
    path: 'output/prod/team-a/rbac.yaml',
    root: 'output/prod',
    prefix: 'output',
  },
  'output/{namespace}.yaml': { path: 'output/team-a.yaml', root: 'output', prefix: 'output' },
  'a/b/{cluster}/c/{namespace}.yml': { path: 'a/b/prod/c/team-a.yml', root: 'a/b/prod/c', prefix: 'a/b' },
  '{cluster}/{namespace}.yaml': { path: 'prod/team-a.yaml', root: 'prod', prefix: '' },
  'k8s-{cluster}-x/{namespace}.yaml': { path: 'k8s-prod-x/team-a.yaml', root: 'k8s-prod-x', prefix: '' },
  'o/{cluster}/{cluster}-{namespace}.yaml': { path: 'o/prod/prod-team-a.yaml', root: 'o/prod', prefix: 'o' },
  'o/{cluster}/{namespace}/{namespace}.yaml': { path: 'o/prod/team-a/team-a.yaml', root: 'o/prod', prefix: 'o' },
  'o/{cluster}/{namespace}/{role}.yaml': {
    path: 'o/prod/team-a/k8s_ns.admins.yaml',
    root: 'o/prod',
    prefix: 'o',
    perRole: true,
  },
  'o/{role}/{cluster}/{namespace}.yaml': {
    path: 'o/k8s_ns.admins/prod/team-a.yaml',
    root: 'o',
    prefix: 'o',
    perRole: true,
  },
  'o/{cluster}/{shard}/{namespace}.yaml': { path: `o/prod/${shard}/team-a.yaml`, root: 'o/prod', prefix: 'o' },
  'o/{shard}/{namespace}.yaml': { path: `o/${shard}/team-a.yaml`, root: 'o', prefix: 'o' },
  'o (1)+[x]^$|.a/{cluster}/{namespace}.yaml': {
    path: 'o (1)+[x]^$|.a/prod/team-a.yaml',
    root: 'o (1)+[x]^$|.a/prod',
    prefix: 'o (1)+[x]^$|.a',
  },
  'ü/{cluster}/{namespace}.yaml': { path: 'ü/prod/team-a.yaml', root: 'ü/prod', prefix: 'ü' },
  'o/x{namespace}.yaml': { path: 'o/xteam-a.yaml', root: 'o', prefix: 'o' },
};
for (const [template, { path, root, prefix, perRole = false }] of Object.entries(templates)) {
  test(`${template} gives ${path}`, () => {
    const layout = compileLayout(template);
    assert.equal(layout.pathOf(key), path);
    assert.equal(layout.rootOf('prod'), root);
    assert.equal(layout.prefix, prefix);
    assert.equal(layout.perRole, perRole);
    assert.equal(layout.clusterOf(path), template.includes('{cluster}') ? 'prod' : '');
    assert.deepEqual(layout.namespacesAt([path, path], 'prod'), ['team-a']);
    assert.deepEqual(layout.namespacesAt([path], 'dev'), template.includes('{cluster}') ? [] : ['team-a']);
  });
}

const notOfOne: readonly (readonly [template: string, path: string])[] = [
  ['o/{cluster}/{namespace}/{namespace}.yaml', 'o/prod/team-a/team-b.yaml'],
  ['o/{cluster}/{shard}/{namespace}.yaml', 'o/prod/00/team-a.yaml'],
  ['o/{cluster}/{role}-{namespace}.yaml', 'o/prod/admins-team-a.yaml'],
  ['o/{cluster}/{namespace}.yaml', 'o/prod/-a.yaml'],
  ['o/{cluster}/{namespace}.yaml', `o/prod/${'a'.repeat(64)}.yaml`],
];
for (const [template, path] of notOfOne) {
  test(`${template} gives no namespace for ${path}`, () => {
    assert.deepEqual(compileLayout(template).namespacesAt([path], 'prod'), []);
  });
}

const nonMatching: readonly (readonly [string, string])[] = [
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/rbac.yaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/a/b/rbac.yaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/team-a/rbac.yml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/team-a/rbacxyaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/team-a/rbac.yaml.bak'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'x/output/prod/team-a/rbac.yaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/Prod/team-a/rbac.yaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/team.a/rbac.yaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/../rbac.yaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod//rbac.yaml'],
  ['output/{cluster}/{namespace}/rbac.yaml', 'output/prod/team-a/rbac.yaml\n'],
  ['o/{cluster}/{cluster}-{namespace}.yaml', 'o/prod/dev-team-a.yaml'],
  ['o/{cluster}/{shard}/{namespace}.yaml', 'o/prod/xy/team-a.yaml'],
  ['o/{cluster}/{shard}/{namespace}.yaml', 'o/prod/abc/team-a.yaml'],
  ['o/{cluster}/{namespace}/{role}.yaml', 'o/prod/team-a/A.yaml'],
  ['o/{cluster}/{namespace}/{role}.yaml', 'o/prod/team-a/x/y.yaml'],
];
for (const [template, path] of nonMatching) {
  test(`${template} rejects ${JSON.stringify(path)}`, () => {
    assert.equal(compileLayout(template).clusterOf(path), undefined);
  });
}

test('clusterOf finds a cluster that is no longer configured', () => {
  assert.equal(
    compileLayout('output/{cluster}/{namespace}/rbac.yaml').clusterOf('output/gone/team-a/rbac.yaml'),
    'gone',
  );
});

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const keys: fc.Arbitrary<FileKey> = fc.record({
  cluster: label,
  namespace: label,
  role: fc.stringMatching(/^[a-z0-9_][a-z0-9_-]{0,6}(\.[a-z0-9_][a-z0-9_-]{0,6}){0,2}$/),
});
const literal = fc.stringMatching(/^[A-Za-z0-9 .+$^()|_-]{1,6}$/);
/** Valid templates for several clusters: {cluster} in a folder before any other placeholder. */
const template = fc
  .record({
    before: fc.array(literal, { maxLength: 2 }),
    cluster: fc.tuple(fc.oneof(literal, fc.constant('')), fc.oneof(literal, fc.constant(''))),
    below: fc.array(
      fc.array(fc.oneof(literal, fc.constantFrom('{cluster}', '{namespace}', '{role}', '{shard}')), {
        minLength: 1,
        maxLength: 3,
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ before, cluster: [left, right], below }) =>
    [...before, `${left}{cluster}${right}`, ...below.map((part) => part.join('')), '{namespace}.yaml'].join('/'),
  );

test('every path maps back to its cluster and lies below its root and prefix', () => {
  fc.assert(
    fc.property(template, keys, (text, it) => {
      const layout = compileLayout(text);
      const path = layout.pathOf(it);
      assert.equal(layout.clusterOf(path), it.cluster);
      const root = layout.rootOf(it.cluster);
      assert.ok(path.startsWith(`${root}/`) && root !== '');
      assert.ok(layout.prefix === '' || root === layout.prefix || root.startsWith(`${layout.prefix}/`));
      assert.doesNotMatch(path, /[{}]/);
    }),
    { numRuns: trials(500) },
  );
});

test('the roots of two clusters never overlap', () => {
  fc.assert(
    fc.property(template, label, label, (text, a, b) => {
      fc.pre(a !== b);
      const { rootOf } = compileLayout(text);
      assert.ok(!`${rootOf(a)}/`.startsWith(`${rootOf(b)}/`));
    }),
    { numRuns: trials(250) },
  );
});

test('namespaces are spread over 256 shards', () => {
  const { pathOf } = compileLayout('o/{shard}/{namespace}.yaml');
  const shards = new Set<string>();
  for (let index = 0; index < 5000; index++) shards.add(pathOf({ ...key, namespace: `team-${index}` }).slice(2, 4));
  assert.equal(shards.size, 256);
});
