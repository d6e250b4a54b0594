import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { at, clusterFile, kyma, moduleFile, planFleet } from '../../support/fleet.ts';
import type { Texts } from '../../support/plan-one.ts';

const files: Texts = {
  [at.cluster('eu-1')]: clusterFile(
    'eu-1',
    ['cert-manager', { name: 'keda', values: { on: 'yes', notes: 'a\nb\n' } }],
    {
      channel: 'fast',
      set: 'eu',
    },
  ),
  [at.set('eu')]: JSON.stringify({ name: 'eu', values: { region: 'eu' } }),
  [at.module('cert-manager')]: moduleFile(
    'cert-manager',
    { fast: 'v1.16.0' },
    { chart: { repository: 'oci://quay.io/jetstack/charts', name: 'cert-manager' } },
  ),
  [at.module('keda')]: moduleFile(
    'keda',
    { fast: { version: '2.1.0', values: { replicas: 2 } } },
    { namespace: 'keda', dependsOn: ['cert-manager'], values: { replicas: 1, resources: {} } },
  ),
};
const valuesFrom = [{ kind: 'Secret', name: 'keda-auth', valuesKey: 'values.yaml', optional: true }];
const dashboards = JSON.stringify({
  name: 'dashboards',
  kustomize: { repository: 'https://github.com/example/dashboards', path: 'base' },
  channels: { fast: 'v3' },
});

const goldens: readonly (readonly [file: string, path: string, config: object, files: Texts])[] = [
  [
    'helmrelease.yaml',
    'fleet/a8/eu-1/keda.yaml',
    {},
    { ...files, [at.module('keda')]: JSON.stringify({ ...JSON.parse(files[at.module('keda')] ?? ''), valuesFrom }) },
  ],
  ['helmrepository.yaml', 'fleet/_sources/cert-manager.yaml', {}, files],
  ['marker.yaml', 'fleet/a8/eu-1/athenz-gitops-fleet.yaml', {}, files],
  ['application.yaml', 'fleet/a8/eu-1/keda.yaml', { kind: 'Application' }, files],
  [
    'application-kustomize.yaml',
    'fleet/a8/eu-1/dashboards.yaml',
    { kind: 'Application', project: 'fleet', namespace: 'argo' },
    {
      ...files,
      [at.module('dashboards')]: dashboards,
      [at.cluster('eu-1')]: clusterFile('eu-1', ['dashboards'], { channel: 'fast' }),
    },
  ],
  [
    'helmcomponent.yaml',
    'fleet/a8/eu-1/istio.yaml',
    { kind: 'HelmComponent' },
    {
      [at.cluster('eu-1')]: kyma(
        'eu-1',
        { components: [{ name: 'istio', namespace: 'istio-system' }] },
        { namespace: 'kcp' },
      ),
    },
  ],
];

describe('a rendered module', () => {
  for (const [file, path, config, given] of goldens) {
    test(`is as in ${file}`, async () => {
      const { merged, messages } = await planFleet({ files: given, config });
      assert.deepEqual(messages, []);
      const golden = fileURLToPath(new URL(`../../data/fleet/${file}`, import.meta.url));
      const text = merged[path] ?? '';
      if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(golden, text);
      assert.equal(text, await readFile(golden, 'utf8'));
    });
  }
});
