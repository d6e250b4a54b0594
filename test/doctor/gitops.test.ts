import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DoctorContext } from '../../src/doctor/context.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { checkGitOps } from '../../src/doctor/gitops.ts';
import { fleetSchema } from '../../src/generators/fleet/config.ts';
import { fleet } from '../../src/generators/fleet/generator.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { assertFinding, diagnose, type Expected } from '../support/diagnosis.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { addOrigin, type Files, makeRepository } from '../support/repository.ts';

const app = `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: prod}
spec:
  source:
    repoURL: https://github.com/acme/gitops.git
    targetRevision: main
    path: output/prod
    directory: {recurse: true}
  syncPolicy:
    automated: {prune: true}
    syncOptions: [PruneLast=true]
`;
const appSet = `
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: clusters}
spec:
  generators:
    - git: {directories: [{path: output/*}]}
  template:
    spec:
      source: {repoURL: git@github.com:acme/gitops.git, targetRevision: main, path: '{{path}}', directory: {recurse: true}}
      syncPolicy: {automated: {prune: true}}
`;
const repository = `
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: gitops, namespace: flux-system}
spec: {url: ssh://git@github.com/acme/gitops, ref: {branch: main}}
`;
const kustomization = `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: prod, namespace: flux-system}
spec:
  path: ./output/prod
  prune: true
  sourceRef: {kind: GitRepository, name: gitops}
`;
const flux = kustomization + repository;
const rendered: Files = { 'output/prod/web/rbac.yaml': 'kind: Role\n', 'output/staging/web/rbac.yaml': 'kind: Role\n' };

interface Case {
  readonly name: string;
  readonly manifest: string;
  readonly files?: Files;
  readonly config?: object;
  readonly expected: Expected;
}

const argocd = (status: Expected['status'], says: RegExp, fix = /^/): Expected => ({
  check: 'argocd',
  status,
  says,
  fix,
});
const ofFlux = (status: Expected['status'], says: RegExp, fix = /^/): Expected => ({
  check: 'flux',
  status,
  says,
  fix,
});
const sized = (count: number, bytes: number): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`output/prod/n${at}/rbac.yaml`, `# ${at} ${'x'.repeat(bytes)}\n`]),
  );
const binding = (subjects: number, annotations = '{}') =>
  JSON.stringify({
    kind: 'RoleBinding',
    metadata: { namespace: 'web', name: 'big', annotations: JSON.parse(annotations) },
    subjects: Array.from({ length: subjects }, (_, at) => ({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'User',
      name: `user.somebody-${at}`,
    })),
  });

