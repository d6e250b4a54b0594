import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configWith, type Data, refusal, refusalWith, smallest } from '../support/config.ts';

/** What a key takes and what it refuses; the message says the rule, so it is the same for all that are refused. */
interface Rule {
  readonly path: string;
  readonly takes: readonly Data[];
  readonly refuses: readonly Data[];
  readonly says: RegExp;
}

const long = (length: number) => 'a'.repeat(length);
const role = (rest: { [key: string]: Data }): Data => ({ athenzRole: 'k8s', ...rest });
const read = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

const rules: readonly Rule[] = [
  {
    path: 'clusters.0.name',
    takes: ['prod', 'a', '1', 'eu-west-1', long(63)],
    refuses: ['', 'Prod', 'a.b', 'a_b', '-a', 'a-', 'a/b', '..', 'a b', 'a\n', 'ä', '{cluster}', '$&', long(64)],
    says: /^clusters\[0\]\.name: must be a lower case RFC 1123 label/,
  },
  {
    path: 'clusters.0.domain',
    takes: [
      '{namespace}',
      'eks.users.{namespace}',
      'a.b_c-d.k8s-{namespace}',
      'a.{namespace}-prod.b',
      '_a.{namespace}',
    ],
    refuses: ['{namespace}.', '.{namespace}', 'a..{namespace}', 'A.{namespace}', 'a/{namespace}', 'a.-{namespace}'],
    says: /^clusters\[0\]\.domain: must be an Athenz domain name in lower case with \{namespace\} in it/,
  },
  {
    path: 'clusters.0.domain',
    takes: ['a.{namespace}'],
    refuses: ['', 'eks.users', 'a.{namespace}.{namespace}', 'a.{Namespace}', 'a.{name}', 'a.{ namespace }'],
    says: /^clusters\[0\]\.domain: must hold \{namespace\} exactly once/,
  },
  {
    path: 'clusters.0.domain',
    takes: ['a.{namespace}'],
    refuses: ['a.{cluster}.{namespace}', '{{namespace}}', 'a.{namespace}:role.x', 'a.{namespace}\n', 'a.*.{namespace}'],
    says: /^clusters\[0\]\.domain: must be an Athenz domain name/,
  },
  {
    path: 'roles.0.athenzRole',
    takes: ['k8s_ns_admins', 'a.b', '_', '0', 'a-b'],
    refuses: ['', 'Admins', 'a:b', 'dom:role.a', '../a', 'a/b', '.', 'a.', '.a', 'a..b', '-a', 'a*', 'a b', 'k8s\n'],
    says: /^roles\[0\]\.athenzRole: must be a short Athenz role name in lower case/,
  },
  {
    path: 'roles.0.clusterRole',
    takes: ['view', 'system:aggregate-to-view', 'Sports.Reader', 'a b', '-a-', '...', 'ü'],
    refuses: ['.', '..', 'a/b', 'a%b', '../view'],
    says: /^roles\[0\]\.clusterRole: must be a ClusterRole name/,
  },
  {
    path: 'roles.0',
    takes: [
      role({ rules: [read] }),
      role({ rules: [{ ...read, resourceNames: ['a'] }] }),
      role({ clusterRole: 'view' }),
    ],
    refuses: [role({}), role({ rules: [read], clusterRole: 'view' })],
    says: /^roles\[0\]: needs exactly one of "rules" and "clusterRole"$/,
  },
  {
    path: 'roles.0',
    takes: [role({ rules: [read, read] })],
    refuses: [
      role({ rules: [] }),
      role({ rules: [{ ...read, verbs: [] }] }),
      role({ rules: [{ ...read, resources: [] }] }),
      role({ rules: [{ ...read, apiGroups: [] }] }),
      role({ rules: [{ ...read, resourceNames: [] }] }),
      role({ rules: [{ ...read, verbs: [''] }] }),
    ],
    says: /^roles\[0\]\.rules.*: Too small: /,
  },
  {
    path: 'athenz.zmsUrl',
    takes: ['https://zms.example.com', 'https://127.0.0.1:4443/zms/v1', 'HTTPS://ZMS/zms/v1'],
    refuses: [
      '',
      'zms.example.com',
      'http://zms.example.com/zms/v1',
      'http://localhost/zms/v1',
      'file:///zms',
      '//zms',
    ],
    says: /^athenz\.zmsUrl: must be an https URL/,
  },
  {
    path: 'athenz.userDomain',
    takes: ['user', 'acme.people'],
    refuses: ['', 'User', 'user.', 'user.*', 'user:x'],
    says: /^athenz\.userDomain: /,
  },
  {
    path: 'athenz.requestTimeout',
    takes: ['500ms', '10s', '5m', '24h', '1ms'],
    refuses: ['', '10', '0s', '10 s', '-1s', '1.5s', '1d', '10S', '10s ', 'off', 10],
    says: /^athenz\.requestTimeout: (must be a duration such as 500ms, 10s or 5m|expected string, received number)$/,
  },
  {
    path: 'athenz.requestTimeout',
    takes: ['1440m', '86400s'],
    refuses: ['25h', '600h', '1441m', '9999999h'],
    says: /^athenz\.requestTimeout: must be at most 24h$/,
  },
  {
    path: 'athenz.concurrency',
    takes: [1, 256],
    refuses: [0, 257, 1.5, -1, '16', null],
    says: /^athenz\.concurrency: /,
  },
  {
    path: 'athenz.requestsPerSecond',
    takes: ['off', 1, 0.5],
    refuses: [0, -1, 'on', '5', null, false],
    says: /^athenz\.requestsPerSecond: (must be "off" or a number above 0|Too small)/,
  },
  {
    path: 'athenz.publicKeys',
    takes: [{}, { '0': 'a.pub' }, { 'zms.us-1_a': 'a.pub' }],
    refuses: [{ '0': '' }, { '': 'a.pub' }, { 'a/b': 'a.pub' }, { '0': null }, ['a.pub'], 'a.pub'],
    says: /^athenz\.publicKeys/,
  },
  {
    path: 'names',
    takes: ['portable'],
    refuses: ['Portable', ''],
    says: /^names: .*"portable"\|"operator"/,
  },
  {
    path: 'members.services',
    takes: ['skip', 'User', 'ServiceAccount'],
    refuses: ['user', 'Group'],
    says: /^members\.services: /,
  },
  { path: 'members.groups', takes: ['expand'], refuses: ['Group', 'skip'], says: /^members\.groups: / },
  { path: 'members.users.prefix', takes: ['', 'oidc:', ' '], refuses: [null, 1], says: /^members\.users\.prefix: / },
  { path: 'forge.kind', takes: ['local', 'none'], refuses: ['gitlab', 'GitHub'], says: /^forge\.kind: / },
  {
    path: 'forge.kind',
    takes: ['none'],
    refuses: ['github'],
    says: /^forge\.repository: is required when kind is github$/,
  },
  {
    path: 'forge.repository',
    takes: ['owner/name', 'a.b-c_d/e.f', null],
    refuses: ['name', 'a/b/c', 'https://github.com/a/b', 'a b/c', '/a', 'a/', ''],
    says: /^forge\.repository: must be owner\/name$/,
  },
  {
    path: 'forge.remote',
    takes: ['origin', 'up/stream', null],
    refuses: ['-origin', '--upload-pack=x', 'a b', 'https://x/y', '../x', '/x'],
    says: /^forge\.remote: must be the name of a git remote/,
  },
  {
    path: 'forge.apiUrl',
    takes: [
      'https://github.example.com/api/v3',
      'http://127.0.0.1:8080',
      'http://localhost:1',
      'http://[::1]:1/x',
      null,
    ],
    refuses: [
      'http://github.example.com',
      'http://127.0.0.1.example.com',
      'http://localhost.example.com',
      'ftp://127.0.0.1',
    ],
    says: /^forge\.apiUrl: must be https: plain http is accepted on loopback only$/,
  },
  { path: 'forge.apiUrl', takes: ['https://a'], refuses: ['github.com', ''], says: /^forge\.apiUrl: must be a URL/ },
  { path: 'forge.groupBy', takes: ['all', 'cluster', 'namespace'], refuses: ['role', null], says: /^forge\.groupBy: / },
  {
    path: 'forge.commit.name',
    takes: ['Access Bot', 'Bøt'],
    refuses: ['a <b>', 'a\nb', 'a\u0000'],
    says: /^forge\.commit\.name: must hold no/,
  },
  {
    path: 'forge.commit.email',
    takes: ['a@b', '1+bot@users.noreply.github.com'],
    refuses: ['a b@c', 'a>', 'a\n@b'],
    says: /^forge\.commit\.email: must be an e-mail address$/,
  },
  ...(['maxRemovedGrants', 'maxAddedGrants'] as const).flatMap((limit) => [
    {
      path: `limits.${limit}.percent`,
      takes: [0, 25, 100, 12.5, '0%', '25%', '12.5%', '100%'],
      refuses: [-1, 101, '25', '101%', '25 %', '-5%', '%', 'all', null],
      says: new RegExp(`^limits\\.${limit}(\\.percent)?: `),
    },
    { path: `limits.${limit}`, takes: [null, {}], refuses: [25, 'off', []], says: new RegExp(`^limits\\.${limit}: `) },
    {
      path: `limits.${limit}.floor`,
      takes: [0, 1],
      refuses: [-1, 0.5, '1', null],
      says: new RegExp(`^limits\\.${limit}\\.floor: `),
    },
  ]),
  { path: 'limits.maxSubjects', takes: [1, 2900], refuses: [0, 2901, 1.5, '1'], says: /^limits\.maxSubjects: / },
  { path: 'limits.neverEmpty', takes: [[], ['k8s_ns_viewers']], refuses: [['A'], 'a'], says: /^limits\.neverEmpty/ },
  { path: 'provision.adminUsers', takes: [[], ['user.a']], refuses: ['user.a', ['']], says: /^provision\.adminUsers/ },
  {
    path: 'provision.adminUsers',
    takes: [['a.b.c']],
    refuses: [['User.a'], ['user'], ['*'], ['a.*']],
    says: /full name/,
  },
  {
    path: 'provision.auditRef',
    takes: ['CHG-1', 'a b'],
    refuses: ['', 1, 'a\nb', 'ü'],
    says: /^provision\.auditRef: /,
  },
  {
    path: 'provision.tags',
    takes: [{ 'a.b': ['x'] }],
    refuses: [{ 'a b': ['x'] }, { a: 'x' }],
    says: /^provision\.tags/,
  },
  {
    path: 'provision.memberExpiryDays',
    takes: [1, null],
    refuses: [0, -1, 1.5, '9'],
    says: /^provision\.memberExpiryDays/,
  },
  {
    path: 'provision.annotations.adminUsers',
    takes: ['owners', 'acme.com/owners', null],
    refuses: ['', 'a b', 'Acme.com/x', 'a/b/c'],
    says: /^provision\.annotations\.adminUsers/,
  },
  {
    path: 'provision.roles',
    takes: [
      {},
      { k8s_ns_viewers: {} },
      { k8s_ns_viewers: { members: ['user.a'] } },
      { k8s_ns_viewers: { trust: { domain: 'a', role: 'b' } } },
    ],
    refuses: [{ 'k8s:x': {} }, { k8s_ns_viewers: { trust: { domain: 'a' } } }, { other: {} }],
    says: /^provision\.roles/,
  },
  {
    path: 'provision.roles',
    takes: [],
    refuses: [{ k8s_ns_viewers: { members: ['user.a'], trust: { domain: 'a', role: 'b' } } }],
    says: /must be empty for a delegated role/,
  },
  { path: 'provision.resourceOwner', takes: ['gitops', null], refuses: ['', 'a b'], says: /^provision\.resourceOwner/ },
  { path: 'provision.prune', takes: [false, 'report', 'delete'], refuses: [true, 'yes'], says: /^provision\.prune/ },
  { path: 'provision.pruneAfterDays', takes: [0, 30], refuses: [-1, 0.5], says: /^provision\.pruneAfterDays/ },
  { path: 'provision.maxPruned', takes: [1], refuses: [0, '1'], says: /^provision\.maxPruned/ },
  {
    path: 'clusters.0.namespaces.files',
    takes: [['a.yaml'], ['../a/**/*.yaml', '!(a|b).yaml']],
    refuses: [[], [''], ['/a.yaml'], ['!a.yaml'], 'a.yaml'],
    says: /^clusters\[0\]\.namespaces\.files/,
  },
  {
    path: 'clusters.0.namespaces.exclude',
    takes: [[], ['monitoring', 'team-*'], ['!(a|b)']],
    refuses: [[''], ['!monitoring'], 'monitoring'],
    says: /^clusters\[0\]\.namespaces\.exclude/,
  },
  { path: 'clusters', takes: [], refuses: [[], {}, null], says: /^clusters: / },
];

