import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFile } from '../../../src/generators/rbac/parse.ts';
import { renderFile } from '../../../src/generators/rbac/render.ts';
import { formerHeaderLine, headerLine, withFormerHeader } from '../../../src/model/manifest.ts';
import { account, renderedOf, renderWith, roleOf, user, viewerRules } from '../../support/rbac.ts';

const roles = [
  roleOf({ athenzRole: 'admins', rules: viewerRules }, account('other', 'web'), user('user.bob'), user('user.jane')),
  roleOf({ athenzRole: 'viewers', clusterRole: 'view' }, user('user.jane')),
];
const text = renderFile(renderWith('portable'), roles);
const [own, bound] = roles.map((role) => renderedOf('portable', role));

/** The rendered text with one edit; fails if `find` does not match. */
function edit(find: string | RegExp, replacement: string): string {
  const edited = text.replace(find, replacement);
  assert.notEqual(edited, text, `${find} is not in the file`);
  return edited;
}

function parse(content: string | Uint8Array) {
  return parseFile(typeof content === 'string' ? Buffer.from(content) : content);
}

test('parses a rendered file with names, rules and subjects in order', () => {
  assert.deepEqual(parse(text), { kind: 'rendered', roles: [own, bound] });
});

test('parses a file with the former first line', () => {
  assert.deepEqual(parse(withFormerHeader(text)), { kind: 'rendered', roles: [own, bound] });
});

describe('a file is foreign', () => {
  for (const [what, content] of [
    ['if it is empty', ''],
    ['if the header is missing', text.slice(text.indexOf('\n') + 1)],
    ['if the header is not the first line', `\n${text}`],
    ['if a space precedes the header', ` ${text}`],
    ['if a space follows the header', edit(headerLine, `${headerLine} `)],
    ['if a letter of the header differs', edit('DO NOT EDIT', 'Do not edit')],
    ['if the header is truncated', text.slice(0, headerLine.length - 1)],
    ['if the former header is truncated', withFormerHeader(text).slice(0, formerHeaderLine.length - 1)],
    ['if it is UTF-16', Buffer.from(text, 'utf16le')],
    ['if it is not UTF-8 and has no header', Buffer.from([0xff, 0xfe, 0xfd])],
  ] as const) {
    test(what, () => assert.deepEqual(parse(content), { kind: 'foreign' }));
  }
});

/** The binding of viewers. */
const binding = text.slice(text.lastIndexOf('---\n') + 4);
const alone = (body: string) => `${headerLine}\n${body}`;

