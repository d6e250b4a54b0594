import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverError } from '../support/kube/fault.ts';
import { type KubeFixture, openKubeFixture } from '../support/kube-fixture.ts';

/** Makes the users cluster-admin, bypassing git. */
function makeClusterAdmin({ kube }: KubeFixture, ...names: readonly string[]): void {
  kube.put([
    {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'break-glass' },
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: names.map((name) => ({ kind: 'User', name })),
    },
  ]);
}

test('--probe checks that many grants and non-grants with the API server', async () => {
  await using fixture = await openKubeFixture();
  const { probe } = await fixture.drift(0, {}, '--probe', '5');
  assert.deepEqual([probe?.grants, probe?.nonGrants, probe?.disagreements], [5, 5, []]);
  const reviews = fixture.kube.requests.filter(({ method }) => method === 'POST');
  assert.equal(reviews.length, 10);
  assert.ok(reviews.every(({ path }) => path === '/apis/authorization.k8s.io/v1/subjectaccessreviews'));
  const { out } = await fixture.expect(0, ['drift', '--probe', '5']);
  assert.match(out, /5 grants and 5 non-grants checked with the API server: it agrees\./);
  assert.equal((await fixture.drift(0)).probe, undefined);
});

test("access from a foreign binding is reported with the API server's reason, exit 5", async () => {
  await using fixture = await openKubeFixture();
  makeClusterAdmin(fixture, 'user.lena');
  const { probe, bindings } = await fixture.drift(5, {}, '--probe', '200');
  assert.deepEqual(bindings, []);
  assert.ok(probe !== undefined && probe.disagreements.length > 0);
  for (const it of probe.disagreements) {
    assert.deepEqual([it.cluster, it.subject.name, it.expected, it.allowed], ['prod', 'user.lena', false, true]);
    assert.notEqual(it.namespace, 'checkout');
    assert.match(it.reason, /ClusterRoleBinding "break-glass".*cluster-admin/);
  }
  const { out } = await fixture.expect(5, ['drift', '--probe', '200']);
  assert.match(
    out,
    /! user\.lena may get \S+ in prod\/\S+, although no known binding grants it: RBAC: .*"break-glass"/,
  );
  const { out: markdown } = await fixture.expect(5, ['drift', '--probe', '200', '--markdown']);
  assert.match(markdown, /\*\*Disagreements\*\*\n\n- user\.lena may <code>get pods<\/code> in prod\/[a-z-]+, although/);
  assert.doesNotMatch(markdown, /✅/);
});

test('a grant that the cluster does not honour is reported', async () => {
  await using fixture = await openKubeFixture();
  // ClusterRoles are not compared: an emptied one shows only in access reviews.
  fixture.kube.put([{ kind: 'ClusterRole', metadata: { name: 'view' }, rules: [] }]);
  const { probe } = await fixture.drift(5, {}, '--probe', '200');
  assert.ok(probe !== undefined && probe.disagreements.length > 0);
  for (const it of probe.disagreements)
    assert.deepEqual([it.expected, it.allowed, it.request], [true, false, 'get pods']);
  const { out } = await fixture.expect(5, ['drift', '--probe', '200']);
  assert.match(
    out,
    /may not get pods in prod\/payments-\w+, although Athenz, git and the cluster's RoleBinding grant it/,
  );
});

test('--probe skips bindings with drift', async () => {
  await using fixture = await openKubeFixture({ applied: false });
  const { probe } = await fixture.drift(5, {}, '--probe', '10');
  assert.deepEqual([probe?.grants, probe?.nonGrants], [0, 0]);
});

for (const [what, forbid] of [
  ['no permission for access reviews', true],
  ['access reviews that fail with 503', false],
] as const) {
  test(`${what}: exit 3, and drift is still reported`, async () => {
    await using fixture = await openKubeFixture();
    if (forbid) {
      const rules = [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['namespaces'] },
        { verbs: ['get', 'list'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'] },
      ];
      fixture.kube.put([{ kind: 'ClusterRole', metadata: { name: 'athenz-gitops-reader' }, rules }]);
    } else fixture.kube.intercept(({ method }) => (method === 'POST' ? serverError(503) : undefined));
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    const result = await fixture.drift(3, {}, '--probe', '5');
    assert.equal(result.bindings.length, 1);
    assert.deepEqual([result.probe?.grants, result.probe?.nonGrants, result.probe?.disagreements], [0, 0, []]);
    assert.deepEqual(
      result.unread.map(({ cluster, namespace, problem }) => [cluster, namespace, problem.code]),
      [['prod', undefined, forbid ? 'CLUSTER_FORBIDDEN' : 'CLUSTER_UNAVAILABLE']],
    );
  });
}

for (const [args, expected] of [
  [['--json', '--markdown'], /^error: USAGE: --json and --markdown cannot be used together/],
  [['--probe', '-1'], /probe/],
  [['--probe', 'many'], /probe/],
  [['--probe', '1.5'], /probe/],
] as const) {
  test(`rejects drift ${args.join(' ')}, exit 2, without requests`, async () => {
    await using fixture = await openKubeFixture({ applied: false, rendered: false });
    const { err, out } = await fixture.expect(2, ['drift', ...args]);
    assert.match(err, expected);
    assert.deepEqual([out, fixture.kube.requests.length], ['', 0]);
  });
}

test('--context and --kubeconfig are rejected with several clusters', async () => {
  await using fixture = await openKubeFixture({ applied: false, rendered: false });
  const dev = '  - {name: dev, domain: "acme.dev.{namespace}", namespaces: {files: [clusters/prod/*.yaml]}}\n';
  await fixture.editConfig((text) => text.replace('clusters:\n', `clusters:\n${dev}`));
  for (const args of [
    ['--context', 'reader'],
    ['--kubeconfig', fixture.kubeconfig],
  ]) {
    const { err } = await fixture.expect(2, ['drift', ...args]);
    assert.match(err, /^error: USAGE: --context and --kubeconfig apply to one cluster, but there are several/);
  }
  const { err } = await fixture.expect(2, ['drift']);
  assert.match(err, /^error: CLUSTER_CONFIG: connecting to cluster dev: its kube settings are missing/);
});
