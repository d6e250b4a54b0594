import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { copiesSchema } from '../../../src/generators/copies/config.ts';
import { strip } from '../../../src/generators/copies/strip.ts';
import { objectsIn } from '../../../src/generators/objects/manifests.ts';
import type { JsonMap } from '../../../src/model/yaml-write.ts';

function stripped(body: JsonMap, config: object = {}) {
  const [object] = objectsIn(body, 'x.yaml');
  assert.ok(object);
  return strip(object, copiesSchema.parse(config));
}

function object(apiVersion: string, kind: string, more: JsonMap = {}, metadata: JsonMap = {}): JsonMap {
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'default', ...metadata }, ...more };
}

describe('what a copy does not have from its source', () => {
  test('C11: what the API server and controllers wrote', () => {
    const metadata = {
      uid: 'u',
      resourceVersion: '7',
      generation: 2,
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 30,
      selfLink: '/x',
      managedFields: [],
      ownerReferences: [{ name: 'o' }],
      finalizers: ['f'],
      generateName: 'x-',
    };
    const bare = stripped(object('v1', 'ConfigMap', { data: { a: 'b' }, status: { ready: true } }, metadata));
    assert.deepEqual(bare, { labels: {}, annotations: {}, rest: { data: { a: 'b' } } });
  });

  const annotations = [
    'kubectl.kubernetes.io/last-applied-configuration',
    'argocd.argoproj.io/tracking-id',
    'argocd.argoproj.io/installation-id',
    'argocd.argoproj.io/refresh',
    'meta.helm.sh/release-name',
    'meta.helm.sh/release-namespace',
    'deployment.kubernetes.io/revision',
    'kubernetes.io/service-account.uid',
    'pv.kubernetes.io/bind-completed',
    'pv.kubernetes.io/bound-by-controller',
    'volume.kubernetes.io/selected-node',
    'volume.kubernetes.io/storage-provisioner',
    'volume.beta.kubernetes.io/storage-provisioner',
    'control-plane.alpha.kubernetes.io/leader',
    'reflector.v1.k8s.emberstack.com/reflection-allowed',
    'replicator.v1.mittwald.de/replicate-to',
    'kubed.appscode.com/sync',
    'propagate.hnc.x-k8s.io/select',
    'objectset.rio.cattle.io/applied',
    'field.cattle.io/projectId',
    'sync.rustrial.org/source-object',
    'athenz-gitops.io/source-hash',
  ];
  for (const key of annotations) {
    test(`the annotation ${key}`, () => {
      const given = { [key]: 'x', 'argocd.argoproj.io/sync-wave': '2', 'example.com/kept': 'yes' };
      const kept = stripped(object('v1', 'ConfigMap', {}, { annotations: given })).annotations;
      assert.deepEqual(kept, { 'argocd.argoproj.io/sync-wave': '2', 'example.com/kept': 'yes' });
    });
  }

  const labels = [
    'app.kubernetes.io/managed-by',
    'app.kubernetes.io/instance',
    'argocd.argoproj.io/instance',
    'kustomize.toolkit.fluxcd.io/name',
    'kustomize.toolkit.fluxcd.io/namespace',
    'helm.toolkit.fluxcd.io/name',
    'helm.toolkit.fluxcd.io/namespace',
    'hnc.x-k8s.io/inherited-from',
    'kubed.appscode.com/origin.name',
    'generate.kyverno.io/policy-name',
    'objectset.rio.cattle.io/hash',
    'controller-uid',
    'job-name',
    'batch.kubernetes.io/controller-uid',
  ];
  for (const key of labels) {
    test(`the label ${key}`, () => {
      const kept = stripped(
        object('v1', 'ConfigMap', {}, { labels: { [key]: 'x', 'app.kubernetes.io/name': 'app' } }),
      ).labels;
      assert.deepEqual(kept, { 'app.kubernetes.io/name': 'app' });
    });
  }

  test('labels, as the config says', () => {
    const given = object('v1', 'ConfigMap', {}, { labels: { 'app.kubernetes.io/instance': 'i', team: 't' } });
    assert.deepEqual(stripped(given, { keepInstanceLabel: true }).labels, {
      'app.kubernetes.io/instance': 'i',
      team: 't',
    });
    assert.deepEqual(stripped(given, { stripLabels: true }).labels, {});
  });

  const specs: readonly (readonly [what: string, given: JsonMap, kept: JsonMap])[] = [
    [
      'C12: addresses and ports of a Service',
      object('v1', 'Service', {
        spec: {
          clusterIP: '10.0.0.1',
          clusterIPs: ['10.0.0.1'],
          healthCheckNodePort: 3,
          ports: [{ port: 80, nodePort: 30080 }],
          selector: { a: 'b' },
        },
      }),
      { spec: { ports: [{ port: 80 }], selector: { a: 'b' } } },
    ],
    [
      'C12: a headless Service stays one',
      object('v1', 'Service', { spec: { clusterIP: 'None', clusterIPs: ['None'] } }),
      { spec: { clusterIP: 'None' } },
    ],
    [
      'C13: the volume of a claim',
      object('v1', 'PersistentVolumeClaim', { spec: { volumeName: 'pv-1', resources: {} } }),
      { spec: { resources: {} } },
    ],
    [
      'C13: the selector and labels of a Job',
      object('batch/v1', 'Job', {
        spec: {
          selector: { matchLabels: { 'controller-uid': 'u' } },
          template: {
            metadata: {
              creationTimestamp: null,
              labels: { 'controller-uid': 'u', 'batch.kubernetes.io/job-name': 'x', app: 'a' },
            },
            spec: {},
          },
        },
      }),
      { spec: { template: { metadata: { labels: { app: 'a' } }, spec: {} } } },
    ],
    [
      'a Job with a selector of its own keeps it',
      object('batch/v1', 'Job', { spec: { manualSelector: true, selector: { matchLabels: { a: 'b' } } } }),
      { spec: { manualSelector: true, selector: { matchLabels: { a: 'b' } } } },
    ],
    [
      'the node of a Pod',
      object('v1', 'Pod', { spec: { nodeName: 'n', containers: [] } }),
      { spec: { containers: [] } },
    ],
    [
      'the tokens of a ServiceAccount',
      object('v1', 'ServiceAccount', { secrets: [{ name: 't' }], imagePullSecrets: [{ name: 'p' }] }),
      { imagePullSecrets: [{ name: 'p' }] },
    ],
    [
      'nothing of a kind with the same name in another group',
      object('example.com/v1', 'Service', { spec: { clusterIP: '1' } }),
      { spec: { clusterIP: '1' } },
    ],
  ];
  for (const [what, given, kept] of specs) {
    test(what, () => assert.deepEqual(stripped(given).rest, kept));
  }
});
