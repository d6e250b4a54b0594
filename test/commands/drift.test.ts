import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingOf, namespacesOf } from '../support/kube/fixture.ts';
import { editAdmins, later, openKubeFixture, searchAdmins, statesOf, subjectsOf } from '../support/kube-fixture.ts';

test('a cluster that matches git and Athenz is in sync, exit 0', async () => {
  await using fixture = await openKubeFixture();
  const result = await fixture.drift(0);
  assert.deepEqual([result.bindings, result.unread], [[], []]);
  const [cluster] = result.clusters;
  assert.deepEqual(
    [cluster?.cluster, cluster?.context, cluster?.server, cluster?.uid, cluster?.namespaces],
    ['prod', 'reader', fixture.kube.url, fixture.kube.uid, 6],
  );
  assert.deepEqual([cluster?.bindings, cluster?.inSync], [18, 18]);
  const { out } = await fixture.expect(0, ['drift']);
  assert.match(out, /^prod {2}18 of 18 bindings are in sync\n/);
  assert.match((await fixture.expect(0, ['drift', '--markdown'])).out, /✅ .*18 of 18 bindings are in sync/);
  assert.equal((await fixture.expect(0, ['drift', '--quiet'])).out, '');
});

test('drift sends only GETs for namespaces and RBAC, and writes nothing', async () => {
  await using fixture = await openKubeFixture();
  const before = fixture.git('status', '--porcelain');
  const { requests } = await fixture.drift(0);
  assert.deepEqual(
    fixture.kube.requests.map(({ method, path }) => `${method} ${path.replace(/.*\/v1/, '')}`),
    ['GET /namespaces/kube-system', 'GET /namespaces', 'GET /rolebindings', 'GET /roles'],
  );
  assert.equal(requests.cluster, 4);
  assert.equal(fixture.git('status', '--porcelain'), before);
});

test('a grant in Athenz but not in git is waiting for a merge', async () => {
  await using fixture = await openKubeFixture();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  const result = await fixture.drift(5);
  assert.deepEqual(statesOf(result), ['search/athenz-k8s_ns_admins: waiting-for-merge']);
  assert.deepEqual(subjectsOf(result), [['user.nell', { athenz: true, git: false, live: false }]]);
  const { out } = await fixture.expect(5, ['drift']);
  assert.match(
    out,
    /search\n {4}athenz-k8s_ns_admins-cb38a157 {2}waiting for a merge\n {6}. user\.nell .*with the merge/,
  );
});

test('a manual change in the cluster names the subjects and the writer', async () => {
  await using fixture = await openKubeFixture();
  editAdmins(fixture, 'user.eve');
  const result = await fixture.drift(5);
  assert.deepEqual(statesOf(result), ['search/athenz-k8s_ns_admins: changed-in-cluster']);
  assert.deepEqual(subjectsOf(result), [
    ['user.dara', { athenz: true, git: true, live: false }],
    ['user.eve', { athenz: false, git: false, live: true }],
  ]);
  const { out } = await fixture.expect(5, ['drift']);
  assert.match(out, /changed by hand in the cluster; last written by kubectl-edit, /);
  assert.match(out, /- user\.dara +lacks .*\n +\+ user\.eve +has .*neither Athenz nor git grants it/);
  const { out: markdown } = await fixture.expect(5, ['drift', '--markdown']);
  assert.match(markdown, /\| search \|.*\*\*changed by hand in the cluster\*\*.*➕ user\.eve has /);
});

test('a widened Role and a deleted Role are changed in the cluster', async () => {
  await using fixture = await openKubeFixture();
  const oncall = { name: 'athenz-oncall', namespace: 'search' };
  const rules = [{ verbs: ['*'], apiGroups: [''], resources: ['secrets'] }];
  fixture.kube.put([{ kind: 'Role', metadata: oncall, rules }], { manager: 'kubectl-edit' });
  fixture.kube.remove('Role', 'search', 'athenz-k8s_ns_admins');
  const result = await fixture.drift(5);
  assert.deepEqual(statesOf(result), [
    'search/athenz-k8s_ns_admins: changed-in-cluster',
    'search/athenz-oncall: changed-in-cluster',
  ]);
  assert.ok(result.bindings.every(({ permissionDiffers, subjects }) => permissionDiffers && subjects.length === 0));
  // The GitOps controller wrote both bindings last; nothing records who deleted a Role.
  assert.deepEqual(
    result.bindings.map(({ written }) => written?.manager),
    [undefined, 'kubectl-edit'],
  );
  const { out } = await fixture.expect(5, ['drift']);
  assert.match(out, /Role athenz-k8s_ns_admins is missing in the cluster: the binding grants nothing/);
  assert.match(out, /the Role in the cluster differs: .*secrets/);
});