describe('a managed file is unparsable', () => {
  const table: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['if it has only the header', alone(''), /no object/],
    ['if it has only comments', alone('# x\n'), /no object/],
    ['if its only document is empty', alone('---\n'), /document 1: .*received null/],
    ['if its last document is empty', `${text}---\n`, /document 4/],
    ['if it is null', alone('null\n'), /document 1: .*received null/],
    ['if it is a list', alone('[]\n'), /document 1: .*received array/],
    ['if it is not UTF-8', Buffer.concat([Buffer.from(text), Buffer.from([0x80])]), /not UTF-8/],
    [
      'if a UTF-8 sequence is truncated',
      Buffer.from(edit('user.bob', 'user.ü')).subarray(0, text.indexOf('user.bob') + 6),
      /not UTF-8/,
    ],
    ['if it is above 8 MiB', `${text}# ${'x'.repeat(8 * 1024 ** 2)}\n`, /bytes are too many: at most 8388608 are read/],
    [
      'if it has an alias',
      edit('name: "user.bob"', 'name: &a "user.bob"\n    apiGroup: *a'),
      /aliases are not allowed/,
    ],
    [
      'if it has a merge key',
      edit('name: "user.bob"', '<<: {name: "user.bob"}'),
      /merge keys \(<<\) are not supported/,
    ],
    ['if its YAML is broken', edit('subjects:', 'subjects: ['), /flow collection.* at line \d+/],
    ['if a quote is missing', edit('"user.bob"', '"user.bob'), /quote at line \d+/],
    ['if a key is duplicated', edit('subjects:\n', 'subjects: []\nsubjects:\n'), /unique/],
    ['if it has an object of another kind', `${text}---\napiVersion: v1\nkind: ConfigMap\n`, /document 4: kind/],
    ['if it has a ClusterRoleBinding', edit('kind: "RoleBinding"', 'kind: "ClusterRoleBinding"'), /kind/],
    ['if it has a List', alone('apiVersion: v1\nkind: List\nitems: []\n'), /kind/],
    ['if an apiVersion differs', edit('/v1"', '/v1beta1"'), /apiVersion/],
    ['if an object has an unknown field', edit('subjects:', 'aggregationRule: {}\nsubjects:'), /aggregationRule/],
    ['if a subject has an unknown field', edit('name: "user.bob"', 'name: "user.bob"\n    uid: "1"'), /uid/],
    ['if a rule has an unknown field', edit('resources:', 'nonResourceURLs: ["/"]\n    resources:'), /nonResource/],
    ['if a rule has no verbs', edit(/ {4}verbs: .*\n/, ''), /verbs/],
    ['if a subject has an unknown kind', edit('kind: "User"', 'kind: "user"'), /subjects/],
    ['if a subject has no kind', edit('    kind: "User"\n', ''), /subjects/],
    ['if a subject has no name', edit('    name: "user.bob"\n', ''), /name/],
    ['if a subject is a string', edit('subjects:\n', 'subjects:\n  - "user.x"\n'), /subjects/],
    [
      'if a service account has the apiGroup of users',
      edit('kind: "ServiceAccount"', 'kind: "ServiceAccount"\n    apiGroup: "rbac.authorization.k8s.io"'),
      /apiGroup/,
    ],
    ['if subjects are missing', edit(/subjects:\n( .*\n)+/, ''), /subjects/],
    ['if subjects are null', edit(/subjects:\n( .*\n)+/, 'subjects:\n'), /subjects/],
    ['if subjects are a map', edit(/subjects:\n( .*\n)+/, 'subjects: {}\n'), /subjects/],
    ['if the roleRef is missing', edit(/roleRef:\n( .*\n)+/, ''), /roleRef/],
    ['if the roleRef has an unknown kind', edit('kind: "ClusterRole"', 'kind: "Group"'), /roleRef/],
    ['if an object has no name', edit(/ {2}name: .*\n/, ''), /name/],
    ['if an object has no namespace', edit(/ {2}namespace: .*\n/, ''), /namespace/],
    ['if our annotation is missing', edit(/ {4}athenz-gitops.io.*\n/, ''), /annotations/],
    ['if a role is bound twice', `${text}---\n${binding.replace('viewers-', 'viewers2-')}`, /viewers.*twice/],
    [
      'if a RoleBinding is duplicated',
      `${text}---\n${binding.replace('role.viewers', 'role.v2')}`,
      /RoleBinding.*twice/,
    ],
    [
      'if a Role is duplicated',
      `${alone(text.slice(headerLine.length + 1, text.indexOf('---\n')))}${text.slice(text.indexOf('---\n')).replace('---\n', `---\n${text.slice(headerLine.length + 1, text.indexOf('---\n'))}---\n`)}`,
      /Role .*twice/,
    ],
    ['if a Role has no binding', text.slice(0, text.indexOf('---\n')), /Role without a binding/],
    [
      'if a Role is bound only in another namespace',
      edit(/(RoleBinding"\n.*\n.*\n {2}namespace: )"ajktown-api"/, '$1"other"'),
      /Role without a binding/,
    ],
    [
      'if a ClusterRole with the name of a Role is bound instead',
      edit('kind: "Role"\n  name: "athenz-admins"', 'kind: "ClusterRole"\n  name: "athenz-admins"'),
      /Role without a binding/,
    ],
    ['if it has a YAML version directive', alone(`%YAML 1.2\n---\n${binding}`), /YAML version/],
    [
      'if it uses an alias',
      edit('name: "user.bob"', 'name: &x "user.bob"').replace('name: "user.jane"', 'name: *x'),
      /aliases are not allowed/,
    ],
  ];
  for (const [what, content, reason] of table) {
    test(what, () => {
      const parsed = parse(content);
      assert.equal(parsed.kind, 'unparsable', JSON.stringify(parsed));
      assert.match(parsed.kind === 'unparsable' ? parsed.reason : '', reason);
    });
  }

  for (const name of [
    'y',
    'no',
    'on',
    'true',
    'null',
    '~',
    '1',
    '0777',
    '0b1',
    '1_000',
    '1.5',
    '.inf',
    '1:30',
    '2001-01-01',
  ]) {
    test(`if a name is the unquoted ${name}`, () => {
      assert.equal(parse(edit('"user.bob"', name)).kind, 'unparsable');
    });
  }

  for (const domain of [
    'a:role',
    'a',
    ':role.x',
    'a:role.',
    'a:role.x y',
    'A:role.x',
    'a:role.../x',
    'a/b:role.x',
    'a.:role.x',
    '../a:role.x',
    'a\\n# x:role.x',
    'a:role.x\\n',
    'a:role.x:y',
  ]) {
    test(`if our annotation is "${domain}"`, () => {
      assert.equal(parse(edit(/"eks\.users\.[^"]*:role\.admins"/g, `"${domain}"`)).kind, 'unparsable');
    });
  }

  for (const namespace of ['a.b', 'A', '-a', '..', 'a/b', '', 'a\\n', 'a'.repeat(64)]) {
    test(`if the namespace is ${namespace.length > 63 ? 'too long' : `"${namespace}"`}`, () => {
      assert.equal(parse(edit(/ {2}namespace: "ajktown-api"/g, `  namespace: "${namespace}"`)).kind, 'unparsable');
    });
  }
});

describe('a manual edit', () => {
  const admins = (content: string) => {
    const parsed = parse(content);
    assert.equal(parsed.kind, 'rendered', JSON.stringify(parsed));
    return parsed.kind === 'rendered' ? parsed.roles[0] : undefined;
  };

  for (const [what, content] of [
    ['Windows line endings', text.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${text}`],
    ['no newline at the end', text.trimEnd()],
    ['comments and empty lines', text.replaceAll('\nroleRef', '\n\n# why\nroleRef')],
    ['unquoted names', edit('"user.bob"', 'user.bob')],
    ['single-quoted names', edit('"user.bob"', "'user.bob'")],
    ['subjects in another order', edit(/( {2}- apiG.*\n.*\n.*bob"\n)((?:.*\n){3})/, '$2$1')],
    ['a duplicate subject', edit(/( {2}- apiG.*\n.*\n.*bob"\n)/, '$1$1')],
    ['no apiGroup', edit('  - apiGroup: "rbac.authorization.k8s.io"\n    kind', '  - kind')],
    ['more labels and annotations', edit('annotations:', 'annotations:\n    x: "y"')],
    ['a leading document marker', edit('\napiVersion', '\n---\napiVersion')],
  ] as const) {
    test(`can have ${what}`, () => {
      assert.deepEqual(parse(content), { kind: 'rendered', roles: [own, bound] });
    });
  }

  test('can remove or replace a subject', () => {
    assert.deepEqual(admins(edit(/ {2}- apiG.*\n.*\n.*bob"\n/, ''))?.subjects, [
      account('other', 'web'),
      user('user.jane'),
    ]);
    assert.deepEqual(admins(edit('user.bob', 'user.eve'))?.subjects, [
      account('other', 'web'),
      user('user.eve'),
      user('user.jane'),
    ]);
  });

  test('can change a user to a group', () => {
    assert.deepEqual(admins(edit('kind: "User"', 'kind: "Group"'))?.subjects[0], { kind: 'Group', name: 'user.bob' });
  });

  for (const namespace of ['', '    namespace: ""\n']) {
    test(`a service account with ${namespace ? 'an empty' : 'no'} namespace gets that of the binding`, () => {
      const edited = edit('    namespace: "other"\n', namespace);
      assert.deepEqual(admins(edited)?.subjects[0], account('ajktown-api', 'web'));
    });
  }

  test('can empty the subjects', () => {
    assert.deepEqual(admins(edit(/subjects:\n( .*\n)+/, 'subjects: []\n'))?.subjects, []);
  });

  test('can change rules and roleRef', () => {
    assert.deepEqual(admins(edit('"list", ', ''))?.rules?.[0]?.verbs, ['get', 'watch']);
    assert.deepEqual(admins(edit(/rules:\n( .*\n)+/, 'rules: []\n'))?.rules, []);
    const renamed = admins(edit(/name: "athenz-admins"/g, 'name: "mine"'));
    assert.deepEqual([renamed?.roleRef, renamed?.rules], [{ kind: 'Role', name: 'mine' }, viewerRules]);
  });

  test('a ClusterRole does not get the rules of a Role of the same name', () => {
    const parsed = parse(edit(/name: "athenz-admins"/g, 'name: "view"'));
    assert.deepEqual(parsed, { kind: 'rendered', roles: [{ ...own, roleRef: { kind: 'Role', name: 'view' } }, bound] });
  });

  test('leaves rules undefined if the Role is missing', () => {
    const withoutRole = `${headerLine}\n${text.slice(text.indexOf('---\n') + 4)}`;
    assert.deepEqual(Object.keys(admins(withoutRole) ?? {}).includes('rules'), false);
  });
});
