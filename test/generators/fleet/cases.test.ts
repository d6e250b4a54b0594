import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import {
  at,
  clusterFile,
  type FleetWorld,
  kyma,
  moduleFile,
  type PlannedFleet,
  planFleet,
  seedModules,
} from '../../support/fleet.ts';
import type { Texts } from '../../support/plan-one.ts';

const helmComponents = { kind: 'HelmComponent' };

/** Two clusters with two modules each, and their repository once it is merged. */
const small: Texts = {
  [at.cluster('a')]: clusterFile('a', ['istio', 'keda']),
  [at.cluster('b')]: clusterFile('b', ['istio', 'keda']),
  [at.module('istio')]: moduleFile('istio'),
  [at.module('keda')]: moduleFile('keda', { regular: '2.0.0', fast: '2.1.0' }),
};
const smallMerged = async () => (await planFleet({ files: small })).merged;

function changedPaths({ plan }: PlannedFleet): readonly string[] {
  return plan.files.map(({ path }) => path);
}

interface Case {
  readonly what: string;
  readonly given: FleetWorld | (() => Promise<FleetWorld>);
  /** `cluster/module`. */
  readonly modules: readonly string[];
  readonly codes?: readonly string[];
  readonly message?: RegExp;
  readonly skipped?: RegExp;
  also?(planned: PlannedFleet): void;
}

const versionIn = (planned: PlannedFleet, pair: string) =>
  parse(planned.textOf(pair)).metadata.annotations['athenz-gitops.io/fleet-version'];

