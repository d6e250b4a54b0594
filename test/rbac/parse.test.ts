import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { headerLine } from '../../src/model/manifest.ts';
import { parseFile } from '../../src/rbac/parse.ts';
import { renderFile } from '../../src/rbac/render.ts';
import { account, renderedOf, renderWith, roleOf, user, viewerRules } from '../support/rbac.ts';

const roles = [
  roleOf({ athenzRole: 'admins', rules: viewerRules }, account('other', 'web'), user('user.bob'), user('user.jane')),
  roleOf({ athenzRole: 'viewers', clusterRole: 'view' }, user('user.jane')),
];
const text = renderFile(renderWith('portable'), roles);
const [own, bound] = roles.map((role) => renderedOf('portable', role));

/** The rendered text with one thing changed; the thing must be there. */
function edit(find: string | RegExp, replacement: string): string {
  const edited = text.replace(find, replacement);
  assert.notEqual(edited, text, `${find} is not in the file`);
  return edited;
}

function parse(content: string | Uint8Array) {
  return parseFile(typeof content === 'string' ? Buffer.from(content) : content);
}

test('a rendered file is read back: roles in the order of the file, with names, rules and subjects', () => {
  assert.deepEqual(parse(text), { kind: 'rendered', roles: [own, bound] });
});

describe('a file is somebody else’s', () => {
  for (const [what, content] of [
    ['when it is empty', ''],
    ['when our first line is missing', text.slice(text.indexOf('\n') + 1)],
    ['when our first line is not the first', `\n${text}`],
    ['when something stands before our line', ` ${text}`],
    ['when something stands behind it', edit(headerLine, `${headerLine} `)],
    ['when a letter of it is another', edit('Do not edit', 'do not edit')],
    ['when it is cut off inside of it', text.slice(0, headerLine.length - 1)],
    ['when it is in UTF-16', Buffer.from(text, 'utf16le')],
    ['when it is not UTF-8 and not ours', Buffer.from([0xff, 0xfe, 0xfd])],
  ] as const) {
    test(what, () => assert.deepEqual(parse(content), { kind: 'foreign' }));
  }
});

/** Only the binding of viewers, as lines behind our first one. */
const binding = text.slice(text.lastIndexOf('---\n') + 4);
const alone = (body: string) => `${headerLine}\n${body}`;

