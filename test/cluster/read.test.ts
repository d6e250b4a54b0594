import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listNamespaces, readRbacObjects } from '../../src/cluster/read.ts';
import { serverError } from '../support/kube/fault.ts';
import { bindingOf, type KubeFixture, namespacesOf, openKubeFixture } from '../support/kube/fixture.ts';
import type { Manifest } from '../support/kube/object.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';

const objects: readonly Manifest[] = [
  ...namespacesOf('one', 'two', 'bare'),
  bindingOf('one', 'b', 'user.bo'),
  bindingOf('one', 'a', 'user.ada'),
  bindingOf('two', 'a', 'user.chen'),
  { kind: 'Role', metadata: { name: 'r', namespace: 'two' }, rules: [{ verbs: ['get'], resources: ['pods'] }] },
];

/** The names of the bindings and Roles per namespace, or why they are missing. */
async function read({ open }: KubeFixture, user: string, namespaces: readonly string[]) {
  const found = await readRbacObjects(await open(user), namespaces);
  return Object.fromEntries(
    [...found].flatMap(([namespace, it]) => {
      if (namespace.startsWith('kube-')) return [];
      if (it.kind === 'value')
        return [[namespace, [...it.value.bindings, ...it.value.roles].map(({ name }) => name).join(' ')]];
      return [[namespace, it.kind === 'absent' ? it.kind : it.problem.code]];
    }),
  );
}

test('cluster-wide access lists each kind once and distinguishes absent from empty', async () => {
  await using fixture = await openKubeFixture(objects);
  assert.deepEqual(await read(fixture, 'reader', ['bare', 'gone', 'two']), {
    bare: '',
    gone: 'absent',
    one: 'a b',
    two: 'a r',
  });
  assert.deepEqual(
    fixture.kube.requests.map(({ path }) => path),
    ['/api/v1/namespaces', `${rbac}/rolebindings`, `${rbac}/roles`],
  );
});

test('without cluster-wide access, forbidden namespaces are unknown and others read', async () => {
  await using fixture = await openKubeFixture(objects);
  fixture.kube.addUser('part', { namespaces: ['one', 'bare'] });
  const found = await readRbacObjects(await fixture.open('part'), ['bare', 'one', 'two']);
  const kinds = Object.fromEntries([...found].map(([name, { kind }]) => [name, kind]));
  assert.deepEqual(kinds, { bare: 'value', one: 'value', two: 'unknown' });
  const two = found.get('two');
  assert.ok(two?.kind === 'unknown');
  assert.equal(two.problem.code, 'CLUSTER_FORBIDDEN');
  assert.match(two.problem.message, /^listing the RoleBindings in two of cluster prod: 403: .*"part" cannot list/);
});

test('a namespace is absent only if namespaces can be listed', async () => {
  await using fixture = await openKubeFixture(objects);
  const lister: Manifest[] = [
    {
      kind: 'ClusterRole',
      metadata: { name: 'lister' },
      rules: [{ verbs: ['list'], apiGroups: [''], resources: ['namespaces'] }],
    },
    {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'lister' },
      roleRef: { kind: 'ClusterRole', name: 'lister' },
      subjects: [{ kind: 'User', name: 'with-list' }],
    },
  ];
  fixture.kube.put(lister);
  for (const name of ['with-list', 'without']) fixture.kube.addUser(name, { namespaces: ['one'] });
  assert.deepEqual(await read(fixture, 'with-list', ['gone', 'two', 'one']), {
    gone: 'absent',
    two: 'CLUSTER_FORBIDDEN',
    one: 'a athenz-gitops-reader-with-list athenz-gitops-reader-without b',
  });
  const { gone, two } = await read(fixture, 'without', ['gone', 'two', 'one']);
  assert.deepEqual([gone, two], ['CLUSTER_FORBIDDEN', 'CLUSTER_FORBIDDEN']);
});

