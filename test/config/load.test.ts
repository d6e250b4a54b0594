import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { AppError, exitCodeOf } from '../../src/model/error.ts';
import { smallest, smallestData, withValue } from '../support/config.ts';

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-config-'));
});
after(() => rm(dir, { recursive: true, force: true }));

const noProvision = {
  adminUsers: [],
  org: null,
  description: null,
  memberExpiryDays: null,
  tags: {},
  annotations: { adminUsers: null, org: null, description: null },
  roles: {},
  groups: {},
  auditRef: 'athenz-gitops',
  resourceOwner: 'athenz-gitops',
  prune: false,
  pruneAfterDays: 7,
  maxPruned: 5,
};

const plainRole = {
  members: [],
  description: null,
  memberExpiryDays: null,
  selfServe: null,
  reviewEnabled: null,
  tags: {},
};

test('a minimal config gets every default', () => {
  assert.deepEqual(parseConfig(smallest, '/repo/athenz-gitops.yaml'), {
    file: '/repo/athenz-gitops.yaml',
    dir: '/repo',
    id: null,
    athenz: {
      zmsUrl: 'https://zms.example.com:4443/zms/v1',
      certPath: null,
      keyPath: null,
      caPath: null,
      publicKeys: {},
      userDomain: 'user',
      requestTimeout: 10_000,
      concurrency: 16,
      requestsPerSecond: 'off',
      cache: null,
    },
    clusters: [
      {
        name: 'prod',
        domain: 'eks.users.{namespace}',
        namespaces: { files: ['clusters/prod/*.yaml'], exclude: [] },
        kube: null,
        roles: [{ athenzRole: 'k8s_ns_viewers', clusterRole: 'view' }],
      },
    ],
    members: { users: { prefix: '' }, services: 'skip', groups: 'expand' },
    names: 'portable',
    generators: {},
    output: { path: 'output/{cluster}/{namespace}/rbac.yaml', templates: null, keep: [] },
    forge: {
      kind: 'local',
      repository: null,
      base: 'main',
      remote: null,
      apiUrl: null,
      caPath: null,
      commit: { name: 'athenz-gitops', email: 'athenz-gitops@users.noreply.github.com' },
      groupBy: 'cluster',
      reviewers: [],
      maxOpenPullRequests: 10,
      maxFilesPerPullRequest: 250,
    },
    alerts: { unread: 86_400_000, removals: 86_400_000 },
    limits: { maxRemovedGrants: { percent: 25, floor: 10 }, maxAddedGrants: null, neverEmpty: [], maxSubjects: 1000 },
    provision: noProvision,
  });
});

test('parses every key of the reference', () => {
  const config = parseConfig(reference, '/repo/infra/athenz-gitops.yaml');
  assert.deepEqual(config.athenz, {
    zmsUrl: 'https://zms.example.com:4443/zms/v1',
    certPath: '/repo/infra/certs/gitops.crt',
    keyPath: '/repo/keys/gitops.key',
    caPath: '/etc/ca.crt',
    publicKeys: { '0': '/repo/infra/certs/zms.pub' },
    userDomain: 'acme.people',
    requestTimeout: 90_000,
    concurrency: 4,
    requestsPerSecond: 12.5,
    cache: '/var/cache/gitops',
  });
  assert.deepEqual(config.clusters[0]?.namespaces, { files: ['clusters/prod/**/*.yaml'], exclude: ['monitoring'] });
  assert.deepEqual(config.members, { users: { prefix: 'oidc:' }, services: 'ServiceAccount', groups: 'expand' });
  assert.equal(config.names, 'operator');
  assert.deepEqual(config.output, {
    path: 'output/{cluster}/{shard}/{namespace}/{role}.yaml',
    templates: 'templates/rbac',
    keep: ['output/**/kustomization.yaml'],
  });
  assert.deepEqual(config.forge, {
    kind: 'github',
    repository: 'owner/name',
    base: 'trunk',
    remote: 'origin',
    apiUrl: 'https://github.example.com/api/v3',
    caPath: '/repo/infra/certs/ghe.crt',
    commit: { name: 'bot', email: 'bot@example.com' },
    groupBy: 'namespace',
    reviewers: ['alice', 'team/platform'],
    maxOpenPullRequests: 3,
    maxFilesPerPullRequest: 100,
  });
  assert.deepEqual(config.limits, {
    maxRemovedGrants: { percent: 12.5, floor: 0 },
    maxAddedGrants: { percent: 40, floor: 10 },
    neverEmpty: ['k8s_ns_admins'],
    maxSubjects: 2900,
  });
  assert.deepEqual(config.provision, {
    adminUsers: ['user.athenz_admin'],
    org: 'acme',
    description: 'Namespace {namespace} of {cluster}',
    memberExpiryDays: 365,
    tags: { 'k8s.cluster': ['prod'] },
    annotations: { adminUsers: 'acme.com/owners', org: null, description: 'acme.com/about' },
    roles: {
      k8s_ns_admins: {
        members: ['user.ada', 'acme.org:group.sre'],
        description: 'Admins',
        memberExpiryDays: 90,
        selfServe: true,
        reviewEnabled: true,
        tags: { tier: ['1'] },
        trust: null,
      },
      k8s_ns_viewers: { ...plainRole, trust: { domain: 'acme.org', role: 'viewers', policy: true } },
    },
    groups: { devs: { members: ['user.bo'] }, ops: { members: [] } },
    auditRef: 'CHG-1',
    resourceOwner: 'acme',
    prune: 'delete',
    pruneAfterDays: 0,
    maxPruned: 20,
  });
});