const cases: readonly Case[] = [
  {
    what: 'K1: a Kyma of the operator is 18 files, and a module keeps its namespace',
    given: { files: { [at.cluster('k')]: kyma('k', { components: seedModules }) }, config: helmComponents },
    modules: seedModules.map(({ name }) => `k/${name}`).sort(),
    also(planned) {
      assert.equal(seedModules.length, 18);
      const namespaceOf = (module: string) =>
        parse(planned.textOf(`k/${module}`)).metadata.annotations['athenz-gitops.io/fleet-namespace'];
      assert.deepEqual(['istio', 'certificates', 'application-connector', 'logging'].map(namespaceOf), [
        'istio-system',
        'istio-system',
        'kyma-integration',
        undefined,
      ]);
      assert.equal(parse(planned.textOf('k/api-gateway')).metadata.name, 'k-api-gateway');
    },
  },
  {
    what: 'K3: a module that a cluster no longer lists is one file that goes',
    given: async () => ({ files: { ...(await smallMerged()), [at.cluster('a')]: clusterFile('a', ['istio']) } }),
    modules: ['a/istio', 'b/istio', 'b/keda'],
    also(planned) {
      assert.deepEqual(changedPaths(planned), ['fleet/ca/a/keda.yaml']);
      assert.equal(planned.plan.changes[0]?.detail.reason, 'not-listed');
    },
  },
  {
    what: 'K4: a cluster that leaves takes its modules along, and Flux on it keeps a folder',
    given: async () => {
      const { [at.cluster('a')]: _, ...files } = await smallMerged();
      return { files };
    },
    modules: ['b/istio', 'b/keda'],
    also(planned) {
      assert.deepEqual(
        Object.keys(planned.merged).filter((path) => path.startsWith('fleet/ca/a/')),
        ['fleet/ca/a/athenz-gitops-fleet.yaml'],
      );
    },
  },
  {
    what: 'K4: more removals than the limit are held',
    given: async () => {
      const { [at.cluster('a')]: _, ...files } = await smallMerged();
      return { files, config: { limits: { maxRemovedModules: { percent: 1, floor: 1 } } } };
    },
    modules: ['a/istio', 'a/keda', 'b/istio', 'b/keda'],
    codes: ['LIMIT_REMOVED', 'LIMIT_REMOVED'],
    message: /2 removals in hub exceed limits\.maxRemovedModules \(1 of 4 modules\)/,
  },
  ...(
    [
      ['Application', /^a-b\.c$/, /^a\.b-c$/],
      ['HelmComponent', /^a-b-c$/, /^a-b-c-[0-9a-f]{8}$/],
    ] as const
  ).map(
    ([kind, ...expected]): Case => ({
      what: `K5: names of ${kind}s do not collide`,
      given: {
        files: {
          [at.cluster('a')]: clusterFile('a', ['b-c']),
          [at.cluster('a-b')]: clusterFile('a-b', ['c']),
          [at.module('c')]: moduleFile('c'),
          [at.module('b-c')]: moduleFile('b-c'),
        },
        config: { kind },
      },
      modules: ['a-b/c', 'a/b-c'],
      also(planned) {
        const names = planned.modules.map((pair): string => parse(planned.textOf(pair)).metadata.name);
        for (const [index, pattern] of expected.entries()) assert.match(names[index] ?? '', pattern);
      },
    }),
  ),
  {
    what: 'K5: a mistake in the file of one cluster renames nothing on another',
    given: async () => {
      const files = {
        [at.cluster('a')]: kyma('a', { components: [{ name: 'b-c' }] }),
        [at.cluster('x')]: kyma('x', { components: [{ name: 'c' }] }),
      };
      const { merged } = await planFleet({ files, config: helmComponents });
      return { files: { ...merged, [at.cluster('x')]: '{name: x, odd: 1}' }, config: helmComponents };
    },
    modules: ['a/b-c', 'x/c'],
    codes: ['FLEET_INPUT_INVALID'],
    also: (planned) => assert.deepEqual(changedPaths(planned), []),
  },
  {
    what: 'K6: a module that is listed twice is held, and nothing else',
    given: { files: { ...small, [at.cluster('a')]: clusterFile('a', ['keda', { name: 'keda' }, 'istio']) } },
    modules: ['a/istio', 'b/istio', 'b/keda'],
    codes: ['FLEET_DUPLICATE_MODULE'],
    message: /^keda: it is listed more than once in inputs\/fleet\/clusters\/a\.yaml \(cluster a\)$/,
  },
  {
    what: 'K7: a module may be of another channel than its cluster',
    given: {
      files: {
        ...small,
        [at.cluster('a')]: kyma('a', {
          channel: 'regular',
          modules: [{ name: 'istio' }, { name: 'keda', channel: 'fast' }],
        }),
      },
    },
    modules: ['a/istio', 'a/keda', 'b/istio', 'b/keda'],
    also(planned) {
      const versions = planned.modules.map((pair) => versionIn(planned, pair));
      assert.deepEqual(versions, ['2.0.3', '2.1.0', '2.0.3', '2.0.0']);
    },
  },
  {
    what: 'K8: a channel without a version holds the module',
    given: {
      files: {
        ...small,
        [at.module('keda')]: moduleFile('keda'),
        [at.cluster('a')]: clusterFile('a', ['istio', { name: 'keda', channel: 'fast' }]),
      },
    },
    modules: ['a/istio', 'b/istio', 'b/keda'],
    codes: ['FLEET_NO_VERSION'],
    message: /^keda: no version for channel "fast" \(cluster a\)$/,
  },
  {
    what: 'K9: a lower version is held',
    given: async () => ({
      files: { ...(await smallMerged()), [at.module('keda')]: moduleFile('keda', { regular: '1.9.0' }) },
    }),
    modules: ['a/istio', 'a/keda', 'b/istio', 'b/keda'],
    codes: ['FLEET_DOWNGRADE', 'FLEET_DOWNGRADE'],
    message: /^2\.0\.0 → 1\.9\.0 is a downgrade$/,
    also: (planned) => assert.deepEqual(changedPaths(planned), []),
  },
  ...(
    [
      ['the config', { config: { allowDowngrade: true } }, {}, {}],
      ['the module', {}, { allowDowngrade: true }, {}],
      ['the cluster', {}, {}, { allowDowngrade: true }],
    ] as const
  ).map(
    ([by, world, module, cluster]): Case => ({
      what: `K9: a lower version is rendered where ${by} allows it`,
      given: async () => ({
        ...world,
        files: {
          ...(await smallMerged()),
          [at.module('keda')]: moduleFile('keda', { regular: '1.9.0' }, module),
          [at.cluster('a')]: clusterFile('a', ['istio', 'keda'], cluster),
          [at.cluster('b')]: clusterFile('b', ['istio', { name: 'keda', version: '2.0.0' }]),
        },
      }),
      modules: ['a/istio', 'a/keda', 'b/istio', 'b/keda'],
      also(planned) {
        assert.equal(versionIn(planned, 'a/keda'), '1.9.0');
        assert.equal(planned.plan.changes[0]?.detail.step, 'downgrade');
      },
    }),
  ),
  {
    what: 'K10: a mandatory module is on every cluster, listed or not',
    given: {
      files: { ...small, [at.module('warden')]: moduleFile('warden', { regular: '1.0.0' }, { mandatory: true }) },
    },
    modules: ['a/istio', 'a/keda', 'a/warden', 'b/istio', 'b/keda', 'b/warden'],
    also: (planned) =>
      assert.deepEqual(planned.plan.changes.find(({ detail }) => detail.module === 'warden')?.detail.reason, {
        kind: 'mandatory',
        channel: 'regular',
      }),
  },
  ...(['beta', 'internal'] as const).map(
    (label): Case => ({
      what: `K11: a ${label} module is only on clusters with the label`,
      given: {
        files: {
          ...small,
          [at.module('keda')]: moduleFile('keda', { regular: '2.0.0' }, { [label]: true }),
          [at.cluster('b')]: clusterFile('b', ['keda'], { labels: { [label]: true } }),
          [at.cluster('c')]: kyma(
            'c',
            { modules: [{ name: 'keda' }] },
            { labels: { [`operator.kyma-project.io/${label}`]: 'true' } },
          ),
        },
      },
      modules: ['a/istio', 'b/keda', 'c/keda'],
      skipped: new RegExp(`^keda is ${label}, without the label on cluster a$`),
    }),
  ),
  {
    what: 'K12: what is not managed stays to the byte',
    given: async () => {
      const merged = await smallMerged();
      const path = 'fleet/ca/a/keda.yaml';
      return {
        files: {
          ...merged,
          [path]: merged[path]?.replace('2.0.0', '1.0.0') ?? '',
          [at.cluster('a')]: clusterFile('a', ['istio', { name: 'keda', managed: false }]),
        },
      };
    },
    modules: ['a/istio', 'a/keda', 'b/istio', 'b/keda'],
    skipped: /^keda is unmanaged \(managed: false\) on cluster a$/,
    also: (planned) => assert.deepEqual(changedPaths(planned), []),
  },
  {
    what: 'K12: what is not managed is not added',
    given: { files: { ...small, [at.cluster('a')]: clusterFile('a', [{ name: 'keda', managed: false }]) } },
    modules: ['b/istio', 'b/keda'],
    skipped: /^keda is unmanaged/,
  },
  {
    what: 'K22: values of the module, the channel, the sets, the cluster and the module on it',
    given: {
      files: {
        [at.module('keda')]: moduleFile(
          'keda',
          { regular: { version: '2.0.0', values: { from: 'channel', of: { channel: 1 }, list: [2] } } },
          { values: { from: 'module', of: { module: 1, deep: { a: 1, b: 1 } }, list: [1, 1] } },
        ),
        [at.set('eu')]: JSON.stringify({
          name: 'eu',
          values: { from: 'set', of: { set: 1, deep: { b: 2 } }, list: [3] },
        }),
        [at.cluster('a')]: clusterFile(
          'a',
          [{ name: 'keda', values: { from: 'use', of: { use: 1, deep: null }, list: [] } }],
          { set: 'eu', values: { from: 'cluster', of: { cluster: 1, deep: { c: 3 } }, list: [4] } },
        ),
        [at.cluster('b')]: clusterFile('b', ['keda'], { set: ['eu'] }),
      },
    },
    modules: ['a/keda', 'b/keda'],
    also(planned) {
      assert.deepEqual(parse(planned.textOf('a/keda')).spec.values, {
        from: 'use',
        list: [],
        of: { channel: 1, cluster: 1, deep: null, module: 1, set: 1, use: 1 },
      });
      assert.deepEqual(parse(planned.textOf('b/keda')).spec.values, {
        from: 'set',
        list: [3],
        of: { channel: 1, deep: { a: 1, b: 2 }, module: 1, set: 1 },
      });
    },
  },
  {
    what: 'K23: long names are cut with a digest',
    given: {
      files: {
        [at.cluster('c')]: clusterFile('c', ['m'.repeat(60)]),
        [at.module('m')]: moduleFile('m'.repeat(60)),
      },
    },
    modules: [`c/${'m'.repeat(60)}`],
    also(planned) {
      const { metadata, spec } = parse(planned.textOf(`c/${'m'.repeat(60)}`));
      assert.match(spec.releaseName, /^m{44}-[0-9a-f]{8}$/);
      assert.equal(metadata.labels['athenz-gitops.io/module'].length, 60);
      assert.equal(metadata.annotations['athenz-gitops.io/fleet-module'].length, 60);
    },
  },
  {
    what: 'K23: so are those of Applications',
    given: {
      files: { [at.cluster('c')]: clusterFile('c'.repeat(60), ['keda']), [at.module('keda')]: moduleFile('keda') },
      config: { kind: 'Application' },
    },
    modules: [`${'c'.repeat(60)}/keda`],
    also(planned) {
      const { metadata } = parse(planned.textOf(`${'c'.repeat(60)}/keda`));
      assert.match(metadata.name, /^c{54}-[0-9a-f]{8}$/);
      assert.equal(metadata.labels['athenz-gitops.io/cluster'].length, 60);
    },
  },
  {
    what: 'K24: a secret in the values of a module holds it on every cluster',
    given: {
      files: {
        ...small,
        [at.module('keda')]: moduleFile('keda', undefined, { values: { auth: { password: 'hunter2' } } }),
      },
    },
    modules: ['a/istio', 'b/istio'],
    codes: ['FLEET_SECRET'],
    message: /^module keda: values\.auth\.password looks like a secret/,
    also: (planned) => assert.doesNotMatch(JSON.stringify(planned.plan), /hunter2/),
  },
  {
    what: 'K24: one in those of a cluster holds the cluster',
    given: { files: { ...small, [at.cluster('a')]: clusterFile('a', ['keda'], { values: { apiKey: 'hunter2' } }) } },
    modules: ['b/istio', 'b/keda'],
    codes: ['FLEET_SECRET'],
    message: /^cluster a: values\.apiKey looks like a secret/,
  },
  {
    what: 'K24: one in those of a module on a cluster holds that one',
    given: {
      files: {
        ...small,
        [at.cluster('a')]: clusterFile('a', ['istio', { name: 'keda', values: { token: 'hunter2' } }]),
      },
    },
    modules: ['a/istio', 'b/istio', 'b/keda'],
    codes: ['FLEET_SECRET'],
    message: /^keda: values\.token looks like a secret.* \(cluster a\)$/,
  },
  {
    what: 'K24: a reference is written as it is',
    given: {
      files: {
        ...small,
        [at.module('keda')]: moduleFile('keda', undefined, {
          values: { existingSecret: 'keda-auth', passwordSecretRef: { name: 'x', key: 'y' } },
          valuesFrom: [{ kind: 'Secret', name: 'keda-auth', valuesKey: 'values.yaml' }],
        }),
      },
    },
    modules: ['a/istio', 'a/keda', 'b/istio', 'b/keda'],
    also: (planned) =>
      assert.deepEqual(parse(planned.textOf('a/keda')).spec.valuesFrom, [
        { kind: 'Secret', name: 'keda-auth', valuesKey: 'values.yaml' },
      ]),
  },
  {
    what: 'Kyma resources are read as kubectl prints them, and other objects are ignored',
    given: async () => {
      const { [at.cluster('a')]: _, [at.cluster('b')]: __, ...modules } = small;
      return { files: { ...modules, 'inputs/fleet/clusters/all.yaml': kubectlOutput } };
    },
    modules: ['f1d2/istio', 'f1d2/keda', 'seed/istio'],
    also(planned) {
      const versions = planned.modules.map((pair) => versionIn(planned, pair));
      assert.deepEqual(versions, ['1.0.0', '2.0.0', '2.0.3']);
      assert.equal(parse(planned.textOf('seed/istio')).spec.targetNamespace, 'istio-system');
    },
  },
  {
    what: 'another kind replaces each object in its file, and says so',
    given: async () => ({ files: await smallMerged(), config: { kind: 'Application' } }),
    modules: ['a/istio', 'a/keda', 'b/istio', 'b/keda'],
    also(planned) {
      assert.deepEqual(
        planned.plan.changes.map(({ detail }) => detail.replaces),
        ['HelmRelease istio', 'HelmRelease istio', 'HelmRelease keda', 'HelmRelease keda'],
      );
      const others = Object.keys(planned.merged).filter((path) => /fleet\/(_sources|.*athenz-gitops-fleet)/.test(path));
      assert.deepEqual(others, ['fleet/athenz-gitops-fleet.yaml']);
    },
  },
  {
    what: 'values of what has none are left out, with a remark',
    given: {
      files: {
        [at.cluster('a')]: clusterFile('a', ['keda'], { values: { region: 'eu' } }),
        [at.module('keda')]: moduleFile('keda'),
      },
      config: { ...helmComponents, inputs: {} },
    },
    modules: ['a/keda'],
    skipped: /^values of keda are left out, as it is no chart here, on cluster a$/,
  },
];