test('forbidden cluster-wide Roles fall back to reading per namespace', async () => {
  await using fixture = await openKubeFixture(objects);
  fixture.kube.put([
    {
      kind: 'ClusterRole',
      metadata: { name: 'half' },
      rules: [{ verbs: ['list'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'] }],
    },
    {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'half' },
      roleRef: { kind: 'ClusterRole', name: 'half' },
      subjects: [{ kind: 'User', name: 'half' }],
    },
  ]);
  fixture.kube.addUser('half', { namespaces: ['two'] });
  const { one, two } = await read(fixture, 'half', ['one', 'two']);
  assert.deepEqual([one, two], ['CLUSTER_FORBIDDEN', 'a athenz-gitops-reader-half r']);
});

test('a user without any access gets CLUSTER_FORBIDDEN', async () => {
  await using fixture = await openKubeFixture(objects);
  await assert.rejects(read(fixture, 'nobody', ['one', 'two']), { code: 'CLUSTER_FORBIDDEN' });
});

test('a namespace that fails with 503 is unknown, the others are read', async () => {
  await using fixture = await openKubeFixture(objects);
  fixture.kube.addUser('part', { namespaces: ['one', 'two'] });
  fixture.kube.intercept(({ path }) => (path.includes('/namespaces/two/roles') ? serverError(503) : undefined));
  const found = await read(fixture, 'part', ['one', 'two']);
  assert.deepEqual([found['one'], found['two']], ['a athenz-gitops-reader-part b', 'CLUSTER_UNAVAILABLE']);
});

test('a cluster-wide list that fails with 503 does not fall back to namespaces', async () => {
  await using fixture = await openKubeFixture(objects);
  fixture.kube.intercept(({ path }) => (path === `${rbac}/roles` ? serverError(503) : undefined));
  await assert.rejects(read(fixture, 'reader', ['one']), { code: 'CLUSTER_UNAVAILABLE' });
});

test('a namespace that is being deleted is marked as terminating', async () => {
  await using fixture = await openKubeFixture(namespacesOf('one', 'two'));
  fixture.kube.terminate('one');
  const found = await listNamespaces(await fixture.open(), null);
  assert.deepEqual(
    found.filter(({ terminating }) => terminating).map(({ name }) => name),
    ['one'],
  );
});

test('a binding is read with its owner, subjects and last writer', async () => {
  await using fixture = await openKubeFixture(namespacesOf('one'));
  const binding = (name: string, labels: Record<string, string>): Manifest => ({
    ...bindingOf('one', name),
    metadata: { name, namespace: 'one', labels },
    subjects: [
      { kind: 'User', name: 'user.zoe' },
      { kind: 'ServiceAccount', name: 'bot' },
      { kind: 'Group', name: 'devs' },
      { kind: 'User', name: 'user.zoe' },
      { kind: 'ServiceAccount', name: 'bot', namespace: 'one' },
    ],
  });
  const by = (manager: string, minute: number) => ({ manager, at: new Date(Date.UTC(2026, 10, 21, 12, minute)) });
  fixture.kube.put(
    [
      binding('ours', { 'app.kubernetes.io/managed-by': 'athenz-gitops' }),
      binding('syncers', { 'managed-by': 'athenz-syncer' }),
      binding('theirs', { 'managed-by': 'athenz-gitops' }),
    ],
    by('argocd-controller', 1),
  );
  fixture.kube.put([{ ...bindingOf('one', 'ours', 'user.eve') }], by('kubectl-edit', 2));
  fixture.kube.put(
    [{ ...bindingOf('one', 'ours', 'user.eve'), metadata: { name: 'ours', namespace: 'one', labels: { a: 'b' } } }],
    by('labeler', 3),
  );
  const one = (await readRbacObjects(await fixture.open(), ['one'])).get('one');
  assert.ok(one?.kind === 'value');
  const [ours, syncers, theirs] = one.value.bindings;
  assert.deepEqual([ours?.owner, syncers?.owner, theirs?.owner], ['other', 'operator', 'other']);
  assert.deepEqual(ours?.written, { manager: 'kubectl-edit', at: '2026-11-21T12:02:00Z' });
  assert.deepEqual(syncers?.written, { manager: 'argocd-controller', at: '2026-11-21T12:01:00Z' });
  assert.deepEqual(syncers?.subjects, [
    { kind: 'Group', name: 'devs' },
    { kind: 'ServiceAccount', name: 'bot', namespace: 'one' },
    { kind: 'User', name: 'user.zoe' },
  ]);
});

test('a manual change in the same second as the GitOps controller is the last write', async () => {
  await using fixture = await openKubeFixture(namespacesOf('one'));
  const at = new Date(Date.UTC(2026, 10, 21, 12));
  fixture.kube.put([bindingOf('one', 'ours', 'user.ada')], { manager: 'argocd-controller', operation: 'Apply', at });
  fixture.kube.put([bindingOf('one', 'ours', 'user.eve')], { manager: 'kubectl-edit', at });
  const one = (await readRbacObjects(await fixture.open(), ['one'])).get('one');
  assert.ok(one?.kind === 'value');
  assert.equal(one.value.bindings[0]?.written?.manager, 'kubectl-edit');
});
