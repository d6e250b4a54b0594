import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planCopies, syncFile } from '../../support/copies.ts';

/** Plans copies of one object to the namespace a. */
async function plan(
  apiVersion: string,
  kind: string,
  config: object = {},
  files: Readonly<Record<string, string>> = {},
) {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const source = { apiVersion, kind, metadata: { name: 'x', namespace: 'default' } };
  const planned = await planCopies({
    config,
    files: {
      ...files,
      'sources/x.yaml': JSON.stringify(source),
      'inputs/copies/x.yaml': syncFile('x', { group, kind, name: 'x' }, [{ namespace: 'a' }]),
    },
  });
  const [held] = planned.plan.held;
  return { ...planned, message: held?.message ?? '', next: held?.next ?? '' };
}

const rbac = 'rbac.authorization.k8s.io';

/** As `copies.allowKinds` names them, each with its apiVersion and why it is refused. */
const refused: readonly (readonly [name: string, apiVersion: string, why: RegExp])[] = [
  ['Pod', 'v1', /copy what it makes them from/],
  ['Event', 'v1', /what happened to one object/],
  ['Endpoints', 'v1', /those of one Service/],
  ['Binding', 'v1', /a request/],
  ['ReplicaSet.apps', 'apps/v1', /copy the Deployment/],
  ['ControllerRevision.apps', 'apps/v1', /a controller makes it/],
  ['Event.events.k8s.io', 'events.k8s.io/v1', /what happened to one object/],
  ['EndpointSlice.discovery.k8s.io', 'discovery.k8s.io/v1', /those of one Service/],
  ['Lease.coordination.k8s.io', 'coordination.k8s.io/v1', /has one holder/],
  [`Role.${rbac}`, `${rbac}/v1`, /access follows Athenz/],
  [`RoleBinding.${rbac}`, `${rbac}/v1`, /access follows Athenz/],
];

describe('a kind that is refused', () => {
  for (const [name, apiVersion, why] of refused) {
    const [kind = ''] = name.split('.');

    test(`${name}, unless it is allowed`, async () => {
      const { copies, codes, message, next } = await plan(apiVersion, kind);
      assert.deepEqual([copies, codes], [[], ['COPY_KIND_REFUSED']]);
      assert.ok(message.includes(`: ${name} is not copied: `), message);
      assert.match(message, why);
      assert.equal(next, `if it must be, add ${name} to copies.allowKinds`);

      const others = refused.map(([other]) => other).filter((other) => other !== name);
      assert.deepEqual((await plan(apiVersion, kind, { allowKinds: others })).codes, ['COPY_KIND_REFUSED']);
      const allowed = await plan(apiVersion, kind, { allowKinds: [name] });
      const copy = `copies/prod/a/${name.toLowerCase()}.x.yaml`;
      assert.deepEqual([allowed.copies, allowed.codes], [[copy], []]);
    });
  }

  test('and allowed has to be an allowed resource as well', async () => {
    const config = { allowKinds: ['Pod'], allowedResources: [{ apiGroups: [''], resources: ['configmaps'] }] };
    const { codes, message } = await plan('v1', 'Pod', config);
    assert.deepEqual(codes, ['COPY_NOT_ALLOWED']);
    assert.match(message, /pods may not be copied/);
  });
});

describe('a kind that is cluster scoped', () => {
  const clusterScoped: readonly (readonly [name: string, apiVersion: string])[] = [
    ['Namespace', 'v1'],
    ['Node', 'v1'],
    ['PersistentVolume', 'v1'],
    [`ClusterRole.${rbac}`, `${rbac}/v1`],
    [`ClusterRoleBinding.${rbac}`, `${rbac}/v1`],
    ['StorageClass.storage.k8s.io', 'storage.k8s.io/v1'],
    ['CustomResourceDefinition.apiextensions.k8s.io', 'apiextensions.k8s.io/v1'],
    ['ClusterSecretStore.external-secrets.io', 'external-secrets.io/v1'],
    ['Fleet.example.com', 'example.com/v1'],
  ];
  const fleet = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'fleets.example.com' },
    spec: { group: 'example.com', scope: 'Cluster', names: { kind: 'Fleet', plural: 'fleets' } },
  };
  for (const [name, apiVersion] of clusterScoped) {
    test(`${name}, whatever is allowed or read live`, async () => {
      const files = { 'sources/crd.yaml': JSON.stringify(fleet) };
      for (const config of [{}, { allowKinds: [name] }, { allowKinds: [name], live: [name] }]) {
        const { copies, codes, message } = await plan(apiVersion, name.split('.')[0] ?? '', config, files);
        assert.deepEqual([copies, codes], [[], ['COPY_KIND_REFUSED']]);
        assert.ok(message.includes(`: ${name} is cluster scoped, `), message);
      }
    });
  }
});