describe('a file of ours is not to be understood, never “nobody”', () => {
  const table: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['when it holds nothing more', alone(''), /no object/],
    ['when it holds only comments', alone('# x\n'), /./],
    ['when it holds an empty document', alone('---\n'), /./],
    ['when one of its documents is empty', `${text}---\n`, /document 4/],
    ['when it holds null', alone('null\n'), /./],
    ['when it is a list', alone('[]\n'), /./],
    ['when it is not UTF-8', Buffer.concat([Buffer.from(text), Buffer.from([0x80])]), /not UTF-8/],
    [
      'when the end of a letter is missing',
      Buffer.from(edit('user.bob', 'user.ü')).subarray(0, text.indexOf('user.bob') + 6),
      /not UTF-8/,
    ],
    ['when its YAML is broken', edit('subjects:', 'subjects: ['), /./],
    ['when a quote is missing', edit('"user.bob"', '"user.bob'), /./],
    ['when a key is there twice', edit('subjects:\n', 'subjects: []\nsubjects:\n'), /unique/],
    ['when it holds an object of another kind', `${text}---\napiVersion: v1\nkind: ConfigMap\n`, /document 4: kind/],
    ['when it holds a ClusterRoleBinding', edit('kind: "RoleBinding"', 'kind: "ClusterRoleBinding"'), /kind/],
    ['when it holds a List', alone('apiVersion: v1\nkind: List\nitems: []\n'), /kind/],
    ['when an apiVersion is another', edit('/v1"', '/v1beta1"'), /apiVersion/],
    [
      'when an object has a field we do not know',
      edit('subjects:', 'aggregationRule: {}\nsubjects:'),
      /aggregationRule/,
    ],
    ['when a subject has a field we do not know', edit('name: "user.bob"', 'name: "user.bob"\n    uid: "1"'), /uid/],
    [
      'when a rule has a field we do not know',
      edit('resources:', 'nonResourceURLs: ["/"]\n    resources:'),
      /nonResource/,
    ],
    ['when a rule has no verbs', edit(/ {4}verbs: .*\n/, ''), /verbs/],
    ['when a subject is of another kind', edit('kind: "User"', 'kind: "user"'), /subjects/],
    ['when a subject has no kind', edit('    kind: "User"\n', ''), /subjects/],
    ['when a subject has no name', edit('    name: "user.bob"\n', ''), /name/],
    ['when a subject is a text', edit('subjects:\n', 'subjects:\n  - "user.x"\n'), /subjects/],
    [
      'when a service account has the group of users',
      edit('kind: "ServiceAccount"', 'kind: "ServiceAccount"\n    apiGroup: "rbac.authorization.k8s.io"'),
      /apiGroup/,
    ],
    ['when subjects are left out', edit(/subjects:\n( .*\n)+/, ''), /subjects/],
    ['when subjects are null', edit(/subjects:\n( .*\n)+/, 'subjects:\n'), /subjects/],
    ['when subjects are a map', edit(/subjects:\n( .*\n)+/, 'subjects: {}\n'), /subjects/],
    ['when the roleRef is left out', edit(/roleRef:\n( .*\n)+/, ''), /roleRef/],
    ['when the roleRef is of another kind', edit('kind: "ClusterRole"', 'kind: "Group"'), /roleRef/],
    ['when an object has no name', edit(/ {2}name: .*\n/, ''), /name/],
    ['when an object has no namespace', edit(/ {2}namespace: .*\n/, ''), /namespace/],
    ['when our annotation is missing', edit(/ {4}athenz-gitops.io.*\n/, ''), /annotations/],
    ['when a role is bound twice', `${text}---\n${binding.replace('viewers-', 'viewers2-')}`, /viewers.*twice/],
    [
      'when an object is there twice',
      `${text}---\n${binding.replace('role.viewers', 'role.v2')}`,
      /RoleBinding.*twice/,
    ],
    [
      'when a Role is there twice',
      `${alone(text.slice(headerLine.length + 1, text.indexOf('---\n')))}${text.slice(text.indexOf('---\n')).replace('---\n', `---\n${text.slice(headerLine.length + 1, text.indexOf('---\n'))}---\n`)}`,
      /Role .*twice/,
    ],
    ['when a Role has no binding', text.slice(0, text.indexOf('---\n')), /nothing binds/],
    [
      'when a Role is bound in another namespace only',
      edit(/(RoleBinding"\n.*\n.*\n {2}namespace: )"ajktown-api"/, '$1"other"'),
      /nothing binds/,
    ],
    [
      'when a ClusterRole of the name of a Role is bound instead',
      edit('kind: "Role"\n  name: "athenz-admins"', 'kind: "ClusterRole"\n  name: "athenz-admins"'),
      /nothing binds/,
    ],
    ['when it asks for another version of YAML', alone(`%YAML 1.2\n---\n${binding}`), /version of YAML/],
    [
      'when it uses an alias',
      edit('name: "user.bob"', 'name: &x "user.bob"').replace('name: "user.jane"', 'name: *x'),
      /./,
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
    test(`when a name is the unquoted ${name}: the cluster does not read it as text`, () => {
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
    test(`when our annotation is "${domain}", which we never wrote`, () => {
      assert.equal(parse(edit(/"eks\.users\.[^"]*:role\.admins"/g, `"${domain}"`)).kind, 'unparsable');
    });
  }

  for (const namespace of ['a.b', 'A', '-a', '..', 'a/b', '', 'a\\n', 'a'.repeat(64)]) {
    test(`when the namespace is "${namespace}", which is none`, () => {
      assert.equal(parse(edit(/ {2}namespace: "ajktown-api"/g, `  namespace: "${namespace}"`)).kind, 'unparsable');
    });
  }
});

describe('an edit by hand means what it means to the cluster', () => {
  const admins = (content: string) => {
    const parsed = parse(content);
    assert.equal(parsed.kind, 'rendered', JSON.stringify(parsed));
    return parsed.kind === 'rendered' ? parsed.roles[0] : undefined;
  };

  for (const [what, content] of [
    ['Windows line ends', text.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${text}`],
    ['no line end at the end', text.trimEnd()],
    ['comments and empty lines', text.replaceAll('\nroleRef', '\n\n# why\nroleRef')],
    ['names without quotes', edit('"user.bob"', 'user.bob')],
    ['names in single quotes', edit('"user.bob"', "'user.bob'")],
    ['another order of subjects', edit(/( {2}- apiG.*\n.*\n.*bob"\n)((?:.*\n){3})/, '$2$1')],
    ['a subject twice', edit(/( {2}- apiG.*\n.*\n.*bob"\n)/, '$1$1')],
    ['no apiGroup', edit('  - apiGroup: "rbac.authorization.k8s.io"\n    kind', '  - kind')],
    ['more labels and annotations', edit('annotations:', 'annotations:\n    x: "y"')],
    ['a document marker first', edit('\napiVersion', '\n---\napiVersion')],
  ] as const) {
    test(`${what} change nothing`, () => {
      assert.deepEqual(parse(content), { kind: 'rendered', roles: [own, bound] });
    });
  }

  test('a subject that is gone or new', () => {
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

  test('a group', () => {
    assert.deepEqual(admins(edit('kind: "User"', 'kind: "Group"'))?.subjects[0], { kind: 'Group', name: 'user.bob' });
  });

  for (const namespace of ['', '    namespace: ""\n']) {
    test(`a service account ${namespace ? 'of the empty namespace' : 'without one'} is of the binding’s own`, () => {
      const edited = edit('    namespace: "other"\n', namespace);
      assert.deepEqual(admins(edited)?.subjects[0], account('ajktown-api', 'web'));
    });
  }

  test('subjects emptied by an empty list', () => {
    assert.deepEqual(admins(edit(/subjects:\n( .*\n)+/, 'subjects: []\n'))?.subjects, []);
  });

  test('rules and roleRef', () => {
    assert.deepEqual(admins(edit('"list", ', ''))?.rules?.[0]?.verbs, ['get', 'watch']);
    assert.deepEqual(admins(edit(/rules:\n( .*\n)+/, 'rules: []\n'))?.rules, []);
    const renamed = admins(edit(/name: "athenz-admins"/g, 'name: "mine"'));
    assert.deepEqual([renamed?.roleRef, renamed?.rules], [{ kind: 'Role', name: 'mine' }, viewerRules]);
  });

  test('a ClusterRole of the name of a Role in the file has no rules of it', () => {
    const parsed = parse(edit(/name: "athenz-admins"/g, 'name: "view"'));
    assert.deepEqual(parsed, { kind: 'rendered', roles: [{ ...own, roleRef: { kind: 'Role', name: 'view' } }, bound] });
  });

  test('a Role that is not in the file leaves the rules unknown', () => {
    const withoutRole = `${headerLine}\n${text.slice(text.indexOf('---\n') + 4)}`;
    assert.deepEqual(Object.keys(admins(withoutRole) ?? {}).includes('rules'), false);
  });
});
