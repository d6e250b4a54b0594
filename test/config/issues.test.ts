import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { exitCodeOf } from '../../src/model/error.ts';
import { type Data, refusal, refusalWith, smallest, smallestData } from '../support/config.ts';
import { isChaos } from '../support/tier.ts';

/** An unknown key and its error message. */
const unknown: readonly (readonly [string, string])[] = [
  ['athnz', 'athnz: unknown key (did you mean "athenz"?)'],
  ['Names', 'Names: unknown key (did you mean "names"?)'],
  ['athenz.zmsURL', 'athenz.zmsURL: unknown key (did you mean "zmsUrl"?)'],
  ['athenz.requestTimout', 'athenz.requestTimout: unknown key (did you mean "requestTimeout"?)'],
  ['clusters.0.domian', 'clusters[0].domian: unknown key (did you mean "domain"?)'],
  ['clusters.0.namespaces.excludes', 'clusters[0].namespaces.excludes: unknown key (did you mean "exclude"?)'],
  ['roles.0.athenzrole', 'roles[0].athenzrole: unknown key (did you mean "athenzRole"?)'],
  ['members.users.prefx', 'members.users.prefx: unknown key (did you mean "prefix"?)'],
  ['members.service', 'members.service: unknown key (did you mean "services"?)'],
  ['output.file', 'output.file: unknown key (known: path, templates, keep)'],
  ['forge.commit.mail', 'forge.commit.mail: unknown key (did you mean "email"?)'],
  ['limits.maxRemovedGrants.percentage', 'limits.maxRemovedGrants.percentage: unknown key (did you mean "percent"?)'],
  ['provision.auditref', 'provision.auditref: unknown key (did you mean "auditRef"?)'],
  ['roles.0.nonResourceURLs', 'roles[0].nonResourceURLs: unknown key (known: athenzRole, rules, clusterRole)'],
  ['members.zzzzzzzzzz', 'members.zzzzzzzzzz: unknown key (known: users, services, groups)'],
];
for (const [path, expected] of unknown) {
  test(`rejects the unknown key ${path} with a hint`, () => {
    assert.ok(refusalWith(path, 'x').split('\n').includes(expected), refusalWith(path, 'x'));
  });
}

test('rejects nonResourceURLs in a rule as an unknown key', () => {
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'], nonResourceURLs: ['/healthz'] };
  assert.match(
    refusalWith('roles', [{ athenzRole: 'a', rules: [rule] }]),
    /^roles\[0\]\.rules\[0\]\.nonResourceURLs: unknown key \(known: apiGroups, resources, verbs, resourceNames\)$/,
  );
});

test('CONFIG_UNKNOWN_KEY is used only if all mistakes are unknown keys', () => {
  assert.equal(refusal(`${smallest}nams: portable\nform: 1\n`).code, 'CONFIG_UNKNOWN_KEY');
  assert.equal(refusal(`${smallest}nams: portable\nnames: x\n`).code, 'CONFIG_INVALID');
});

const many = `athenz:
  zmsUrl: http://zms.example.com
  concurency: 4
clusters:
  - name: Prod
    domain: eks.users
    namespaces:
      fils: [a.yaml]
roles:
  - athenzRole: k8s
    rules: []
    clusterRole: view
  - athenzRole: k8s
    clusterRole: a/b
output:
  path: /out/{namespace}.json
limits:
  maxSubjects: 3000
`;

test('reports all mistakes in file order with line and column', () => {
  const { code, message, next } = refusal(many, 'conf/g.yaml');
  assert.equal(code, 'CONFIG_INVALID');
  assert.deepEqual(
    message.split('\n').map((line) => line.replace(/^(conf\/g\.yaml:\d+:\d+: \S+) .*/, '$1')),
    [
      'conf/g.yaml:2:3: athenz.zmsUrl:',
      'conf/g.yaml:3:3: athenz.concurency:',
      'conf/g.yaml:5:5: clusters[0].name:',
      'conf/g.yaml:6:5: clusters[0].domain:',
      'conf/g.yaml:8:7: clusters[0].namespaces.fils:',
      'conf/g.yaml:10:5: roles[0]:',
      'conf/g.yaml:11:5: roles[0].rules:',
      'conf/g.yaml:13:5: roles[1].athenzRole:',
      'conf/g.yaml:14:5: roles[1].clusterRole:',
      'conf/g.yaml:16:3: output.path:',
      'conf/g.yaml:16:3: output.path:',
      'conf/g.yaml:16:3: output.path:',
      'conf/g.yaml:18:3: limits.maxSubjects:',
    ],
  );
  assert.equal(next, 'correct these 13 and run again');
  assert.equal(exitCodeOf(code), 2);
});

