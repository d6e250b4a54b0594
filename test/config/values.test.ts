import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configWith, type Data, refusal, refusalWith, smallest } from '../support/config.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);

/** Values that a key accepts and rejects; all rejected values give the same message. */
interface Rule {
  readonly path: string;
  readonly accepts: readonly Data[];
  readonly rejects: readonly Data[];
  readonly expected: RegExp;
}

const long = (length: number) => 'a'.repeat(length);
const role = (rest: { [key: string]: Data }): Data => ({ athenzRole: 'k8s', ...rest });
const read = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

const rules: readonly Rule[] = [
  {
    path: 'clusters.0.name',
    accepts: ['prod', 'a', '1', 'eu-west-1', long(63)],
    rejects: ['', 'Prod', 'a.b', 'a_b', '-a', 'a-', 'a/b', '..', 'a b', 'a\n', 'ä', '{cluster}', '$&', long(64)],
    expected: /^clusters\[0\]\.name: must be a lower case RFC 1123 label/,
  },
  {
    path: 'clusters.0.domain',
    accepts: [
      '{namespace}',
      'eks.users.{namespace}',
      'a.b_c-d.k8s-{namespace}',
      'a.{namespace}-prod.b',
      '_a.{namespace}',
    ],
    rejects: ['{namespace}.', '.{namespace}', 'a..{namespace}', 'A.{namespace}', 'a/{namespace}', 'a.-{namespace}'],
    expected: /^clusters\[0\]\.domain: must be an Athenz domain name in lower case with \{namespace\} in it/,
  },
  {
    path: 'clusters.0.domain',
    accepts: ['a.{namespace}'],
    rejects: ['', 'eks.users', 'a.{namespace}.{namespace}', 'a.{Namespace}', 'a.{name}', 'a.{ namespace }'],
    expected: /^clusters\[0\]\.domain: must contain \{namespace\} exactly once/,
  },
  {
    path: 'clusters.0.domain',
    accepts: ['a.{namespace}'],
    rejects: ['a.{cluster}.{namespace}', '{{namespace}}', 'a.{namespace}:role.x', 'a.{namespace}\n', 'a.*.{namespace}'],
    expected: /^clusters\[0\]\.domain: must be an Athenz domain name/,
  },
  {
    path: 'roles.0.athenzRole',
    accepts: ['k8s_ns_admins', 'a.b', '_', '0', 'a-b'],
    rejects: ['', 'Admins', 'a:b', 'dom:role.a', '../a', 'a/b', '.', 'a.', '.a', 'a..b', '-a', 'a*', 'a b', 'k8s\n'],
    expected: /^roles\[0\]\.athenzRole: must be a short Athenz role name in lower case/,
  },
  {
    path: 'roles.0.clusterRole',
    accepts: ['view', 'system:aggregate-to-view', 'Sports.Reader', 'a b', '-a-', '...', 'ü'],
    rejects: ['.', '..', 'a/b', 'a%b', '../view'],
    expected: /^roles\[0\]\.clusterRole: must be a ClusterRole name/,
  },
  {
    path: 'roles.0',
    accepts: [
      role({ rules: [read] }),
      role({ rules: [{ ...read, resourceNames: ['a'] }] }),
      role({ clusterRole: 'view' }),
    ],
    rejects: [role({}), role({ rules: [read], clusterRole: 'view' })],
    expected: /^roles\[0\]: needs exactly one of "rules" and "clusterRole"$/,
  },
  {
    path: 'roles.0',
    accepts: [role({ rules: [read, read] })],
    rejects: [
      role({ rules: [] }),
      role({ rules: [{ ...read, verbs: [] }] }),
      role({ rules: [{ ...read, resources: [] }] }),
      role({ rules: [{ ...read, apiGroups: [] }] }),
      role({ rules: [{ ...read, resourceNames: [] }] }),
      role({ rules: [{ ...read, verbs: [''] }] }),
    ],
    expected: /^roles\[0\]\.rules.*: must (have at least one entry|not be empty)/,
  },
  {
    path: 'athenz.zmsUrl',
    accepts: ['https://zms.example.com', 'https://127.0.0.1:4443/zms/v1', 'HTTPS://ZMS/zms/v1'],
    rejects: [
      '',
      'zms.example.com',
      'http://zms.example.com/zms/v1',
      'http://localhost/zms/v1',
      'file:///zms',
      '//zms',
    ],
    expected: /^athenz\.zmsUrl: must be an https URL/,
  },
  {
    path: 'athenz.userDomain',
    accepts: ['user', 'acme.people', ['user'], ['user', 'contractor']],
    rejects: ['', 'User', 'user.', 'user.*', 'user:x', [], [''], ['user', 'User'], {}],
    expected: /^athenz\.userDomain(\[\d\])?: must be an Athenz domain, /,
  },
  {
    path: 'athenz.requestTimeout',
    accepts: ['500ms', '10s', '5m', '24h', '1ms'],
    rejects: ['', '10', '0s', '10 s', '-1s', '1.5s', '1d', '10S', '10s ', 'off', 10],
    expected: /^athenz\.requestTimeout: (must be a duration such as 500ms, 10s or 5m|must be a string)$/,
  },
  {
    path: 'athenz.requestTimeout',
    accepts: ['1440m', '86400s'],
    rejects: ['25h', '600h', '1441m', '9999999h'],
    expected: /^athenz\.requestTimeout: must be at most 24h$/,
  },
  {
    path: 'athenz.concurrency',
    accepts: [1, 256],
    rejects: [0, 257, 1.5, -1, '16', null],
    expected: /^athenz\.concurrency: /,
  },
  {
    path: 'athenz.requestsPerSecond',
    accepts: ['off', 1, 0.5],
    rejects: [0, -1, 'on', '5', null, false],
    expected: /^athenz\.requestsPerSecond: (must be "off" or a number above 0|must be more than 0)/,
  },
  {
    path: 'athenz.publicKeys',
    accepts: [{}, { '0': 'a.pub' }, { 'zms.us-1_a': 'a.pub' }],
    rejects: [{ '0': '' }, { '': 'a.pub' }, { 'a/b': 'a.pub' }, { '0': null }, ['a.pub'], 'a.pub'],
    expected: /^athenz\.publicKeys/,
  },
  {
    path: 'names',
    accepts: ['portable'],
    rejects: ['Portable', ''],
    expected: /^names: must be "portable" or "operator"$/,
  },
  {
    path: 'members.services',
    accepts: ['skip', 'User', 'ServiceAccount'],
    rejects: ['user', 'Group'],
    expected: /^members\.services: /,
  },
  { path: 'members.groups', accepts: ['expand'], rejects: ['Group', 'skip'], expected: /^members\.groups: / },
  {
    path: 'members.users.prefix',
    accepts: ['', 'oidc:', ' '],
    rejects: [null, 1],
    expected: /^members\.users\.prefix: /,
  },
  { path: 'forge.kind', accepts: ['local', 'none'], rejects: ['gitlab', 'GitHub'], expected: /^forge\.kind: / },
  {
    path: 'forge.kind',
    accepts: ['none'],
    rejects: ['github'],
    expected: /^forge\.repository: is required when kind is github$/,
  },
  {
    path: 'forge.repository',
    accepts: ['owner/name', 'a.b-c_d/e.f', null],
    rejects: ['name', 'a/b/c', 'https://github.com/a/b', 'a b/c', '/a', 'a/', ''],
    expected: /^forge\.repository: must be owner\/name$/,
  },
  {
    path: 'forge.remote',
    accepts: ['origin', 'up/stream', null],
    rejects: ['-origin', '--upload-pack=x', 'a b', 'https://x/y', '../x', '/x'],
    expected: /^forge\.remote: must be the name of a git remote/,
  },
  {
    path: 'forge.apiUrl',
    accepts: [
      'https://github.example.com/api/v3',
      'http://127.0.0.1:8080',
      'http://localhost:1',
      'http://[::1]:1/x',
      null,
    ],
    rejects: [
      'http://github.example.com',
      'http://127.0.0.1.example.com',
      'http://localhost.example.com',
      'ftp://127.0.0.1',
    ],
    expected: /^forge\.apiUrl: must be https: plain http is accepted on loopback only$/,
  },
  {
    path: 'forge.apiUrl',
    accepts: ['https://a'],
    rejects: ['github.com', ''],
    expected: /^forge\.apiUrl: must be a URL/,
  },
  {
    path: 'forge.groupBy',
    accepts: ['all', 'cluster', 'namespace'],
    rejects: ['role', null],
    expected: /^forge\.groupBy: /,
  },
  {
    path: 'forge.commit.name',
    accepts: ['Access Bot', 'Bøt'],
    rejects: ['a <b>', 'a\nb', 'a\u0000'],
    expected: /^forge\.commit\.name: must not contain/,
  },
  {
    path: 'forge.commit.email',
    accepts: ['a@b', '1+bot@users.noreply.github.com'],
    rejects: ['a b@c', 'a>', 'a\n@b'],
    expected: /^forge\.commit\.email: must be an e-mail address$/,
  },
  ...(['maxRemovedGrants', 'maxAddedGrants'] as const).flatMap((limit) => [
    {
      path: `limits.${limit}.percent`,
      accepts: [0, 25, 100, 12.5, '0%', '25%', '12.5%', '100%'],
      rejects: [-1, 101, '25', '101%', '25 %', '-5%', '%', 'all', null],
      expected: new RegExp(`^limits\\.${limit}(\\.percent)?: `),
    },
    {
      path: `limits.${limit}`,
      accepts: [null, {}],
      rejects: [25, 'off', []],
      expected: new RegExp(`^limits\\.${limit}: `),
    },
    {
      path: `limits.${limit}.floor`,
      accepts: [0, 1],
      rejects: [-1, 0.5, '1', null],
      expected: new RegExp(`^limits\\.${limit}\\.floor: `),
    },
  ]),
  { path: 'limits.maxSubjects', accepts: [1, 2900], rejects: [0, 2901, 1.5, '1'], expected: /^limits\.maxSubjects: / },
  {
    path: 'limits.neverEmpty',
    accepts: [[], ['k8s_ns_viewers']],
    rejects: [['A'], 'a'],
    expected: /^limits\.neverEmpty/,
  },
  {
    path: 'provision.adminUsers',
    accepts: [[], ['user.a']],
    rejects: ['user.a', ['']],
    expected: /^provision\.adminUsers/,
  },
  {
    path: 'provision.adminUsers',
    accepts: [['a.b.c']],
    rejects: [['User.a'], ['user'], ['*'], ['a.*']],
    expected: /full name/,
  },
  {
    path: 'provision.auditRef',
    accepts: ['CHG-1', 'a b'],
    rejects: ['', 1, 'a\nb', 'ü'],
    expected: /^provision\.auditRef: /,
  },
  {
    path: 'provision.tags',
    accepts: [{ 'a.b': ['x', 'v1.2/x:y,z%'] }, { a: numbered(22) }],
    rejects: [
      { 'a b': ['x'] },
      { a: 'x' },
      { a: ['ü'] },
      { a: ['a b'] },
      { a: ['-x'] },
      { a: ['x..y'] },
      { a: numbered(23) },
    ],
    expected: /^provision\.tags/,
  },
  {
    path: 'provision.memberExpiryDays',
    accepts: [1, null],
    rejects: [0, -1, 1.5, '9'],
    expected: /^provision\.memberExpiryDays/,
  },
  {
    path: 'provision.annotations.adminUsers',
    accepts: ['owners', 'acme.com/owners', null],
    rejects: ['', 'a b', 'Acme.com/x', 'a/b/c'],
    expected: /^provision\.annotations\.adminUsers/,
  },
  {
    path: 'provision.roles',
    accepts: [
      {},
      { k8s_ns_viewers: {} },
      { k8s_ns_viewers: { members: ['user.a'] } },
      { k8s_ns_viewers: { trust: { domain: 'a', role: 'b' } } },
      { k8s_ns_viewers: { tags: { a: numbered(24) } } },
    ],
    rejects: [
      { k8s_ns_viewers: { tags: { a: numbered(25) } } },
      { 'k8s:x': {} },
      { k8s_ns_viewers: { trust: { domain: 'a' } } },
      { other: {} },
    ],
    expected: /^provision\.roles/,
  },
  {
    path: 'provision.roles',
    accepts: [],
    rejects: [{ k8s_ns_viewers: { members: ['user.a'], trust: { domain: 'a', role: 'b' } } }],
    expected: /must be empty for a delegated role/,
  },
  {
    path: 'provision.resourceOwner',
    accepts: ['gitops', null],
    rejects: ['', 'a b'],
    expected: /^provision\.resourceOwner/,
  },
  {
    path: 'provision.prune',
    accepts: [false, 'report', 'delete'],
    rejects: [true, 'yes'],
    expected: /^provision\.prune/,
  },
  { path: 'provision.pruneAfterDays', accepts: [0, 30], rejects: [-1, 0.5], expected: /^provision\.pruneAfterDays/ },
  { path: 'provision.maxPruned', accepts: [1], rejects: [0, '1'], expected: /^provision\.maxPruned/ },
  {
    path: 'clusters.0.namespaces.files',
    accepts: [['a.yaml'], ['../a/**/*.yaml', '!(a|b).yaml'], ['!a/charts/**', 'a/**', '!!(a|b).yaml']],
    rejects: [[], [''], ['/a.yaml'], ['!a.yaml'], ['a.yaml', '!'], ['a.yaml', '!/a'], ['a.yaml', '!!a'], 'a.yaml'],
    expected: /^clusters\[0\]\.namespaces\.files/,
  },
  {
    path: 'clusters.0.namespaces.exclude',
    accepts: [[], ['monitoring', 'team-*'], ['!(a|b)']],
    rejects: [[''], ['!monitoring'], 'monitoring'],
    expected: /^clusters\[0\]\.namespaces\.exclude/,
  },
  { path: 'clusters', accepts: [], rejects: [[], {}, null], expected: /^clusters: / },
];

