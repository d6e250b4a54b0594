import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planCopies } from '../../support/copies.ts';

// The examples of k8s-object-syncer, as its README has them, in the API that its users have files of.

function example(source: string, destinations: string): string {
  return `kind: ObjectSync
apiVersion: sync.rustrial.org/v1alpha1
metadata:
  name: my-test-config-map-distributor
  namespace: default
spec:
  source:
${source.replace(/^/gm, '    ')}
  destinations:
${destinations.replace(/^/gm, '  ')}
`;
}

const configMap = `kind: ConfigMap
apiVersion: v1
metadata:
  name: my-test-config-map
  namespace: default
data:
  someKey: someValue
`;

interface Example {
  readonly what: string;
  readonly sync: string;
  readonly source: string;
  readonly copies: readonly string[];
  readonly codes?: readonly string[];
}

const examples: readonly Example[] = [
  {
    what: 'a ConfigMap, with a comment and its own namespace',
    sync: example(
      'group: "" # core\nkind: ConfigMap \nname: my-test-config-map\nnamespace: default # optional',
      '- namespace: "*" # all\n  name: my-test-config-map # optional',
    ),
    source: configMap,
    copies: ['a/configmap.my-test-config-map', 'linkerd/configmap.my-test-config-map'],
  },
  {
    what: 'a ConfigMap to all namespaces',
    sync: example('group: ""\nkind: ConfigMap \nname: my-test-config-map', '- namespace: "*"'),
    source: configMap,
    copies: ['a/configmap.my-test-config-map', 'linkerd/configmap.my-test-config-map'],
  },
  {
    what: 'a Secret to all namespaces under another name',
    sync: example(
      'group: ""\nkind: Secret \nname: image-pull-secrets',
      '- namespace: "*"\n  name: global-image-pull-secrets',
    ),
    source:
      'kind: Secret\napiVersion: v1\nmetadata: {name: image-pull-secrets, namespace: default}\ntype: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: e30=}\n',
    copies: [],
    codes: ['COPY_SECRET_PLAINTEXT'],
  },
  {
    what: 'a CronJob to some namespaces',
    sync: example(
      'group: "batch"\nkind: CronJob \nname: my-audit-scanner',
      '- namespace: "kube-system"\n- namespace: "linkerd"',
    ),
    source:
      'kind: CronJob\napiVersion: batch/v1\nmetadata: {name: my-audit-scanner, namespace: default}\nspec: {schedule: "@daily"}\n',
    copies: ['kube-system/cronjob.batch.my-audit-scanner', 'linkerd/cronjob.batch.my-audit-scanner'],
  },
  {
    what: 'a HelmRelease to all namespaces',
    sync: example('group: "helm.toolkit.fluxcd.io"\nkind: HelmRelease \nname: my-namespace-agent', '- namespace: "*"'),
    source:
      'kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\nmetadata: {name: my-namespace-agent, namespace: default}\nspec: {interval: 1h}\n',
    copies: [
      'a/helmrelease.helm.toolkit.fluxcd.io.my-namespace-agent',
      'linkerd/helmrelease.helm.toolkit.fluxcd.io.my-namespace-agent',
    ],
  },
];

describe('examples of k8s-object-syncer', () => {
  for (const { what, sync, source, copies, codes = [] } of examples) {
    test(what, async () => {
      const files = { 'inputs/copies/sync.yaml': sync, 'sources/source.yaml': source };
      const planned = await planCopies({ files, namespaces: ['a', 'linkerd'] });
      assert.deepEqual(
        planned.copies,
        copies.map((path) => `copies/prod/${path}.yaml`),
      );
      assert.deepEqual(planned.codes, codes);
    });
  }
});