test('counts lines in JSON and with Windows line endings', () => {
  assert.match(refusal(JSON.stringify({ ...smallestObject(), nams: 1 }, null, 2)).message, /^g\.yaml:\d\d:3: nams: /);
  assert.match(refusal(many.replaceAll('\n', '\r\n')).message, /g\.yaml:18:3: limits\.maxSubjects: /);
});

const missing: readonly (readonly [string, string])[] = [
  ['athenz', 'athenz: is required'],
  ['athenz.zmsUrl', 'athenz.zmsUrl: is required'],
  ['clusters', 'clusters: is required'],
  ['clusters.0.name', 'clusters[0].name: is required'],
  ['clusters.0.domain', 'clusters[0].domain: is required'],
  ['clusters.0.namespaces', 'clusters[0].namespaces: is required'],
  ['clusters.0.namespaces.files', 'clusters[0].namespaces: needs exactly one of "files" and "cluster"'],
  ['roles.0.athenzRole', 'roles[0].athenzRole: is required'],
  ['roles.0.clusterRole', 'roles[0]: needs exactly one of "rules" and "clusterRole"'],
  ['roles', 'clusters[0]: has no roles: set "roles" at the top or here'],
];
for (const [path, expected] of missing) {
  test(`rejects a config without ${path}`, () => assert.equal(refusalWith(path, undefined), expected));
}

const empty: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['only a comment', '# to be written\n'],
  ['a word', 'athenz'],
  ['a list', '- athenz\n'],
  ['a number', '7\n'],
];
for (const [name, text] of empty) {
  test(`rejects a file that contains ${name}`, () => {
    const { code, message } = refusal(text);
    assert.equal(code, 'CONFIG_INVALID');
    assert.match(message, /^g\.yaml:1:1: (must be a map of keys and values|is empty: .*)$/);
  });
}

const syntax: readonly (readonly [string, string, RegExp])[] = [
  ['an unclosed list', `${smallest}names: [\n`, /^g\.yaml:10:1: Flow sequence/],
  ['a duplicate key', `${smallest}names: portable\nnames: operator\n`, /^g\.yaml:10:1: Map keys must be unique$/],
  ['a tab as indentation', 'athenz:\n\tzmsUrl: x\n', /^g\.yaml:2:1: /],
  ['two documents', `${smallest}---\n${smallest}`, /^g\.yaml:9:1: .*multiple documents/],
  [
    'an unquoted glob',
    smallest.replace('clusters/prod/*.yaml', '*.yaml'),
    /^g\.yaml:6:26: Unresolved alias .*: \.yaml$/,
  ],
  ['an unquoted asterisk', 'roles:\n  - {verbs: [*]}\n', /^g\.yaml:2:14: /],
  ['an alias before its anchor', 'a: *x\nb: &x 1\n', /^g\.yaml:1:4: Unresolved alias/],
  ['an unclosed string', 'names: "portable\n', /^g\.yaml:\d:\d+: /],
  ['broken JSON', '{"athenz": {"zmsUrl": }\n', /^g\.yaml:\d:\d+: /],
];
const keys = isChaos ? 50_000 : 10_000;
const tooMany: readonly (readonly [string, string, RegExp])[] = [
  [
    'above 1 MiB',
    `${smallest}# ${'x'.repeat(1024 ** 2)}\n`,
    /^g\.yaml: 1048802 bytes are too many: at most 1048576 are read$/,
  ],
  [
    `with ${keys} unknown keys`,
    `${smallest}${Array.from({ length: keys }, (_, index) => `key${index}: 1\n`).join('')}`,
    new RegExp(
      `^g\\.yaml:9:1: key0: unknown key.*(\\ng\\.yaml:\\d+:1: key\\d+: unknown key.*){99}\\ng\\.yaml: and ${keys - 100} more$`,
    ),
  ],
];
for (const [name, text, expected] of tooMany) {
  test(`rejects a config ${name}`, () => assert.match(refusal(text).message, expected));
}

