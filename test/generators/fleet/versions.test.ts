import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fleetSchema } from '../../../src/generators/fleet/config.ts';
import { openFleet } from '../../../src/generators/fleet/fleet.ts';
import { readClusters, readModules } from '../../../src/generators/fleet/read-input.ts';
import { resolveCluster } from '../../../src/generators/fleet/resolve.ts';
import { versionOf, versionStep } from '../../../src/generators/fleet/version.ts';
import { clusterFile, moduleFile } from '../../support/fleet.ts';

describe('a step from one version to another', () => {
  const steps: readonly (readonly [string, string, ReturnType<typeof versionStep>])[] = [
    ['1.9.0', '1.10.0', 'upgrade'],
    ['2.0.0', '1.9.9', 'downgrade'],
    ['v2.0.0', '2.0.0', 'same'],
    ['1.2', '1.2.1', 'upgrade'],
    ['v2', '1.9', 'downgrade'],
    ['2.0.0-rc.1', '2.0.0', 'upgrade'],
    ['2.0.0', '2.0.0-rc.1', 'downgrade'],
    ['2.0.0+one', '2.0.0+two', 'same'],
    ['01.0.0', '1.0.0', 'same'],
    ['main', '1.0.0', undefined],
    ['1.0.0', '3f2a9c0', undefined],
    ['99999999999999999999.0.0', '1.0.0', undefined],
    ['1.0.0', '1.0.0-', undefined],
  ];
  for (const [from, to, step] of steps) {
    test(`${from} → ${to}: ${step ?? 'not known'}`, () => assert.equal(versionStep(from, to), step));
  }
});

test('what decides the version of a module on a cluster can be another function', () => {
  const clusters = ['a', 'b'].map((name) => JSON.parse(clusterFile(name, ['keda'])));
  const fleet = openFleet({
    config: fleetSchema.parse({}),
    clusters: readClusters(clusters, 'c.yaml'),
    modules: readModules([JSON.parse(moduleFile('keda', { regular: '2.1.0' }))], 'm.yaml'),
    sets: { valid: [], invalid: [], unreadable: [] },
    unmatched: [],
    versionOf: (cluster, module, use) =>
      cluster.name === 'a' ? versionOf(cluster, module, use) : { version: '2.0.0', channel: 'regular', values: {} },
  });
  const versions = [...fleet.clusters.values()].flatMap((entry) =>
    entry.kind === 'valid'
      ? resolveCluster(entry.value, fleet).map((it) => (it.kind === 'wanted' ? it.version : it.kind))
      : [],
  );
  assert.deepEqual(versions, ['2.1.0', '2.0.0']);
});