for (const { path, accepts, rejects, expected } of rules) {
  for (const value of accepts) {
    test(`${path} accepts ${shown(value, 71 - path.length)}`, () => void configWith(path, value));
  }
  for (const value of rejects) {
    test(`${path} rejects ${shown(value, 71 - path.length)}`, () => {
      assert.match(refusalWith(path, value).split('\n')[0] ?? '', expected);
    });
  }
}

for (const number of ['.inf', '-.inf', '.nan', '1e400']) {
  test(`rejects the number ${number}`, () => {
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
  test(`${limit} accepts a percentage with or without "%", or null`, () => {
    for (const value of [12.5, '12.5%']) {
      assert.deepEqual(configWith(`limits.${limit}.percent`, value).limits[limit], { percent: 12.5, floor: 10 });
    }
    assert.equal(configWith(`limits.${limit}`, null).limits[limit], null);
  });
}

const textValues: readonly (readonly [string, (text: string) => Data])[] = [
  ['members.users.prefix', (text) => text],
  ['roles.0.clusterRole', (text) => text],
  ['output.path', (text) => `o/${text}/{namespace}.yaml`],
  ['forge.commit.name', (text) => text],
  ['roles', (text) => [role({ rules: [{ ...read, apiGroups: [text] }] })]],
  ['roles', (text) => [role({ rules: [{ ...read, resources: [text] }] })]],
  ['roles', (text) => [role({ rules: [{ ...read, verbs: [text] }] })]],
  ['roles', (text) => [role({ rules: [{ ...read, resourceNames: [text] }] })]],
];
for (const [path, value] of textValues) {
  test(`rejects a lone surrogate in ${path} (${shown(value('x'), 49 - path.length)})`, () => {
    configWith(path, value('😀'));
    assert.match(refusalWith(path, value('\ud83d')), /: must not contain a lone surrogate, which has no encoding$/);
  });
}

/** The value for a test name: the end of it, if it is longer than `limit`. */
function shown(value: Data, limit: number): string {
  const text = JSON.stringify(value)
    .replaceAll('"athenzRole":"k8s",', '')
    .replace(/"(\w+)":/g, '$1:');
  return text.length > limit ? `…${text.slice(1 - limit)}` : text;
}