const cases: readonly Case[] = [
  {
    name: 'a good Application',
    manifest: app,
    expected: argocd('ok', /^Application prod in apps\/a\.yaml: applies output\/prod$/),
  },
  {
    name: 'manual sync',
    manifest: app.replace(/ {4}automated.*\n/, ''),
    expected: argocd('warning', /is synced by hand/, /spec\.syncPolicy\.automated: \{prune: true\}/),
  },
  {
    name: 'automated sync that is disabled',
    manifest: app.replace('{prune: true}', '{enabled: false, prune: true}'),
    expected: argocd('warning', /is synced by hand/),
  },
  {
    name: 'no pruning',
    manifest: app.replace('{prune: true}', '{}'),
    expected: argocd('warning', /does not prune: removed namespaces/, /set spec\.syncPolicy\.automated\.prune: true/),
  },
  {
    name: 'a sync option that keeps objects',
    manifest: app.replace('PruneLast=true', 'Prune=false'),
    expected: argocd('warning', /the sync option Prune=false/, /remove it from spec\.syncPolicy\.syncOptions/),
  },
  {
    name: 'an application that may become empty',
    manifest: app.replace('{prune: true}', '{prune: true, allowEmpty: true}'),
    expected: argocd('warning', /allows an empty application/, /allowEmpty/),
  },
  {
    name: 'another branch',
    manifest: app.replace('targetRevision: main', 'targetRevision: release'),
    expected: argocd('warning', /follows release, not main/, /spec\.source\.targetRevision to main/),
  },
  {
    name: 'the base as a ref',
    manifest: app.replace('targetRevision: main', 'targetRevision: refs/heads/main'),
    expected: argocd('ok', /applies output\/prod$/),
  },
  {
    name: 'the default branch, which is not known',
    manifest: app.replace(/ {4}targetRevision.*\n/, ''),
    expected: argocd('ok', /applies output\/prod$/),
  },
  {
    name: 'nested folders without recursion',
    manifest: app.replace('{recurse: true}', '{}'),
    expected: argocd(
      'error',
      /1 rendered file in folders below, such as output\/prod\/web\/rbac\.yaml/,
      /recurse: true/,
    ),
  },
  {
    name: 'a pattern that hides rendered files',
    manifest: app.replace('{recurse: true}', "{recurse: true, exclude: '{a,*eb}/*'}"),
    expected: argocd(
      'error',
      /^[^:]*: directory\.exclude leaves out 1 rendered file, such as output\/prod\/web/,
      /directory\.exclude/,
    ),
  },
  {
    name: 'a pattern that does not name rendered files',
    manifest: app.replace('{recurse: true}', "{recurse: true, include: '*.json'}"),
    expected: argocd('error', /directory\.include leaves out 1 rendered file/, /directory\.include/),
  },
  {
    name: 'a pattern that hides files of others',
    manifest: app.replace('{recurse: true}', "{recurse: true, include: '*.yaml', exclude: 'README*'}"),
    files: { 'output/prod/README.yaml': '' },
    expected: argocd('ok', /applies output\/prod$/),
  },
  {
    name: 'two clusters in one application',
    manifest: app.replace('path: output/prod', 'path: output'),
    expected: argocd('error', /output holds the files of prod, staging: all/, /folder of each cluster/),
  },
  {
    name: 'a folder without manifests',
    manifest: app.replace('path: output/prod', 'path: output/prd'),
    expected: argocd('warning', /output\/prd holds no manifest in main/, /correct the path/),
  },
  {
    name: 'more than 10 MB',
    manifest: app,
    files: sized(20, 600_000),
    expected: argocd('warning', /output\/prod holds 12\.0 MB of manifests: Argo CD fails above 10 MB/, /\{shard\}/),
  },
  {
    name: 'a binding too large for client-side apply',
    manifest: app,
    files: { 'output/prod/web/rbac.yaml': binding(4000) },
    expected: argocd(
      'error',
      /RoleBinding web\/big in .* has \d{6} bytes: client-side apply fails above 262144/,
      /ServerSideApply=true/,
    ),
  },
  {
    name: 'a binding that is nearly too large',
    manifest: app,
    files: { 'output/prod/web/rbac.yaml': binding(2800) },
    expected: argocd('warning', /RoleBinding web\/big in .* has 2\d{5} bytes/, /ServerSideApply=true/),
  },
  {
    name: 'a large binding, applied server-side',
    manifest: app.replace('PruneLast=true', 'ServerSideApply=true'),
    files: { 'output/prod/web/rbac.yaml': binding(4000) },
    expected: argocd('ok', /applies output\/prod$/),
  },
  {
    name: 'a large object that asks for server-side apply itself',
    manifest: app,
    files: {
      'output/prod/web/rbac.yaml': binding(
        4000,
        '{"argocd.argoproj.io/sync-options": "Prune=false,ServerSideApply=true"}',
      ),
    },
    expected: argocd('ok', /applies output\/prod$/),
  },
  {
    name: 'a folder with a kustomization',
    manifest: app.replace('{recurse: true}', '{}'),
    files: { 'output/prod/kustomization.yaml': 'resources: []' },
    expected: argocd('ok', /applies output\/prod$/),
  },
  {
    name: 'an ApplicationSet over directories',
    manifest: appSet,
    expected: argocd('ok', /^ApplicationSet clusters in .*: applies output\/prod and 1 other folder$/),
  },
  {
    name: 'an ApplicationSet that does not prune',
    manifest: appSet.replace('{prune: true}', '{}'),
    expected: argocd('warning', /does not prune/, /set spec\.template\.spec\.syncPolicy\.automated\.prune/),
  },
  {
    name: 'an ApplicationSet that leaves a cluster out',
    manifest: appSet.replace('{path: output/*}', '{path: output/*}, {path: output/staging, exclude: true}'),
    expected: argocd('ok', /: applies output\/prod$/),
  },
  {
    name: 'an ApplicationSet over a list',
    manifest: appSet
      .replace(/git: .*/, 'matrix: {generators: [{list: {elements: [{cluster: staging}]}}, {clusters: {}}]}')
      .replace('{{path}}', 'output/{{ .cluster }}'),
    expected: argocd('ok', /: applies output\/staging$/),
  },
  {
    name: 'an ApplicationSet over clusters that are not known',
    manifest: appSet.replace(/git: .*/, 'clusters: {}').replace('{{path}}', 'output/{{name}}'),
    expected: argocd('ok', /applies output\/prod and 1 other folder$/),
  },
  {
    name: 'an ApplicationSet with a patch',
    manifest: `${appSet.replace('{prune: true}', '{}')}  templatePatch: 'spec: {}'\n`,
    expected: argocd('ok', /templatePatch changes is not checked/),
  },
  {
    name: 'several sources',
    manifest: app.replace('  source:\n', '  sources:\n  -\n').replace('{prune: true}', '{}'),
    expected: argocd('warning', /does not prune/),
  },
  {
    name: 'a good Kustomization',
    manifest: flux,
    expected: ofFlux('ok', /^Kustomization prod in apps\/a\.yaml: applies output\/prod$/),
  },
  {
    name: 'Flux without pruning',
    manifest: flux.replace('prune: true', 'prune: false'),
    expected: ofFlux('warning', /does not prune/, /spec\.prune: true/),
  },
  {
    name: 'a suspended Kustomization',
    manifest: flux.replace('prune: true', 'prune: true\n  suspend: true'),
    expected: ofFlux('warning', /Kustomization prod is suspended/, /spec\.suspend: false/),
  },
  {
    name: 'a suspended GitRepository',
    manifest: flux.replace('spec: {url', 'spec: {suspend: true, url'),
    expected: ofFlux('warning', /GitRepository gitops is suspended/, /spec\.suspend: false/),
  },
  {
    name: 'another branch of Flux',
    manifest: flux.replace('branch: main', 'branch: release'),
    expected: ofFlux('warning', /follows release, not main/, /spec\.ref of its GitRepository/),
  },
  {
    name: 'one namespace for all objects',
    manifest: flux.replace('prune: true', 'prune: true\n  targetNamespace: apps'),
    expected: ofFlux('error', /every object to the namespace apps/, /targetNamespace/),
  },
  {
    name: 'two clusters in one Kustomization',
    manifest: flux.replace('./output/prod', './'),
    expected: ofFlux('error', /the whole repository holds the files of prod, staging/, /folder of each cluster/),
  },
  {
    name: 'a folder that Flux would empty',
    manifest: flux,
    files: { 'output/prod/web/rbac.yaml': null, 'output/prod/README.md': '' },
    expected: ofFlux('warning', /output\/prod holds no manifest in main: Flux prunes everything/, /spec\.path/),
  },
  {
    name: 'variables that Flux replaces',
    manifest: flux.replace('prune: true', 'prune: true\n  postBuild: {substitute: {a: b}}'),
    files: { 'output/prod/web/rbac.yaml': 'a: "$' + '{HOME}"\n' },
    expected: ofFlux('warning', /spec\.postBuild replaces .* in 1 file, such as output\/prod\/web/, /spec\.postBuild/),
  },
  {
    name: 'no variables',
    manifest: flux.replace('prune: true', 'prune: true\n  postBuild: {substitute: {a: b}}'),
    expected: ofFlux('ok', /applies output\/prod$/),
  },
  {
    name: 'a ServiceAccount',
    manifest: flux.replace('prune: true', 'prune: true\n  serviceAccountName: tenant'),
    expected: ofFlux('ok', /as ServiceAccount flux-system\/tenant, which needs bind and escalate$/),
  },
  {
    name: 'a cluster that nothing here applies',
    manifest: app,
    expected: {
      check: 'gitops',
      status: 'ok',
      says: /in main applies output\/staging; one that is defined elsewhere is not checked/,
    },
  },
  {
    name: 'more subjects than client-side apply takes',
    manifest: app,
    config: { limits: { maxSubjects: 2000 } },
    expected: { check: 'limits', status: 'warning', says: /maxSubjects is 2000: client-side/, fix: /server-side/ },
  },
  {
    name: 'names with ":"',
    manifest: app,
    config: { names: 'operator' },
    expected: { check: 'names', status: 'ok', says: /argo-cd#15380/ },
  },
];

for (const { name, manifest, files, config, expected } of cases) {
  test(`${name}: ${expected.status}`, async () => {
    const findings = await look({ ...rendered, 'apps/a.yaml': manifest, ...files }, config);
    assertFinding({ findings }, expected);
    if (expected.status === 'ok' && /argocd|flux/.test(expected.check)) assert.deepEqual(wrong(findings), []);
  });
}

const nothing: readonly (readonly [name: string, manifest: string])[] = [
  ['an Application of another repository', app.replace('acme/gitops', 'acme/apps').replace('{prune: true}', '{}')],
  ['a Kustomization of another repository', flux.replace('acme/gitops', 'acme/apps').replace('prune: true', '')],
  ['a Kustomization of another kind of source', flux.replace('{kind: GitRepository', '{kind: OCIRepository')],
  ['an Application of other folders', app.replace('path: output/prod', 'path: apps').replace('{prune: true}', '{}')],
  ['an Application of Applications', app.replace('path: output/prod', 'path: .').replace('{recurse: true}', '{}')],
  ['an Application of a chart', app.replace('path: output/prod', 'chart: web')],
  ['a path outside the repository', app.replace('path: output/prod', 'path: ../output/prod')],
  ['a template of a chart', `{{- if .Values.on }}\n${app.replace('{prune: true}', '{}')}{{- end }}\n`],
  ['manifests of others', `${'kind: Application\n'}apiVersion: app.k8s.io/v1\n# argoproj.io/\n`],
];
for (const [name, manifest] of nothing) {
  test(`${name}: no finding`, async () => {
    const findings = await look({ ...rendered, 'apps/a.yaml': manifest });
    assert.deepEqual(
      findings.map(({ check, status }) => [check, status]),
      [['gitops', 'ok']],
    );
    assert.match(findings[0]?.message ?? '', /output\/prod, output\/staging/);
  });
}

test('client-side apply does not matter where Flux applies', async () => {
  const manifest = `${flux}\n---${kustomization.replaceAll('prod', 'staging')}`;
  assert.deepEqual(wrong(await look({ ...rendered, 'apps/a.yaml': manifest }, { limits: { maxSubjects: 2000 } })), []);
});

test('the default branch of a clone is known', async () => {
  await using fixture = await repositoryWith({ ...rendered, 'apps/a.yaml': app.replace(/ {4}targetRevision.*\n/, '') });
  fixture.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/develop');
  const findings = await checkGitOps(contextOf(fixture));
  assertFinding({ findings }, argocd('warning', /follows develop, not main/));
});

test('a base that was not fetched is not checked', async () => {
  await using fixture = await repositoryWith(rendered);
  fixture.git('update-ref', '-d', 'refs/remotes/origin/main');
  const findings = await checkGitOps(contextOf(fixture));
  assert.deepEqual(
    findings.map(({ message }) => message),
    ['not checked: branch main has not been fetched yet'],
  );
});

test('Flux on a cluster of a fleet applies the folder of that cluster alone', async () => {
  const modules = {
    'fleet/ba/eu-2/keda.yaml': 'kind: HelmRelease\n',
    'fleet/a8/eu-1/keda.yaml': 'kind: HelmRelease\n',
    'fleet/_sources/keda.yaml': 'kind: HelmRepository\n',
  };
  const lookAt = (path: string, config: object = {}) =>
    look(
      { ...modules, 'apps/a.yaml': flux.replace('./output/prod', path) },
      { generators: { fleet: fleetSchema.parse({ hub: 'prod', ...config }) } },
    );
  assertFinding(
    { findings: await lookAt('./fleet') },
    ofFlux('error', /fleet holds the files of eu-1, eu-2: all of them are applied to one cluster/, /folder of each/),
  );
  for (const path of ['./fleet/ba/eu-2', './fleet/_sources']) assert.deepEqual(wrong(await lookAt(path)), []);
  // The hub applies all of them.
  assert.deepEqual(wrong(await lookAt('./fleet', { kind: 'HelmComponent' })), []);
});

test('doctor reads the base, and not the work tree', async () => {
  await using fixture = await openRemoteFixture({ rendered: true });
  await fixture.commit({ 'apps/a.yaml': app.replace('{prune: true}', '{}').replace(/ {4}repoURL.*\n/, '') });
  await fixture.write({ 'apps/a.yaml': app });
  assertFinding(await diagnose(fixture), argocd('warning', /does not prune/));
});

function wrong(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ status }) => status !== 'ok');
}

