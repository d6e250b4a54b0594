import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { readFiles } from '../support/generated.ts';
import { serverError } from '../support/kube/fault.ts';
import type { Texts } from '../support/kube/object.ts';
import { openKubeStandIn } from '../support/kube/stand-in.ts';
import { type KubeFixture, openKubeFixture, sampleNamespaces } from '../support/kube-fixture.ts';
import { fingerprint, refsBesideUnread } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';
import { sampleOf, shareOf } from '../support/tier.ts';

/** Takes the sample's namespaces from the cluster, by a label; none are committed. */
async function openLive(more: Parameters<typeof openKubeFixture>[0] = {}): Promise<KubeFixture> {
  const live = 'namespaces: {cluster: true, selector: "athenz=on", exclude: [tools-*]}';
  const fixture = await openKubeFixture({
    rendered: false,
    uncommitted: true,
    applied: false,
    ...more,
    config: (text) => text.replace(/namespaces:\n {6}files: .*\n/, `${live}\n`).replace(/limits:\n.*\n/, ''),
  });
  label(fixture, ...sampleNamespaces);
  await fixture.commit({ 'clusters/prod/namespaces.yaml': null }, 'Config');
  return fixture;
}

function label({ kube }: KubeFixture, ...names: readonly string[]): void {
  const labels: Texts = { athenz: 'on' };
  kube.put(names.map((name) => ({ kind: 'Namespace', metadata: { name, labels } })));
}

/** With all of the sample's namespaces rendered and committed. */
async function openRendered(more: Parameters<typeof openKubeFixture>[0] = {}): Promise<KubeFixture> {
  const fixture = await openLive(more);
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Access');
  return fixture;
}

async function resultOf(fixture: KubeFixture, code: number, ...args: readonly string[]): Promise<RunResult> {
  return JSON.parse((await fixture.expect(code, [...args, '--json'])).out) as RunResult;
}

test('excluded, terminating and unlabelled namespaces are left out', async () => {
  await using fixture = await openLive();
  label(fixture, 'tools-ci', 'kube-system', 'going');
  fixture.kube.terminate('going');
  fixture.kube.put([{ kind: 'Namespace', metadata: { name: 'unlabelled' } }]);
  const names = sampleNamespaces.map((name) => `output/prod/${name}/rbac.yaml`);
  const { plan } = await resultOf(fixture, 0, 'plan');
  assert.deepEqual(
    plan.files.map(({ path }) => path),
    names,
  );
  await fixture.expect(0, ['sync', '--quiet']);
  assert.deepEqual(fixture.git('ls-tree', '-r', '--name-only', 'athenz-gitops/main/prod', 'output').split('\n'), names);
  await fixture.expect(0, ['render', '--quiet']);
  assert.deepEqual([...(await readFiles(fixture.dir, 'output')).keys()], names);
  assert.ok(fixture.kube.requests.every(({ method }) => method === 'GET'));
});

test('a deleted or terminating namespace is removed from git', async () => {
  await using fixture = await openRendered();
  fixture.kube.remove('Namespace', undefined, 'search');
  fixture.kube.terminate('reports');
  const { plan } = await resultOf(fixture, 0, 'plan');
  assert.deepEqual(
    plan.files.map(({ action, namespace }) => `${action} ${namespace}`),
    ['remove reports', 'remove search'],
  );
});

/** Failures that leave the list incomplete or of another cluster, and the problem reported. */
const failures: readonly (readonly [string, (fixture: KubeFixture) => unknown, RegExp])[] = [
  ['an unreachable API server', ({ kube }) => kube.stop(), /CLUSTER_UNREACHABLE.*ECONNREFUSED/],
  [
    'a truncated list',
    ({ kube }) => kube.intercept(({ path }) => (path === '/api/v1/namespaces' ? { kind: 'cut' } : undefined)),
    /CLUSTER_UNREACHABLE/,
  ],
  [
    'a 503 from the API server',
    ({ kube }) => kube.intercept(() => serverError(503)),
    /CLUSTER_UNAVAILABLE.*: 503: the server is currently unable/,
  ],
  [
    'no permission',
    ({ editConfig }) => editConfig((text) => text.replace('context: reader', 'context: nobody')),
    /CLUSTER_FORBIDDEN.*403: namespaces is forbidden: User "nobody" cannot list/,
  ],
  ['expired credentials', ({ kube }) => kube.revoke('reader'), /CLUSTER_UNAUTHENTICATED.*401: Unauthorized/],
  [
    'a selector that matches nothing',
    ({ editConfig }) => editConfig((text) => text.replace('athenz=on', 'athenz=off')),
    /INVENTORY_NO_MATCH.*it has none with these labels/,
  ],
  [
    'a cluster with another uid',
    ({ editConfig, kube }) => {
      kube.remove('Namespace', undefined, 'search');
      return editConfig((text) =>
        text.replace('context: reader', 'context: reader, uid: 6d3c1c62-9b6e-4a2f-8c63-0f6a4e1d2b3c'),
      );
    },
    /CLUSTER_CHANGED.*clusters\[\]\.kube\.uid is 6d3c1c62/,
  ],
  [
    'a cluster whose uid cannot be read',
    ({ kube }) => {
      kube.remove('Namespace', undefined, 'search');
      const rules = [{ verbs: ['list'], apiGroups: [''], resources: ['namespaces'] }];
      kube.put([{ kind: 'ClusterRole', metadata: { name: 'athenz-gitops-reader' }, rules }]);
    },
    /CLUSTER_FORBIDDEN.*reading the kube-system UID of cluster \w+: 403/,
  ],
];