const spellings: readonly (readonly [string, string])[] = [
  ['JSON on one line', JSON.stringify(smallestData)],
  ['JSON indented by two spaces', JSON.stringify(smallestData, null, 2)],
  ['JSON indented by tabs', JSON.stringify(smallestData, null, '\t')],
  ['YAML with Windows line endings', smallest.replaceAll('\n', '\r\n')],
  ['YAML with a byte order mark', `\ufeff${smallest.trimStart()}`],
  ['YAML with document markers', `---${smallest}...\n`],
  ['YAML with an anchor', smallest.replace('[clusters', '&files [clusters')],
  ['YAML with a $schema key', `$schema: ./schemas/athenz-gitops.schema.json${smallest}`],
];
for (const [name, text] of spellings) {
  test(`reads the same config from ${name}`, () => {
    assert.deepEqual(parseConfig(text, '/repo/a.yaml'), parseConfig(smallest, '/repo/a.yaml'));
  });
}

test('an anchor can be shared by the rules of several roles', () => {
  const rules = '&read [{apiGroups: [""], resources: [pods], verbs: [get]}]';
  const roles = `- {athenzRole: a, rules: ${rules}}\n  - {athenzRole: b, rules: *read}`;
  const config = parseConfig(smallest.replace('- {athenzRole: k8s_ns_viewers, clusterRole: view}', roles), 'g.yaml');
  const expected = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  assert.deepEqual(config.clusters[0]?.roles, [
    { athenzRole: 'a', rules: expected },
    { athenzRole: 'b', rules: expected },
  ]);
});

test("a cluster's own roles replace the common roles for that cluster only", () => {
  const own = [{ athenzRole: 'oncall', clusterRole: 'edit' }];
  const prod = withValue(smallestData, 'clusters.1', {
    name: 'dev',
    domain: 'eks.dev.{namespace}',
    namespaces: { files: ['dev.txt'] },
    roles: own,
  });
  const config = parseConfig(JSON.stringify(prod), 'g.yaml');
  assert.deepEqual(
    config.clusters.map((cluster) => cluster.roles),
    [[{ athenzRole: 'k8s_ns_viewers', clusterRole: 'view' }], own],
  );
});

test('sorts roles by name, whatever their order in the file', () => {
  const roles = ['c', 'a.z', 'a_b', 'a', 'b'].map((athenzRole) => ({ athenzRole, clusterRole: 'view' }));
  const config = parseConfig(JSON.stringify(withValue(smallestData, 'roles', roles)), 'g.yaml');
  assert.deepEqual(
    config.clusters[0]?.roles.map((role) => role.athenzRole),
    ['a', 'a.z', 'a_b', 'b', 'c'],
  );
});