for (const [name, text, expected] of syntax) {
  test(`reports ${name} as a syntax error with line and column`, () => {
    const { code, message, next } = refusal(text);
    assert.equal(code, 'CONFIG_SYNTAX');
    assert.match(message, expected);
    assert.equal(next, 'correct the YAML');
  });
}

const bombs: readonly (readonly [string, string])[] = [
  ['exponential aliases', billionLaughs()],
  ['an alias to itself', 'athenz: &a {b: *a}\n'],
  ['100,000 unclosed lists', '['.repeat(100_000)],
  ['10,000 nested lists', '['.repeat(10_000) + ']'.repeat(10_000)],
  ['20,000 nested block lists', `${'- '.repeat(20_000)}a`],
];
for (const [name, text] of bombs) {
  test(`fails with an error, not a crash, on ${name}`, () => {
    const { code, message } = refusal(text);
    assert.match(code, /^CONFIG_(SYNTAX|INVALID)$/);
    assert.match(message, /^g\.yaml:/);
  });
}

test('exponential aliases are never expanded', () => {
  const { code, message } = refusal(billionLaughs());
  assert.equal(code, 'CONFIG_SYNTAX');
  assert.match(message, /^g\.yaml:6:8: aliases and merge keys repeat more than 100000 values$/);
});

test('a merge key is an error wherever it stands', () => {
  const { code, message } = refusal(`${smallest}provision: {tags: {<<: {a: b}}}\n`);
  assert.equal(code, 'CONFIG_SYNTAX');
  assert.match(message, /merge keys \(<<\) are not supported here: write the keys out$/);
});

test('rejects names of built-in object properties as unknown keys', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const { code, message } = refusal(`${smallest}${key}: {names: operator}\n`);
    assert.equal(code, 'CONFIG_UNKNOWN_KEY');
    assert.match(message, new RegExp(`^g\\.yaml:9:1: ${key}: unknown key`));
  }
  assert.equal(parseConfig(smallest, 'g.yaml').names, 'portable');
});

test('rejects a list as a key without printing a warning', async () => {
  const warnings: Error[] = [];
  const collect = (warning: Error) => void warnings.push(warning);
  process.on('warning', collect);
  assert.match(refusal(`${smallest}? [names]\n: portable\n`).message, /unknown key/);
  await new Promise((done) => setImmediate(done));
  process.off('warning', collect);
  assert.deepEqual(warnings, []);
});

function smallestObject(): object {
  return smallestData as object;
}

function billionLaughs(): string {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [index, key] of [...'bcdefghi'].entries()) {
    lines.push(`${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`);
  }
  return lines.join('\n');
}

const inWords: readonly (readonly [path: string, value: Data, expected: string])[] = [
  ['provision.prune', 'yes', 'must be false, "report" or "delete"'],
  ['forge.kind', 'gitlab', 'must be "github", "local" or "none"'],
  ['clusters', 'prod', 'must be a list'],
  ['clusters', [], 'must have at least one entry'],
  ['forge', 'github', 'must be a map of keys and values'],
  ['athenz.concurrency', 0, 'must be at least 1'],
  ['athenz.concurrency', 1.5, 'must be a whole number'],
  ['limits.maxSubjects', 5000, 'must be at most 2900'],
  ['clusters.0.kube.inCluster', 'yes', 'must be true or false'],
  ['forge.base', '', 'must not be empty'],
];
for (const [path, value, expected] of inWords) {
  test(`${path}: ${JSON.stringify(value)} ${expected}`, () => {
    const shown = path.replaceAll(/\.(\d+)/g, '[$1]');
    assert.ok(refusalWith(path, value).split('\n').includes(`${shown}: ${expected}`), refusalWith(path, value));
  });
}

test('an empty config is called empty', () => {
  assert.match(refusal('# nothing yet\n').message, /: is empty: athenz-gitops init writes a first config$/);
});

for (const files of [
  '[!clusters/prod/charts/**, clusters/**]',
  '\n        - !(a|b)/*.yaml',
  '\n        - !charts/**\n        - a',
]) {
  test(`a pattern with "!" has to be quoted: ${files.trim()}`, () => {
    const text = `clusters:\n  - name: prod\n    namespaces:\n      files: ${files}\n`;
    const { code, message } = refusal(text, 'g.yaml');
    assert.equal(code, 'CONFIG_SYNTAX');
    assert.match(message, /^g\.yaml:\d+:\d+: !\S+ is read as a YAML tag: quote what begins with "!", as "!/);
  });
}
