import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { zmsError } from '../support/faults.ts';
import { makeFolder } from '../support/folder.ts';
import { type Fault, serverError } from '../support/kube/fault.ts';
import { bindingOf, namespacesOf } from '../support/kube/fixture.ts';
import { openKubeStandIn } from '../support/kube/stand-in.ts';
import {
  editAdmins,
  type KubeFixture,
  later,
  openKubeFixture,
  sampleNamespaces,
  searchAdmins,
  statesOf,
} from '../support/kube-fixture.ts';
import { sampleOf } from '../support/tier.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';

function breakAt({ kube }: KubeFixture, path: string, fault: Fault): void {
  kube.intercept((request) => (request.path === path ? fault : undefined));
}

/** Failures to read the only cluster, and the error. */
const failures: readonly (readonly [string, (fixture: KubeFixture) => void | Promise<void>, RegExp])[] = [
  ['an unreachable API server', ({ kube }) => kube.stop(), /^error: CLUSTER_UNREACHABLE: .*ECONNREFUSED/],
  [
    'a truncated second list',
    (fixture) => breakAt(fixture, `${rbac}/roles`, { kind: 'cut' }),
    /^error: CLUSTER_UNREACHABLE: .*\/roles: .*\(after 5 tries\)/,
  ],
  [
    'a lasting 503',
    (fixture) => breakAt(fixture, `${rbac}/rolebindings`, serverError(503)),
    /^error: CLUSTER_UNAVAILABLE: listing the RoleBindings of cluster prod: 503/,
  ],
  [
    'a cluster with another uid',
    (fixture) =>
      fixture.editConfig((text) =>
        text.replace('context: reader', `context: reader, uid: 6d3c1c62-9b6e-4a2f-8c63-0f6a4e1d2b3c`),
      ),
    /^error: CLUSTER_CHANGED: reading cluster prod: the context "reader" points to/,
  ],
  ...(['stranger', 'nobody'] as const).map(
    (user) =>
      [
        `credentials of ${user}`,
        (fixture: KubeFixture) => fixture.editConfig((text) => text.replace('context: reader', `context: ${user}`)),
        user === 'nobody' ? /^error: CLUSTER_FORBIDDEN: .*403/ : /^error: CLUSTER_UNAUTHENTICATED: .*401: Unauthorized/,
      ] as const,
  ),
];

/** No answer, part of one, and another cluster's; tests of the client have what else a server answers. */
const sampled = ['a truncated second list', 'a cluster with another uid', 'credentials of nobody'];
for (const [what, breakIt, expected] of sampleOf(failures, sampled)) {
  test(`${what}: exit 1, and no binding is reported`, async () => {
    await using fixture = await openKubeFixture({ applied: false });
    await breakIt(fixture);
    const { out, err } = await fixture.expect(1, ['drift']);
    assert.equal(out, '');
    assert.match(err.replace(/^(?!error).*\n/gm, ''), expected);
  });
}

test('an unknown context exits 2 before any Athenz request', async () => {
  await using fixture = await openKubeFixture();
  const before = fixture.sandbox.requests.length;
  const { err } = await fixture.expect(2, ['drift', '--context', 'raeder']);
  assert.match(err, /^error: CLUSTER_CONFIG: .*there is no context "raeder" \(did you mean "reader"\?\)/);
  assert.equal(fixture.sandbox.requests.length, before);
});

test('a 403 on one namespace is reported, and exit 3 takes precedence over 5', async () => {
  await using fixture = await openKubeFixture();
  const others = sampleNamespaces.filter((name) => name !== 'search');
  fixture.kube.addUser('part', { namespaces: others });
  const kubeconfig = await fixture.kube.writeKubeconfig(`${fixture.dir}/..`, { current: 'part', file: 'part' });
  fixture.kube.remove('RoleBinding', 'search', searchAdmins);
  fixture.setRole('acme.eks.search', 'oncall', ['user.zoe']);
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.zoe']);
  const part = ['--kubeconfig', kubeconfig, '--context', 'part'];
  const result = await fixture.drift(3, later, ...part);
  assert.deepEqual(statesOf(result), [
    'checkout/athenz-k8s_ns_admins: waiting-for-merge',
    'search/athenz-oncall: waiting-for-merge',
  ]);
  assert.deepEqual(
    result.unread.map(({ cluster, namespace, problem }) => [cluster, namespace, problem.code]),
    [
      ['prod', undefined, 'CLUSTER_FORBIDDEN'],
      ['prod', 'search', 'CLUSTER_FORBIDDEN'],
    ],
  );
  const { out } = await fixture.expect(3, ['drift', ...part], later);
  assert.match(
    out,
    /unknown: prod\/search: CLUSTER_FORBIDDEN: listing the RoleBindings in search of cluster prod: 403/,
  );
  const { out: markdown } = await fixture.expect(3, ['drift', '--markdown', ...part], later);
  assert.match(markdown, /❔ Unknown .*\n\n.*\n- prod\/search: CLUSTER\\?_FORBIDDEN/);
});