for (const { path, takes, refuses, says } of rules) {
  for (const value of takes) {
    test(`${path} takes ${shown(value)}`, () => void configWith(path, value));
  }
  for (const value of refuses) {
    test(`${path} refuses ${shown(value)}`, () => {
      assert.match(refusalWith(path, value).split('\n')[0] ?? '', says);
    });
  }
}

for (const number of ['.inf', '-.inf', '.nan', '1e400']) {
  test(`${number} is no number that a config takes`, () => {
    for (const path of ['concurrency', 'requestsPerSecond']) {
      const text = smallest.replace('athenz: {zmsUrl', `athenz: {${path}: ${number}, zmsUrl`);
      assert.match(refusal(text).message, new RegExp(`^g\\.yaml:2:10: athenz\\.${path}: `));
    }
    assert.match(refusal(`${smallest}limits: {maxRemovedGrants: {percent: ${number}}}\n`).message, /percent: /);
  });
}

const durations: readonly (readonly [string, number])[] = [
  ['1ms', 1],
  ['500ms', 500],
  ['10s', 10_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
];
for (const [text, milliseconds] of durations) {
  test(`the duration ${text} is ${milliseconds} milliseconds`, () => {
    assert.equal(configWith('athenz.requestTimeout', text).athenz.requestTimeout, milliseconds);
  });
}

for (const limit of ['maxRemovedGrants', 'maxAddedGrants'] as const) {
  test(`${limit} is the same with and without the sign of its percentage, and can be switched off`, () => {
    for (const value of [12.5, '12.5%']) {
      assert.deepEqual(configWith(`limits.${limit}.percent`, value).limits[limit], { percent: 12.5, floor: 10 });
    }
    assert.equal(configWith(`limits.${limit}`, null).limits[limit], null);
  });
}

const written: readonly (readonly [string, (text: string) => Data])[] = [
  ['members.users.prefix', (text) => text],
  ['roles.0.clusterRole', (text) => text],
  ['output.path', (text) => `o/${text}/{namespace}.yaml`],
  ['forge.commit.name', (text) => text],
  ['roles', (text) => [role({ rules: [{ ...read, apiGroups: [text] }] })]],
  ['roles', (text) => [role({ rules: [{ ...read, resources: [text] }] })]],
  ['roles', (text) => [role({ rules: [{ ...read, verbs: [text] }] })]],
  ['roles', (text) => [role({ rules: [{ ...read, resourceNames: [text] }] })]],
];
for (const [path, value] of written) {
  test(`half a character cannot be written to a file, so ${path} refuses it (${JSON.stringify(value('x'))})`, () => {
    configWith(path, value('😀'));
    assert.match(refusalWith(path, value('\ud83d')), /: must hold no lone surrogate: it has no encoding$/);
  });
}

function shown(value: Data): string {
  const text = JSON.stringify(value);
  return text.length > 70 ? `${text.slice(0, 66)} … ` : text;
}
