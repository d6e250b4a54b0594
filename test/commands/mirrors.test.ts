import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { merge } from '../support/fixture.ts';
import { type Fault, serverError } from '../support/kube/fault.ts';
import type { KubeRequest } from '../support/kube/server.ts';
import { interruption, json } from '../support/kube/status.ts';
import { addresses, service, slice } from '../support/mirrors.ts';
import { type MirrorsFixture, mergeMirrors, mirrorsBranch, openMirrors, put } from '../support/mirrors-fixture.ts';
import { gitEnv, gitIn } from '../support/repository.ts';

const rule = '{source: {cluster: eu1, namespaces: [search]}, destination: {cluster: prod}}';
const mirrors = `{services: [${rule}]}`;
const inSearch = { namespace: 'search' };
const web = 'mirrors/prod/search/service.web.yaml';
const webSlice = 'mirrors/prod/search/endpointslice.web-eu1-ipv4-0.yaml';

function changed({ dir }: Pick<MirrorsFixture, 'dir'>): readonly string[] {
  return gitIn(dir, 'diff', '--name-only', `main...${mirrorsBranch}`).split('\n').filter(Boolean);
}

describe('mirrors', () => {
  test('are planned, proposed, merged, follow their endpoints, and go with their label', async () => {
    await using fixture = await openMirrors(mirrors);
    const { dir, eu1 } = fixture;
    const planned = await fixture.expect(5, ['plan', '--exit-code']);
    assert.match(
      planned.out,
      /^mirrors prod {2}1 service to add \(0 services now, 1 after\)\n\n {2}service\/web\n {4}\+ search {2}eu1 search\/web {2}ClusterIP http 80\/TCP, 2 addresses$/m,
    );
    await fixture.expect(0, ['sync']);
    await fixture.expect(0, ['guard', '--base', 'main', '--head', mirrorsBranch, '--head-ref', mirrorsBranch]);
    merge(dir, mirrorsBranch);
    assert.match(await readFile(join(dir, webSlice), 'utf8'), /"10\.0\.0\.2"[\s\S]*port: 8080/);
    assert.match((await fixture.expect(0, ['plan'])).out, /^No changes\. Git matches Athenz\.$/m);

    eu1.put([put(slice('web', [...addresses(1), '10.0.0.9'], inSearch))]);
    const moved = await fixture.expect(0, ['sync']);
    assert.match(moved.out, /~ search {2}eu1 search\/web {2}addresses \+1 −1, 2 in all$/m);
    const body = gitIn(dir, 'notes', `--ref=refs/notes/${mirrorsBranch}`, 'show', mirrorsBranch);
    assert.match(body, /^\| ✎ \| `service\/web` \| .*eu1 search.* \| search \| addresses \+1 −1, 2 in all \|$/m);
    assert.doesNotMatch(moved.out + body, /10\.0\.0/);
    assert.deepEqual(changed(fixture), [webSlice]);
    merge(dir, mirrorsBranch);

    eu1.put([put(service('web', {}, { ...inSearch, labels: { sync: 'false' } }))]);
    const removed = await fixture.expect(0, ['sync']);
    assert.match(removed.out, /- search {2}eu1 search\/web {2}deleted, or no longer selected by its labels$/m);
    assert.deepEqual(changed(fixture), [webSlice, web]);
    merge(dir, mirrorsBranch);
    assert.equal(
      gitIn(dir, 'ls-tree', '-r', '--name-only', 'main', 'mirrors').trim(),
      'mirrors/prod/athenz-gitops-mirrors.yaml',
    );
  });

  test('an error in them does not hold up a revocation', async () => {
    await using fixture = await openMirrors(`{services: [${rule}, ${rule}]}`);
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli']);
    const { out } = await fixture.expect(4, ['sync']);
    assert.match(out, /held: mirrors\.services\[0\] .* and mirrors\.services\[1\] .* \(MIRROR_CONFLICT\)$/m);
    assert.match(gitIn(fixture.dir, 'show', 'athenz-gitops/main/prod:output/prod/search/rbac.yaml'), /user\.eli/);
  });

  test('a config that names an unknown cluster is refused', async () => {
    await using fixture = await openMirrors(mirrors.replace('cluster: prod', 'cluster: prd'));
    assert.match(
      (await fixture.expect(2, ['plan'])).err,
      /CONFIG_INVALID: mirrors\.services\[0\] names prd, which is no cluster/,
    );
  });
});