test('one of two clusters down exits 3 with the other in full, both down exits 1', async () => {
  await using fixture = await openKubeFixture({ applied: false });
  await using folder = await makeFolder();
  await using second = await openKubeStandIn();
  second.put(namespacesOf(...sampleNamespaces));
  const file = await second.writeKubeconfig(folder.dir);
  const dev = `  - name: dev\n    domain: acme.dev.{namespace}\n    kube: {kubeconfig: "${file}", context: reader}\n    namespaces: {files: [clusters/prod/*.yaml]}\n`;
  await fixture.editConfig((text) => text.replace('clusters:\n', `clusters:\n${dev}`));
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Access\n\nAthenz-Gitops-Scope: all');
  await fixture.kube.stop();
  const result = await fixture.drift(3, later);
  assert.deepEqual([...new Set(result.bindings.map(({ cluster, states }) => `${cluster} ${states}`))], ['dev missing']);
  assert.deepEqual(
    result.unread.map(({ cluster, namespace, problem }) => [cluster, namespace, problem.code]),
    [['prod', undefined, 'CLUSTER_UNREACHABLE']],
  );
  const { out } = await fixture.expect(3, ['drift'], later);
  assert.match(out, /\nunknown: prod: CLUSTER_UNREACHABLE: /);
  const only = await fixture.drift(5, later, '--cluster', 'dev');
  assert.deepEqual(only.unread, []);
  await second.stop();
  const { err } = await fixture.expect(1, ['drift'], later);
  assert.match(err, /error: CLUSTER_NOTHING_READ: none of 2 clusters could be read\. CLUSTER_UNREACHABLE: /);
});

test('an unreadable domain shows drift between git and cluster only', async () => {
  await using fixture = await openKubeFixture();
  editAdmins(fixture, 'user.dara', 'user.eve');
  fixture.sandbox.intercept(({ path }) => (path.endsWith('/acme.eks.search/signed') ? zmsError(500) : undefined));
  const result = await fixture.drift(3);
  assert.deepEqual(statesOf(result), ['search/athenz-k8s_ns_admins: changed-in-cluster']);
  const [subject] = result.bindings.flatMap(({ subjects }) => subjects);
  assert.deepEqual([subject?.athenz, subject?.git, subject?.live], [null, false, true]);
  assert.deepEqual(new Set(result.unread.map(({ namespace }) => namespace)), new Set(['search']));
  assert.deepEqual([result.clusters[0]?.bindings, result.clusters[0]?.inSync], [15, 15]);
});

test('with an unparsable file in git, the cluster is compared with Athenz', async () => {
  await using fixture = await openKubeFixture();
  await fixture.commit({ 'output/prod/search/rbac.yaml': '# Code generated by athenz-gitops. DO NOT EDIT.\nkind: [' });
  const result = await fixture.drift(3);
  assert.deepEqual(result.bindings, []);
  assert.deepEqual(
    result.unread.map(({ namespace, problem }) => [namespace, problem.code]),
    [['search', 'OUTPUT_UNPARSABLE']],
  );
  editAdmins(fixture, 'user.eve');
  assert.deepEqual(statesOf(await fixture.drift(3)), ['search/athenz-k8s_ns_admins: changed-in-cluster']);
});

test('an incomplete namespace list reports nothing as orphaned', async () => {
  await using fixture = await openKubeFixture();
  const labels = { 'app.kubernetes.io/managed-by': 'athenz-gitops' };
  const metadata = { name: 'ours', namespace: 'missed', labels };
  fixture.kube.put([...namespacesOf('missed'), { ...bindingOf('missed', 'ours', 'user.eve'), metadata }]);
  assert.deepEqual(statesOf(await fixture.drift(5, later)), ['missed/ours: orphan']);
  await fixture.commit({ 'clusters/prod/namespaces.yaml': '[checkout]\n', 'clusters/prod/broken.yaml': 'kind: [' });
  const result = await fixture.drift(3, later);
  assert.deepEqual(statesOf(result), []);
  assert.deepEqual(
    result.unread.map(({ problem }) => problem.code),
    ['INVENTORY_UNREADABLE'],
  );
});

test('refuses another cluster than last time until its record is removed', async () => {
  await using fixture = await openKubeFixture({ cached: true });
  await fixture.drift(0);
  await using other = await openKubeStandIn();
  await other.writeKubeconfig(dirname(fixture.kubeconfig));
  const { err, out } = await fixture.expect(1, ['drift']);
  assert.match(
    err,
    new RegExp(`error: CLUSTER_CHANGED: .* has the uid ${other.uid}; the last run's had ${fixture.kube.uid}`),
  );
  assert.equal(out, '');
  assert.deepEqual(
    other.requests.map(({ path }) => path),
    ['/api/v1/namespaces/kube-system'],
  );
  const [, file = ''] = /remove (\S+\.json)/.exec(err) ?? [];
  await rm(file);
  await fixture.drift(5, later);
});

test('warns when the cluster record cannot be written', async () => {
  await using fixture = await openKubeFixture({ cached: true });
  const [, cache = ''] = /^ {2}cache: (\S+)/m.exec(await readFile(fixture.paths.config, 'utf8')) ?? [];
  await mkdir(join(fixture.dir, cache), { recursive: true });
  await writeFile(join(fixture.dir, cache, 'clusters'), 'in the way');
  const { err } = await fixture.expect(0, ['drift']);
  assert.match(err, /saving the identity of cluster prod: E/);
});