/** As kubectl prints them: with what the API server and the lifecycle manager add. */
const kubectlOutput = `apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
- apiVersion: operator.kyma-project.io/v1beta2
  kind: Kyma
  metadata:
    annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}"}
    creationTimestamp: "2026-01-01T00:00:00Z"
    finalizers: [operator.kyma-project.io/Kyma]
    generation: 2
    labels: {operator.kyma-project.io/beta: "true", operator.kyma-project.io/managed-by: lifecycle-manager}
    name: f1d2
    namespace: kcp-system
    resourceVersion: "1"
    uid: 6f8d
  spec:
    channel: fast
    skipMaintenanceWindows: true
    modules:
    - {name: keda, channel: regular, customResourcePolicy: CreateAndDelete, managed: true}
    - {name: istio, controller: manager, version: 1.0.0}
  status: {state: Ready, modules: [{name: keda, version: 1.0.0}]}
- apiVersion: inventory.kyma-project.io/v1alpha1
  kind: Kyma
  metadata: {name: seed, namespace: default}
  spec:
    components:
    - name: istio
      namespace: istio-system
  status: {status: reconciling, waitingFor: [istio]}
- apiVersion: inventory.kyma-project.io/v1alpha1
  kind: HelmComponent
  metadata: {name: seed-istio, namespace: default}
  spec: {componentName: istio}
`;

describe('a fleet', () => {
  for (const { what, given, modules, codes = [], message, skipped, also } of cases) {
    test(what, async () => {
      const planned = await planFleet(typeof given === 'function' ? await given() : given);
      assert.deepEqual(planned.modules, modules);
      assert.deepEqual(planned.codes, codes, planned.messages.join('\n'));
      if (message !== undefined) for (const it of planned.messages) assert.match(it, message);
      assert.match(planned.skipped.join('\n'), skipped ?? /^$/);
      also?.(planned);
    });
  }
});
