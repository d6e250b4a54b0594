import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Setting } from '../../../src/core/generator.ts';
import { addressBranch } from '../../../src/generators/mirror/addresses.ts';
import { type MirrorsConfig, mirrorsSchema } from '../../../src/generators/mirror/config.ts';
import { watchedBy } from '../../../src/generators/mirror/watched.ts';

function settingOf(config: object, clusters: readonly string[] = ['prod', 'eu1']): Setting<MirrorsConfig> {
  return { config: mirrorsSchema.parse(config), clusters, filtered: false, inRoot: (path) => path };
}

const slice = 'endpointslice.web-eu1-ipv4-0';
const table: readonly (readonly [path: string | undefined, file: string, taken: boolean])[] = [
  [undefined, `mirrors/prod/shop/${slice}.yaml`, true],
  [undefined, 'mirrors/prod/shop/service.web.yaml', false],
  [undefined, 'mirrors/prod/shop/namespace.shop.yaml', false],
  [undefined, 'mirrors/prod/shop/service.endpointslice.yaml', false],
  [undefined, 'mirrors/prod/athenz-gitops-mirror-addresses.yaml', true],
  [undefined, 'mirrors/prod/athenz-gitops-mirrors.yaml', false],
  [undefined, 'mirrors/other/athenz-gitops-mirror-addresses.yaml', false],
  [undefined, `output/prod/shop/${slice}.yaml`, false],
  [undefined, 'clusters/prod/namespaces.yaml', false],
  ['endpointslice.d/{cluster}/{namespace}/{object}.yaml', 'endpointslice.d/prod/shop/service.web.yaml', false],
  ['endpointslice.d/{cluster}/{namespace}/{object}.yaml', `endpointslice.d/prod/shop/${slice}.yaml`, true],
  ['m/{cluster}/{object}/{namespace}.yaml', `m/prod/${slice}/shop.yaml`, true],
  ['m/{cluster}/{namespace}-{object}.yaml', `m/prod/shop-${slice}.yaml`, true],
  ['m/{cluster}/{namespace}-{object}.yaml', 'm/prod/endpointslice-service.web.yaml', false],
];
for (const [path, file, taken] of table) {
  test(`${file} ${taken ? 'goes to the branch' : 'stays in the base'}${path === undefined ? '' : ` (${path})`}`, () => {
    const direct = addressBranch(settingOf({ ...(path === undefined ? {} : { path }), addresses: { branch: 'b' } }));
    assert.deepEqual([direct?.branch, direct?.takes(file)], ['b', taken]);
  });
}

test('without addresses in the config, no file has a branch of its own', () => {
  assert.equal(addressBranch(settingOf({})), undefined);
});

test('what rules read of clusters is watched, by the selector of each', () => {
  const source = { cluster: 'eu1', namespaces: ['shop', 'pay'] };
  const services = [
    { source, destination: { cluster: 'prod' }, selector: 'team=a' },
    { source, destination: { cluster: 'prod', namespace: 'x' }, mode: 'externalname', host: 'h.example.com' },
    { source: { name: 'old', files: ['old/*.yaml'] }, destination: { cluster: 'prod' } },
  ];
  const watched = watchedBy(settingOf({ services })).map(
    ({ cluster, query: { kind, namespace, labelSelector } }) => `${cluster} ${kind} ${namespace} ${labelSelector}`,
  );
  assert.deepEqual(watched, [
    'eu1 Service shop team=a',
    'eu1 EndpointSlice shop kubernetes.io/service-name',
    'eu1 Service pay team=a',
    'eu1 EndpointSlice pay kubernetes.io/service-name',
    'eu1 Service shop sync=true',
    'eu1 Service pay sync=true',
  ]);
  assert.deepEqual(watchedBy(settingOf({ services }, ['eu1'])), [], 'the destination is not in the run');
});
