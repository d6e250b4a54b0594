import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { request } from 'undici';
import { loadConfig } from '../../src/config/load.ts';
import type { ListenAddress } from '../../src/model/address.ts';
import { programVersion } from '../../src/run/version.ts';
import { serveProbes } from '../../src/watch/server.ts';
import { projectRoot } from '../support/generated.ts';
import { deployFolder, flagsOf, type KubeObject, manifestFiles, objectsOf, podsOf } from '../support/manifests.ts';
import { brokenPod, type Container, type Pod } from '../support/pod-security.ts';

const textOf = (name: string) => readFile(join(deployFolder, name), 'utf8');
const names = await manifestFiles();
const texts = new Map(await Promise.all(names.map(async (name) => [name, await textOf(name)] as const)));
const objects = new Map([...texts].map(([name, text]) => [name, objectsOf(text)] as const));
const kustomizationText = await textOf('kustomization.yaml');
const [kustomization] = objectsOf(kustomizationText);
const deploying = await readFile(join(projectRoot, 'docs/how-to/deploying.md'), 'utf8');
const config = await loadConfig(join(deployFolder, 'athenz-gitops.yaml'));

function podIn(name: string): Pod {
  return podsOf(objects.get(name) ?? [])[0] ?? assert.fail(`${name} has no pod`);
}

function ofKind<T>(name: string, kind: string): KubeObject & T {
  const found = objects.get(name)?.find((it) => it.kind === kind);
  return (found ?? assert.fail(`${name} has no ${kind}`)) as KubeObject & T;
}

/** The container that runs the program. */
const mainOf = ({ containers: [main] }: Pod): Container => main ?? assert.fail('no container');