const remotes: readonly (readonly [string, string, string | null])[] = [
  ['github', 'kind: github, repository: o/n', 'origin'],
  ['local', 'kind: local', null],
  ['none', 'kind: none', null],
  ['local with a remote set', 'kind: local, remote: upstream', 'upstream'],
];
for (const [name, forge, remote] of remotes) {
  test(`the git remote of forge ${name} is ${remote}`, () => {
    assert.equal(parseConfig(`${smallest}forge: {${forge}}\n`, 'g.yaml').forge.remote, remote);
  });
}

test('strips trailing slashes from the ZMS URL', () => {
  const text = smallest.replace('/zms/v1', '/zms/v1//');
  assert.equal(parseConfig(text, 'g.yaml').athenz.zmsUrl, 'https://zms.example.com:4443/zms/v1');
});

test('resolves paths relative to the config file', async () => {
  const file = join(dir, 'good.yaml');
  await writeFile(file, smallest.replace('{zmsUrl', '{certPath: certs/a.crt, zmsUrl'));
  for (const name of [file, relative(process.cwd(), file)]) {
    const config = await loadConfig(name);
    assert.equal(config.file, file);
    assert.equal(config.dir, dir);
    assert.equal(config.athenz.certPath, join(dir, 'certs/a.crt'));
  }
});

const unreadable: readonly (readonly [string, string])[] = [
  ['that does not exist', 'missing.yaml'],
  ['that is a directory', '.'],
  ['inside a file', 'file.txt/athenz-gitops.yaml'],
];
for (const [name, path] of unreadable) {
  test(`reports a config file ${name} with a hint`, async () => {
    await writeFile(join(dir, 'file.txt'), '');
    const file = join(dir, path);
    await assert.rejects(loadConfig(file), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'CONFIG_NOT_FOUND');
      assert.ok(error.message.includes(file), error.message);
      assert.match(error.next ?? '', /--config/);
      assert.equal(exitCodeOf(error.code), 2);
      return true;
    });
  });
}

const reference = `
athenz:
  zmsUrl: https://zms.example.com:4443/zms/v1
  certPath: certs/gitops.crt
  keyPath: ../keys/gitops.key
  caPath: /etc/ca.crt
  publicKeys: {"0": certs/zms.pub}
  userDomain: acme.people
  requestTimeout: 90s
  concurrency: 4
  requestsPerSecond: 12.5
  cache: /var/cache/gitops
clusters:
  - name: prod
    domain: eks.users.{namespace}
    namespaces:
      files: [clusters/prod/**/*.yaml]
      exclude: [monitoring]
roles:
  - athenzRole: k8s_ns_admins
    rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
  - athenzRole: k8s_ns_viewers
    rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
members:
  users: {prefix: "oidc:"}
  services: ServiceAccount
  groups: expand
names: operator
output:
  path: output/{cluster}/{shard}/{namespace}/{role}.yaml
  templates: templates/rbac
  keep: [output/**/kustomization.yaml]
forge:
  kind: github
  repository: owner/name
  base: trunk
  remote: origin
  apiUrl: https://github.example.com/api/v3
  caPath: certs/ghe.crt
  commit: {name: bot, email: bot@example.com}
  groupBy: namespace
  reviewers: [alice, team/platform]
  maxOpenPullRequests: 3
  maxFilesPerPullRequest: 100
limits:
  maxRemovedGrants: {percent: 12.5%, floor: 0}
  maxAddedGrants: {percent: 40%}
  neverEmpty: [k8s_ns_admins]
  maxSubjects: 2900
provision:
  adminUsers: [user.athenz_admin]
  org: acme
  description: "Namespace {namespace} of {cluster}"
  memberExpiryDays: 365
  tags: {k8s.cluster: [prod]}
  annotations: {adminUsers: acme.com/owners, description: acme.com/about}
  roles:
    k8s_ns_admins:
      members: [user.ada, "acme.org:group.sre"]
      description: Admins
      memberExpiryDays: 90
      selfServe: true
      reviewEnabled: true
      tags: {tier: ["1"]}
    k8s_ns_viewers: {trust: {domain: acme.org, role: viewers, policy: true}}
  groups: {devs: {members: [user.bo]}, ops: {}}
  auditRef: CHG-1
  resourceOwner: acme
  prune: delete
  pruneAfterDays: 0
  maxPruned: 20
`;
