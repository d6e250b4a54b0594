import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { excludedBy } from '../../src/doctor/argo-exclusions.ts';
import { assertFinding, diagnose } from '../support/diagnosis.ts';
import { type KubeFixture, openKubeFixture } from '../support/kube-fixture.ts';

/** As the manifests of Argo CD have it since 3.0. */
const byDefault = `- apiGroups:
  - ''
  - discovery.k8s.io
  kinds:
  - Endpoints
  - EndpointSlice
- apiGroups:
  - coordination.k8s.io
  kinds:
  - Lease
`;
const own = 'https://10.0.0.1:6443';
const slices = { group: 'discovery.k8s.io', kind: 'EndpointSlice', servers: [own] };
const only = (entry: object) => JSON.stringify([entry]);

for (const [what, data, expected] of [
  ['the default', { 'resource.exclusions': byDefault }, 'resource.exclusions'],
  ['an empty setting', { 'resource.exclusions': '' }, undefined],
  ['no setting', {}, undefined],
  ['Endpoints alone', { 'resource.exclusions': only({ apiGroups: [''], kinds: ['Endpoints'] }) }, undefined],
  ['a pattern', { 'resource.exclusions': only({ apiGroups: ['*'], kinds: ['Endpoint*'] }) }, 'resource.exclusions'],
  [
    'every kind of a group',
    { 'resource.exclusions': only({ apiGroups: ['discovery.k8s.io'] }) },
    'resource.exclusions',
  ],
  ['another cluster', { 'resource.exclusions': only({ kinds: ['*'], clusters: ['https://10.0.0.2*'] }) }, undefined],
  ['this cluster', { 'resource.exclusions': only({ kinds: ['*'], clusters: ['*'] }) }, 'resource.exclusions'],
  ['inclusions of others', { 'resource.inclusions': only({ apiGroups: [''], kinds: ['*'] }) }, 'resource.inclusions'],
  ['inclusions of it', { 'resource.inclusions': only({ apiGroups: ['*'], kinds: ['*'] }) }, undefined],
  ['a setting that is no YAML', { 'resource.exclusions': '[' }, undefined],
] as const) {
  test(`Argo CD applies EndpointSlices or not, by ${what}`, () => {
    assert.equal(excludedBy(data, slices), expected);
  });
}

let fixture: KubeFixture;
before(async () => {
  fixture = await openKubeFixture();
  const rule = '{source: {name: eu1, files: ["dump/*.yaml"]}, destination: {cluster: prod, verify: false}}';
  const text = fixture.git('show', 'HEAD:athenz-gitops.yaml').replace('context: reader', 'context: admin');
  await fixture.editConfig(() => `${text}\nmirrors: {services: [${rule}]}\n`);
});
after(() => fixture[Symbol.asyncDispose]());

const argo = (data: object) => [
  { kind: 'Namespace', metadata: { name: 'argocd' } },
  { kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd' }, data },
];

test('S20: doctor does not know it without Argo CD', async () => {
  const { findings } = await diagnose(fixture);
  const own = findings.filter(({ check }) => check === 'mirrors');
  assert.deepEqual(
    own.map(({ status, message }) => `${status} ${message}`),
    [
      'ok mirrors.services[0]: addresses of Pods go into git; modes mcs, cilium and linkerd keep them out',
      'ok not checked: whether Argo CD applies EndpointSlices; no cluster with kube has argocd/argocd-cm',
    ],
  );
});

test('S20: doctor finds that Argo CD leaves them out', async () => {
  fixture.kube.put(argo({ 'resource.exclusions': byDefault }));
  assertFinding(await diagnose(fixture), {
    check: 'mirrors',
    status: 'error',
    says: /^MIRROR_ARGOCD_EXCLUDED: resource\.exclusions in argocd-cm of prod leaves out discovery\.k8s\.io\/EndpointSlice/,
    fix: /keep Endpoints.*or let Flux apply the folder$/,
  });
});

test('S20: doctor finds that Argo CD leaves them out of some clusters, one of them its own', async () => {
  const clusters = ['https://kubernetes.default.svc'];
  fixture.kube.put(argo({ 'resource.exclusions': only({ kinds: ['EndpointSlice'], clusters }) }));
  assertFinding(await diagnose(fixture), { check: 'mirrors', status: 'error', says: /^MIRROR_ARGOCD_EXCLUDED/ });
  fixture.kube.put(argo({ 'resource.exclusions': only({ kinds: ['EndpointSlice'], clusters: ['https://other*'] }) }));
  assertFinding(await diagnose(fixture), { check: 'mirrors', status: 'ok', says: /does not leave out/ });
});

test('S20: doctor is content once it does not', async () => {
  fixture.kube.put(argo({ 'resource.exclusions': '' }));
  const says = /^argocd-cm of prod does not leave out EndpointSlices$/;
  assertFinding(await diagnose(fixture), { check: 'mirrors', status: 'ok', says });
});