test('kustomization.yaml names each manifest, and the image of this version', () => {
  const named = [...kustomizationText.matchAll(/^ {2}(?:# )?- ([a-z]+\.yaml)/gm)].map(([, name]) => name);
  assert.deepEqual(named.sort(), [...texts.keys()]);
  const { images, namespace } = kustomization as unknown as {
    readonly images: readonly { readonly name: string; readonly newTag: string }[];
    readonly namespace: string;
  };
  assert.deepEqual(
    images.map(({ name, newTag }) => [name, newTag]),
    [['athenz-gitops', programVersion()]],
  );
  for (const it of [...objects.values()].flat().filter(({ kind }) => kind !== 'Namespace'))
    assert.equal(it.metadata.namespace, namespace, it.kind);
});

for (const name of ['deployment.yaml', 'cronjob.yaml']) {
  const pod = podIn(name);
  const main = mainOf(pod);

  test(`${name} keeps to the restricted Pod Security profile`, () => {
    assert.deepEqual(brokenPod(pod), []);
  });

  test(`${name} gives flags that the program has`, async () => {
    assert.equal(main.command, undefined);
    const ignored = [...(texts.get(name) ?? '').matchAll(/^ *# - (--\S+)/gm)].map(([, flag = '']) => flag);
    await flagsOf([...(main.args ?? []), ...ignored]);
    await assert.rejects(flagsOf([...(main.args ?? []), '--leader-elected']), { code: 'commander.unknownOption' });
  });

  test(`${name} mounts what it names, and what the config reads`, () => {
    const volumes = (pod.volumes ?? []).map((it) => it.name).sort();
    const mounts = [...(pod.initContainers ?? []), main].flatMap(({ volumeMounts = [] }) => volumeMounts);
    assert.deepEqual([...new Set(mounts.map((it) => it.name))].sort(), volumes);
    const places = (main.volumeMounts ?? []).map(({ mountPath }) => `${mountPath}/`);
    const { certPath, keyPath, caPath } = config.athenz;
    const cache = main.env?.find((it) => it.name === 'XDG_CACHE_HOME')?.value;
    for (const path of [certPath, keyPath, caPath, cache, main.workingDir])
      assert.ok(
        places.some((place) => path?.startsWith(place)),
        `${path}`,
      );
  });

  test(`${name} takes the Secrets that docs/how-to/deploying.md creates, with the variables that the program reads`, () => {
    const files = (pod.volumes ?? []).flatMap(({ secret }) => (secret as { secretName?: string })?.secretName ?? []);
    const named = [...files, ...(main.envFrom ?? []).map(({ secretRef }) => secretRef.name)];
    const created = [...deploying.matchAll(/create secret generic (\S+)/g)].map(([, secret]) => secret);
    assert.deepEqual(named.sort(), [...new Set(created)].sort());
    const keys = [...deploying.matchAll(/--from-(?:literal|file)=([A-Z_]+)=/g)].map(([, key]) => key);
    assert.deepEqual(keys, [
      'GITHUB_APP_ID',
      'GITHUB_APP_PRIVATE_KEY',
      'GITHUB_TOKEN',
      'ATHENZ_GITOPS_WEBHOOK_URL',
      'ATHENZ_GITOPS_WEBHOOK_SECRET',
    ]);
  });

  test(`${name} gives a run that is stopped the time that it may take`, () => {
    assert.ok((pod.terminationGracePeriodSeconds ?? 0) > 20);
  });
}

test('the Deployment keeps one replica at work', () => {
  const { spec } = ofKind<{
    readonly spec: { readonly replicas: number; readonly strategy: { readonly rollingUpdate: object } };
  }>('deployment.yaml', 'Deployment');
  assert.equal(spec.replicas, 2);
  assert.deepEqual(spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
});

test('the probes ask for pages of the port that the program listens on', async () => {
  const { args = [], ports, livenessProbe, readinessProbe } = mainOf(podIn('deployment.yaml'));
  const { listen } = await flagsOf(args);
  assert.deepEqual(ports, [{ name: 'http', containerPort: (listen as ListenAddress).port }]);
  const well = { isAlive: () => true, isReady: () => true, isLeader: () => true, metrics: async () => '' };
  await using server = await serveProbes({ host: '127.0.0.1', port: 0 }, well);
  for (const probe of [livenessProbe, readinessProbe]) {
    const { path = '', port } = probe?.httpGet ?? {};
    assert.equal(port, 'http');
    const { statusCode, body } = await request(server.url + path);
    await body.dump();
    assert.equal(statusCode, 200, path);
  }
});

test('the Role has the one Lease that the Deployment asks for', async () => {
  const pod = podIn('deployment.yaml');
  const { leaderElect, lease } = await flagsOf(mainOf(pod).args ?? []);
  assert.equal(leaderElect, true);
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  const role = ofKind<{ readonly rules: object }>('rbac.yaml', 'Role');
  assert.deepEqual(role.rules, [
    { ...leases, resourceNames: [lease], verbs: ['get', 'update'] },
    { ...leases, verbs: ['create'] },
  ]);
  const account = ofKind('rbac.yaml', 'ServiceAccount').metadata;
  assert.equal(pod.serviceAccountName, account.name);
  const { subjects, roleRef } = ofKind<{ readonly subjects: object; readonly roleRef: { readonly name: string } }>(
    'rbac.yaml',
    'RoleBinding',
  );
  assert.deepEqual(subjects, [{ kind: 'ServiceAccount', ...account }]);
  assert.equal(roleRef.name, role.metadata.name);
});

test('only the container that holds the Lease has a token of the cluster', () => {
  const holders = ['deployment.yaml', 'cronjob.yaml'].flatMap((name) => {
    const pod = podIn(name);
    return [...(pod.initContainers ?? []), ...pod.containers].flatMap(({ name: container, volumeMounts = [] }) =>
      volumeMounts.some(({ mountPath }) => mountPath.startsWith('/var/run/secrets')) ? [`${name} ${container}`] : [],
    );
  });
  assert.deepEqual(holders, ['deployment.yaml athenz-gitops']);
});

test('runs of the CronJob neither overlap nor pile up, and none is repeated', () => {
  const { spec } = ofKind<{
    readonly spec: {
      readonly schedule: string;
      readonly concurrencyPolicy: string;
      readonly jobTemplate: { readonly spec: { readonly backoffLimit: number } };
    };
  }>('cronjob.yaml', 'CronJob');
  assert.match(spec.schedule, /^[1-9]\d?(,[1-9]\d?)* \* \* \* \*$/);
  assert.equal(spec.concurrencyPolicy, 'Forbid');
  assert.equal(spec.jobTemplate.spec.backoffLimit, 0);
});

/** Changes that each break the profile. */
const violations: readonly (readonly [what: string, from: string | RegExp, to: string, message: RegExp])[] = [
  ['root', 'runAsUser: 1000', 'runAsUser: 0', /runAsUser/],
  ['a user that may be root', 'runAsNonRoot: true', 'runAsNonRoot: false', /runAsNonRoot/],
  ['no seccomp profile', 'type: RuntimeDefault', 'type: Unconfined', /seccompProfile/],
  ['capabilities', 'drop: [ALL]', 'drop: [NET_RAW]', /capabilities/],
  ['more capabilities', 'drop: [ALL]', 'add: [SYS_ADMIN], drop: [ALL]', /capabilities/],
  ['escalation', 'allowPrivilegeEscalation: false', 'privileged: true', /privileged.*\n.*allowPrivilegeEscalation/],
  ['a root file system that is written', 'readOnlyRootFilesystem: true', 'procMount: Unmasked', /procMount/],
  ['a folder of the host', /emptyDir: \{\}/, 'hostPath: {path: /}', /volume work/],
  ['a port of the host', 'containerPort: 8080', 'containerPort: 8080, hostPort: 8080', /hostPort/],
  ['the network of the host', 'enableServiceLinks', 'hostNetwork: true\n      enableServiceLinks', /host/],
  ['a token for all', 'automountServiceAccountToken: false', 'restartPolicy: Always', /token/],
  ['no limit of memory', /limits: \{memory: 64Mi\}/, 'limits: {}', /repository: resources/],
];
for (const [what, from, to, message] of violations) {
  test(`the profile refuses ${what}`, () => {
    const text = texts.get('deployment.yaml') ?? '';
    const changed = text.replace(from, to);
    assert.notEqual(changed, text);
    const [pod] = podsOf(objectsOf(changed));
    assert.match(brokenPod(pod ?? assert.fail()).join('\n'), message);
  });
}