/** A clone of `acme/gitops` with these files on its base. */
async function repositoryWith(files: Files) {
  const fixture = await makeRepository();
  await fixture.commit(files);
  await addOrigin(fixture.dir, 'https://github.com/Acme/gitops');
  fixture.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  return fixture;
}

function contextOf({ own, dir }: Awaited<ReturnType<typeof makeRepository>>, config: object = {}): DoctorContext {
  const full = {
    clusters: [{ name: 'prod' }, { name: 'staging' }],
    output: { path: 'output/{cluster}/{namespace}/rbac.yaml', keep: [] },
    forge: { base: 'main', remote: 'origin', repository: null },
    limits: { maxSubjects: 1000 },
    names: 'portable',
    generators: {},
    ...config,
  };
  const repository = { git: own, root: dir, gitDir: `${dir}/.git`, objectFormat: 'sha1' };
  const workspace = { config: full, filtered: false, repository, inRoot: (path: string) => path };
  return { io: { generators: async () => [rbac, fleet] }, workspace } as unknown as DoctorContext;
}

async function look(files: Files, config?: object): Promise<readonly Finding[]> {
  await using fixture = await repositoryWith(files);
  const findings = await checkGitOps(contextOf(fixture, config));
  for (const { status, fix = '' } of findings) assert.equal(fix !== '', status === 'warning' || status === 'error');
  return findings;
}