test('removed subjects are reported without a writer', async () => {
  await using fixture = await openKubeFixture();
  editAdmins(fixture);
  const [binding] = (await fixture.drift(5)).bindings;
  assert.deepEqual([binding?.states, binding?.written], [['changed-in-cluster'], undefined]);
  assert.match((await fixture.expect(5, ['drift'])).out, /changed by hand in the cluster\n/);
});

test('a binding not in the cluster waits for the controller first, then is missing', async () => {
  await using fixture = await openKubeFixture({ applied: false });
  assert.deepEqual(
    new Set((await fixture.drift(5)).bindings.map(({ states }) => states.join())),
    new Set(['waiting-for-engine']),
  );
  fixture.apply();
  fixture.kube.remove('RoleBinding', 'search', searchAdmins);
  fixture.kube.remove('Namespace', undefined, 'checkout');
  const result = await fixture.drift(5, later);
  const missingBindings = ['k8s_ns_admins', 'k8s_ns_viewers', 'oncall'].map((it) => `checkout/athenz-${it}: missing`);
  assert.deepEqual(statesOf(result), [...missingBindings, 'search/athenz-k8s_ns_admins: missing']);
  assert.ok(result.bindings.slice(0, 3).every(({ note }) => note === 'the cluster has no such namespace'));
  assert.match(result.bindings.at(-1)?.note ?? '', /^in git since 20/);
});

test('bindings of another config in the same cluster are not orphans', async () => {
  await using fixture = await openKubeFixture();
  const ours = (namespace: string, athenzRole: string) => ({
    ...bindingOf(namespace, 'athenz-admins-0a1b2c3d', 'user.eve'),
    metadata: {
      name: 'athenz-admins-0a1b2c3d',
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'athenz-gitops' },
      annotations: { 'athenz-gitops.io/athenz-role': athenzRole },
    },
  });
  fixture.kube.put([
    ...namespacesOf('left', 'shared'),
    // From a namespace that left this config, and from another config.
    ours('left', 'acme.eks.left:role.admins'),
    ours('shared', 'beta.eks.shared:role.admins'),
    // In a namespace of this config it is an orphan, whatever its annotation.
    ours('search', 'beta.eks.search:role.admins'),
  ]);
  const { bindings } = await fixture.drift(5);
  assert.deepEqual(
    bindings.map(({ namespace, states, note = '' }) => [namespace, states.join(), /another config may/.test(note)]),
    [
      ['left', 'orphan', true],
      ['search', 'orphan', false],
    ],
  );
});

test('orphans are found by our label, an operator label or an operator name', async () => {
  await using fixture = await openKubeFixture();
  const labelled = (name: string, labels: Record<string, string>) => ({
    ...bindingOf('search', name, 'user.eve'),
    metadata: { name, namespace: 'search', labels },
  });
  fixture.kube.put([
    labelled('ours', { 'app.kubernetes.io/managed-by': 'athenz-gitops' }),
    labelled('left', { 'managed-by': 'athenz-syncer' }),
    labelled('acme.eks.search:role.old:members', {}),
    labelled('acme.eks.other:role.old:members', {}),
    labelled('acme.eks.search:role.old', {}),
    labelled('theirs', { 'app.kubernetes.io/managed-by': 'Helm' }),
    {
      ...labelled('elsewhere', { 'app.kubernetes.io/managed-by': 'athenz-gitops' }),
      metadata: {
        ...labelled('elsewhere', { 'app.kubernetes.io/managed-by': 'athenz-gitops' }).metadata,
        namespace: 'default',
      },
    },
  ]);
  const result = await fixture.drift(5);
  assert.deepEqual(statesOf(result), [
    'default/elsewhere: orphan',
    'search/acme.eks.search:role.old:members: orphan',
    'search/left: orphan',
    'search/ours: orphan',
  ]);
  assert.deepEqual(subjectsOf(result)[0], ['user.eve', { athenz: false, git: false, live: true }]);
});