describe('mirrors, once they are merged', () => {
  let fixture: MirrorsFixture;
  before(async () => {
    fixture = await openMirrors(mirrors);
    await mergeMirrors(fixture);
    // Everything about it is another one: what cannot be read must not be taken for that.
    fixture.eu1.remove('Service', 'search', 'web');
    fixture.eu1.put([put(service('web', { ports: [{ name: 'http', port: 81 }] }, inSearch))]);
    fixture.eu1.remove('EndpointSlice', 'search', 'web-x1');
  });
  after(() => fixture[Symbol.asyncDispose]());

  const gone: Fault = { kind: 'answer', answer: interruption(410, 'Expired') };
  const firstPage = (kind: string): Fault => {
    const body = { kind: `${kind}List`, apiVersion: 'v1', metadata: { continue: 'next' }, items: [] };
    return { kind: 'answer', answer: json(200, body) };
  };
  const faults: readonly (readonly [string, string, (request: KubeRequest, kind: string) => Fault])[] = [
    ['503', 'CLUSTER_UNAVAILABLE', () => serverError(503)],
    ['403', 'CLUSTER_FORBIDDEN', () => ({ kind: 'answer', answer: interruption(403, 'Forbidden') })],
    ['410 half-way', 'CLUSTER_UNAVAILABLE', ({ query }, kind) => (query.has('continue') ? gone : firstPage(kind))],
    ['a body that is cut off', 'CLUSTER_UNREACHABLE', () => ({ kind: 'cut' })],
  ];
  for (const [kind, path] of [
    ['Service', 'services'],
    ['EndpointSlice', 'endpointslices'],
  ] as const) {
    for (const [what, code, fault] of faults) {
      test(`stay as they are while ${kind}s cannot be listed: ${what}`, async () => {
        fixture.eu1.intercept((request) => (request.path.endsWith(`/${path}`) ? fault(request, kind) : undefined));
        try {
          const { out } = await fixture.expect(3, ['plan']);
          assert.match(out, new RegExp(`unchanged \\(read failed\\): .*\\(${code}`));
          assert.doesNotMatch(out, /^ +[-~+] /m);
        } finally {
          fixture.eu1.intercept(undefined);
        }
      });
    }
  }

  test('are the same where --cluster leaves out their source', async () => {
    const { out } = await fixture.expect(0, ['plan', '--cluster', 'prod']);
    assert.match(out, /~ search {2}eu1 search\/web {2}ClusterIP http 80\/TCP → ClusterIP http 81\/TCP/);
    assert.doesNotMatch((await fixture.expect(0, ['plan', '--cluster', 'eu1'])).out, /mirrors/);
  });

  test('are not read from whatever cluster is the current one', async () => {
    let before = '';
    await fixture.editConfig((text) => {
      before = text;
      return text.replace(/^ {4}kube: .*\n/m, '');
    });
    const env = { ...gitEnv, KUBECONFIG: fixture.kubeconfig };
    const { out } = await fixture.expect(3, ['plan'], { env });
    await fixture.editConfig(() => before);
    assert.match(out, /\(CLUSTER_CONFIG: reading cluster eu1: the config does not say how/);
  });

  test('stay as they are while the cluster does not answer at all', async () => {
    await fixture.eu1.stop();
    try {
      const { out } = await fixture.expect(3, ['sync']);
      assert.match(out, /unchanged \(read failed\): Services of eu1\/search \(CLUSTER_UNREACHABLE/);
    } finally {
      await fixture.eu1.start();
    }
  });

  test('have the Endpoints of a cluster without EndpointSlices', async () => {
    const subsets = [{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.8' }], ports: [{ name: 'http', port: 8080 }] }];
    const metadata = { name: 'web', namespace: 'search' };
    fixture.eu1.put([{ kind: 'Endpoints', metadata, subsets }]);
    const groups: Fault = { kind: 'answer', answer: json(200, { kind: 'APIGroupList', groups: [] }) };
    fixture.eu1.intercept(({ path }) => (path === '/apis' ? groups : undefined));
    const { out } = await fixture.expect(0, ['plan']);
    fixture.eu1.intercept(undefined);
    assert.match(out, /~ search .*; addresses \+1 −1, 2 in all$/m);
  });

  test('leave a Service of others in the destination alone', async () => {
    const api = [service('api', {}, inSearch), slice('api', ['10.0.1.1'], inSearch)];
    fixture.eu1.put(api.map(put));
    fixture.kube.put([put(service('api', {}, { ...inSearch, labels: {} }))]);
    const { out } = await fixture.expect(4, ['plan']);
    assert.match(out, /held: .*: prod has a Service search\/api of others; rename one; .* \(MIRROR_FOREIGN\)$/m);
    assert.match(
      out,
      /~ search {2}eu1 search\/web {2}ClusterIP http 80\/TCP → ClusterIP http 81\/TCP; addresses −2, 0 in all$/m,
    );
    fixture.kube.remove('Service', 'search', 'api');
    assert.match((await fixture.expect(0, ['plan'])).out, / {2}service\/api\n {4}\+ search/);
  });
});

describe('addresses on a branch of their own', () => {
  const own = `{services: [${rule}], addresses: {branch: mirror-addresses}}`;
  const branch = 'mirror-addresses';
  const marker = 'mirrors/prod/athenz-gitops-mirror-addresses.yaml';
  const filesOn = ({ dir }: MirrorsFixture, ref: string) =>
    gitIn(dir, 'ls-tree', '-r', '--name-only', ref, 'mirrors').split('\n').filter(Boolean);
  const tipOf = ({ dir }: MirrorsFixture) => gitIn(dir, 'rev-parse', branch);

  test('follow the endpoints of merged Services, without a proposal', async () => {
    await using fixture = await openMirrors(own);
    const { dir, eu1 } = fixture;
    const first = await fixture.expect(0, ['sync']);
    assert.match(first.out, /^Committed to branch mirror-addresses: /m);
    assert.deepEqual(changed(fixture), ['mirrors/prod/athenz-gitops-mirrors.yaml', web]);
    assert.deepEqual(filesOn(fixture, branch), [marker], 'the Service is not merged yet');

    merge(dir, mirrorsBranch);
    await fixture.expect(0, ['sync']);
    assert.deepEqual(filesOn(fixture, branch), [marker, webSlice]);
    await fixture.expect(0, ['plan', '--exit-code']);
    const settled = tipOf(fixture);
    await fixture.expect(0, ['sync']);
    assert.equal(tipOf(fixture), settled);

    eu1.put([put(slice('web', [...addresses(1), '10.0.0.9'], inSearch))]);
    assert.match(
      (await fixture.expect(5, ['plan', '--exit-code'])).out,
      /~ search {2}eu1 search\/web {2}addresses \+1 −1/,
    );
    await fixture.expect(0, ['sync']);
    assert.equal(gitIn(dir, 'diff', '--name-only', settled, branch), webSlice);
    assert.match(
      gitIn(dir, 'log', '-1', '--format=%B', branch),
      /^~ service\/web, search: .*addresses \+1 −1, 2 in all$/m,
    );
    assert.throws(() => gitIn(dir, 'rev-parse', '--verify', '--quiet', mirrorsBranch), 'nothing is proposed');
    await fixture.expect(0, ['render', '--check']);
  });

  test('wait while something is proposed of their Service, and go when that is merged', async () => {
    await using fixture = await openMirrors(own);
    const { dir, eu1 } = fixture;
    await mergeMirrors(fixture);
    await fixture.expect(0, ['sync']);
    const settled = tipOf(fixture);
    eu1.put([
      put(service('web', { ports: [{ name: 'http', port: 81, targetPort: 8081 }] }, inSearch)),
      put(slice('web', addresses(3), { ...inSearch, ports: [{ name: 'http', port: 8081 }] })),
    ]);
    await fixture.expect(0, ['sync']);
    assert.deepEqual([changed(fixture), tipOf(fixture)], [[web], settled]);
    merge(dir, mirrorsBranch);
    await fixture.expect(0, ['sync']);
    assert.match(gitIn(dir, 'show', `${branch}:${webSlice}`), /port: 8081/);

    const before = tipOf(fixture);
    eu1.intercept(({ path }) => (path.endsWith('/services') ? serverError(503) : undefined));
    await fixture.expect(3, ['sync']);
    eu1.intercept(undefined);
    assert.equal(tipOf(fixture), before);

    eu1.put([put(service('web', {}, { ...inSearch, labels: { sync: 'false' } }))]);
    await fixture.expect(0, ['sync']);
    assert.deepEqual([changed(fixture), tipOf(fixture)], [[web], before]);
    merge(dir, mirrorsBranch);
    await fixture.expect(0, ['sync']);
    assert.deepEqual(filesOn(fixture, branch), [marker]);
  });

  test('leave the base once their Service has some on the branch, or is gone', async () => {
    await using fixture = await openMirrors(mirrors);
    const { dir, eu1 } = fixture;
    const search = 'mirrors/prod/search';
    eu1.put([
      put(slice('web', addresses(120), inSearch)),
      put(service('gone', {}, inSearch)),
      put(slice('gone', addresses(1), inSearch)),
    ]);
    await mergeMirrors(fixture);
    const markerOfBase = 'mirrors/prod/athenz-gitops-mirrors.yaml';
    const ours = filesOn(fixture, 'main').filter((path) => path.includes('slice'));
    assert.equal(ours.length, 3);
    const kept = own.replace(/}$/, ', keep: ["mirrors/**/kustomization.yaml"]}');
    await fixture.editConfig((text) => text.replace(mirrors, kept));
    const byHand = `${search}/endpointslice.by-hand.yaml`;
    const kustomization = 'mirrors/prod/kustomization.yaml';
    const resources = ['athenz-gitops-mirrors.yaml', 'search/service.web.yaml', 'search/service.gone.yaml'];
    await fixture.commit(
      { [kustomization]: JSON.stringify({ resources }), [byHand]: 'kind: EndpointSlice' },
      'Addresses',
    );
    eu1.remove('Service', 'search', 'gone');
    eu1.put([put(slice('web', addresses(1), inSearch))]);
    const first = await fixture.expect(4, ['sync']);
    assert.match(first.out, /endpointslice\.by-hand\.yaml was not written by athenz-gitops/);
    assert.deepEqual(filesOn(fixture, branch), [marker, webSlice]);
    assert.deepEqual(changed(fixture), [`${search}/service.gone.yaml`]);
    merge(dir, mirrorsBranch);
    await fixture.expect(4, ['sync']);
    assert.deepEqual(changed(fixture), ours);
    merge(dir, mirrorsBranch);
    assert.deepEqual(filesOn(fixture, 'main'), [markerOfBase, kustomization, byHand, web]);
    await fixture.commit(
      { [kustomization]: JSON.stringify({ resources: [...resources.slice(0, 2), webSlice.slice(13)] }) },
      'Resources',
    );
    const { out } = await fixture.expect(4, ['plan']);
    assert.match(out, /kustomization\.yaml names mirrors\/prod\/search\/endpointslice\.web.*, which will not exist/);
    assert.doesNotMatch(out, /does not name/);
  });

  test('are beside nothing of the base, as controllers would apply that too', async () => {
    await using fixture = await openMirrors(own);
    const { dir } = fixture;
    await mergeMirrors(fixture);
    gitIn(dir, 'branch', '--force', branch, 'main');
    for (const command of ['plan', 'sync']) {
      const { out } = await fixture.expect(4, [command]);
      assert.match(out, /service\.web\.yaml does not belong on the branch mirror-addresses/);
    }
    assert.deepEqual(filesOn(fixture, branch), [marker, 'mirrors/prod/athenz-gitops-mirrors.yaml', webSlice, web]);
  });
});