/** No list, part of one, an empty one and another one's; tests of the client have what else a server answers. */
const sampled = ['no permission', 'a truncated list', 'a selector that matches nothing', 'a cluster with another uid'];
for (const [at, [what, breakIt, expected]] of sampleOf(failures, sampled).entries()) {
  test(`${what}: nothing is removed, exit 3 with the reason`, async () => {
    await using fixture = await openRendered();
    await breakIt(fixture);
    await fixture.commit({}, 'Config');
    const before = [await fingerprint(`${fixture.dir}/output`), refsBesideUnread(fixture.dir)];
    for (const command of shareOf(['plan', 'sync', 'render'], at, 3)) {
      const { plan } = await resultOf(fixture, 3, command);
      assert.deepEqual([plan.files, plan.changes], [[], []]);
      assert.ok(plan.kept.length > 0 && plan.kept.every(({ cluster }) => cluster === 'prod'));
      const { problem } = plan.kept[0] ?? assert.fail();
      assert.match(`${problem.code} ${problem.message}`, expected);
    }
    assert.deepEqual([await fingerprint(`${fixture.dir}/output`), refsBesideUnread(fixture.dir)], before);
    assert.match(
      (await fixture.expect(3, ['plan'])).out.replaceAll('\n', ' '),
      new RegExp(expected.source.split('.*')[0] ?? ''),
    );
  });
}

test('nothing is removed when the context leads to another cluster than last time', async () => {
  await using fixture = await openRendered({ cached: true });
  await using other = await openKubeStandIn();
  other.put([{ kind: 'Namespace', metadata: { name: 'search', labels: { athenz: 'on' } } }]);
  await other.writeKubeconfig(dirname(fixture.kubeconfig));
  const { plan } = await resultOf(fixture, 3, 'plan');
  assert.deepEqual(plan.files, []);
  assert.equal(plan.kept[0]?.problem.code, 'CLUSTER_CHANGED');
  assert.match(plan.kept[0]?.problem.message ?? '', /the last run's had /);
});

test('a context missing from the kubeconfig exits 2', async () => {
  await using fixture = await openRendered();
  await fixture.editConfig((text) => text.replace('context: reader', 'context: gone'));
  for (const args of [['plan'], ['render'], ['sync']]) {
    const { err } = await fixture.expect(2, args);
    assert.match(err, /error: CLUSTER_CONFIG: connecting to cluster prod: there is no context "gone"/);
  }
});

test('drift checks the namespaces that come from the cluster', async () => {
  await using fixture = await openRendered();
  fixture.apply();
  assert.deepEqual((await fixture.drift(0)).clusters[0]?.inSync, 18);
});

test('provision uses the namespaces of the cluster, but not their annotations', async () => {
  await using fixture = await openLive();
  const annotations = { 'acme.io/admins': 'user.mallory', 'acme.io/org': 'mallory' };
  fixture.kube.put([{ kind: 'Namespace', metadata: { name: 'labs', labels: { athenz: 'on' }, annotations } }]);
  const annotationKeys = 'annotations: {adminUsers: acme.io/admins, org: acme.io/org}';
  await fixture.editConfig(
    (text) => `${text}\nprovision: {adminUsers: [user.lena, acme.platform.gitops], ${annotationKeys}}\n`,
  );
  const { out } = await fixture.expect(0, ['provision', '--json']);
  const { plan } = JSON.parse(out);
  const labs = plan.domains.find((it: { readonly domain: string }) => it.domain === 'acme.eks.labs');
  assert.equal(labs.steps[0].kind, 'create-domain');
  assert.deepEqual(labs.steps[0].settings.adminUsers, ['acme.platform.gitops', 'user.lena']);
  assert.doesNotMatch(out, /mallory/);
});

test('provision --offline sends no cluster request and reports unknown namespaces', async () => {
  await using fixture = await openLive();
  await fixture.editConfig((text) => `${text}\nprovision: {adminUsers: [user.lena, acme.platform.gitops]}\n`);
  const { out } = await fixture.expect(3, ['provision', '--offline']);
  assert.match(out, /INVENTORY_UNREADABLE.*they are read from the cluster, which --offline does not contact/);
  assert.deepEqual(fixture.kube.requests, []);
});

test('drift --context applies to the namespace list too', async () => {
  await using fixture = await openRendered();
  fixture.apply();
  await fixture.editConfig((text) => text.replace('context: reader', 'context: nobody'));
  await fixture.commit({}, 'A context that may read nothing');
  const { unread, bindings } = await fixture.drift(0, {}, '--context', 'reader');
  assert.deepEqual([unread, bindings], [[], []]);
  assert.ok(fixture.kube.requests.every(({ user }) => user === 'reader'));
});
