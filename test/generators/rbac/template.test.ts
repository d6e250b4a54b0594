import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import { compileTemplate } from '../../../src/generators/rbac/template.ts';
import { AppError } from '../../../src/model/error.ts';

const values = { cluster: 'prod', namespace: 'team-a', domain: 'eks.team-a', role: 'k8s_ns_admins' };

/** The lines a template adds above an object, below `labels:` and below `annotations:`. */
function added(text: string) {
  const template = compileTemplate('t.yaml', text);
  return { head: template.head(values), labels: template.labels(values), annotations: template.annotations(values) };
}

const nothing = { head: '', labels: '', annotations: '' };

describe('a template', () => {
  for (const [what, text] of [
    ['that is empty', ''],
    ['with only comments', '# nothing here\n'],
    ['with empty fields', 'metadata:\n  labels:\n  annotations: {}\n'],
    ['with empty metadata', 'metadata:\n'],
    ['that is an empty map', '{}\n'],
  ] as const) {
    test(`${what} adds nothing`, () => assert.deepEqual(added(text), nothing));
  }

  for (const name of ['role', 'rolebinding']) {
    test(`${name}.yaml of the package adds nothing`, async () => {
      const file = new URL(`../../../templates/rbac/${name}.yaml`, import.meta.url);
      assert.deepEqual(added(await readFile(file, 'utf8')), nothing);
    });
  }

  test('adds labels and annotations in order, quoted', () => {
    assert.deepEqual(
      added('metadata:\n  annotations: {b: x y, a/b: "1"}\n  labels:\n    team: on\n    example.com/y: ""\n'),
      {
        head: '',
        labels: '    "team": "on"\n    example.com/y: ""\n',
        annotations: '    "b": "x y"\n    a/b: "1"\n',
      },
    );
  });

  test('replaces every placeholder', () => {
    const text = 'metadata:\n  annotations:\n    a: "{role}{role} of {domain} in {cluster}/{namespace}"\n';
    assert.equal(added(text).annotations, '    "a": "k8s_ns_adminsk8s_ns_admins of eks.team-a in prod/team-a"\n');
    assert.equal(added('metadata: {labels: {a: "{cluster}_{namespace}"}}').labels, '    "a": "prod_team-a"\n');
  });

  test('keeps other braces and does not expand placeholders twice', () => {
    const template = compileTemplate(
      't.yaml',
      'metadata: {annotations: {a: "{} {Role} {role-x} {1} { role } {{role}}"}}',
    );
    assert.equal(
      template.annotations({ ...values, role: '{cluster}$&' }),
      '    "a": "{} {Role} {role-x} {1} { role } {{cluster}$&}"\n',
    );
  });

  test('can have any text in an annotation, including several lines', () => {
    const text = 'metadata:\n  annotations:\n    a: |\n      x\n      # no comment\n    b: "\\u2028\\U0001F600\\0"\n';
    const { annotations } = added(text);
    assert.equal(annotations, '    "a": "x\\u000a# no comment\\u000a"\n    "b": "\\u2028😀\\u0000"\n');
    assert.deepEqual(load(annotations), { a: 'x\n# no comment\n', b: '\u2028😀\0' });
  });

  for (const key of ['y', 'on', 'null', '1', '1_0', '2001-01-01', 'a.b', 'example.com/On', 'x-1.y.example.com/a_b']) {
    test(`can have the key ${key}`, () => {
      const { labels } = added(`metadata: {labels: {"${key}": "v"}}`);
      assert.deepEqual(load(labels), { [key]: 'v' });
    });
  }
});

describe('comments of a template', () => {
  test('directly above the first key are rendered above the object', () => {
    assert.equal(added('# one\n#two {role}\n#\nmetadata:\n').head, '# one\n#two k8s_ns_admins\n#\n');
  });

  test('separated by an empty line are not rendered', () => {
    assert.equal(added('# about\n\nmetadata:\n').head, '');
    assert.equal(added('# about\n\n# above {cluster}\nmetadata:\n').head, '# above prod\n');
    assert.equal(added('# about\n---\n# above\nmetadata:\n').head, '# above\n');
  });

  test('directly above a key are rendered with it', () => {
    const text = 'metadata:\n  labels:\n    # of a\n    # in {namespace}\n    a: x\n    # of b\n    b: y\n';
    assert.equal(added(text).labels, '    # of a\n    # in team-a\n    "a": "x"\n    # of b\n    "b": "y"\n');
  });

  test('after a value are rendered after it', () => {
    const text =
      'metadata:\n  annotations:\n    a: x # of {role}\n    # of b\n    b: "y" #too\n    c: | # even here\n      z\n';
    assert.equal(
      added(text).annotations,
      '    "a": "x" # of k8s_ns_admins\n    # of b\n    "b": "y" #too\n    "c": "z\\u000a" # even here\n',
    );
  });

  test('after a value end with the line', () => {
    const text = 'metadata:\n  annotations:\n    a: x # one\n         # two\n    b: y\n';
    assert.equal(added(text).annotations, '    "a": "x" # one\n    # two\n    "b": "y"\n');
  });

  test('apart from a key, after the last one or above a field are not rendered', () => {
    const text = [
      'metadata:',
      '  # above the field',
      '  labels:',
      '    # apart',
      '',
      '    a: x',
      '    # apart again',
      '',
      '    b: y',
      '    # below the last',
      '# at the end',
    ];
    assert.deepEqual(added(`${text.join('\n')}\n`), { ...nothing, labels: '    "a": "x"\n    "b": "y"\n' });
  });

  test('are not recognized in multi-line text', () => {
    const text = 'metadata:\n  annotations:\n    a: |\n      x\n      # text\n    b: >-\n      # text\n    c: y\n';
    assert.equal(added(text).annotations, '    "a": "x\\u000a# text\\u000a"\n    "b": "# text"\n    "c": "y"\n');
  });

  test('are the same with Windows line endings', () => {
    const text = '# about\n\n# above\nmetadata:\n  labels:\n    # of a\n    a: x # behind\n';
    assert.deepEqual(added(text.replaceAll('\n', '\r\n')), added(text));
  });

  for (const character of ['\u2028', '\u2029', '\x85', '\x0b', '\x07', '\ufeff']) {
    test(`do not end at U+${character.charCodeAt(0).toString(16)}`, () => {
      const text = `# above${character}kind: Evil\nmetadata:\n  labels:\n    # of a${character}b: evil\n    a: x\n`;
      const { head, labels } = added(text);
      assert.equal(head, '# above kind: Evil\n');
      assert.equal(labels, '    # of a b: evil\n    "a": "x"\n');
    });
  }
});

describe('an invalid template is rejected with its line', () => {
  const table: readonly (readonly [string, string, line: number, RegExp, AppError['code']?])[] = [
    ...['apiVersion', 'kind', 'rules', 'subjects', 'roleRef', 'status', 'spec'].map(
      (field) =>
        [field, `# x\nmetadata:\n  labels:\n${field}: x\n`, 4, new RegExp(`"${field}" may not be set`)] as const,
    ),
    ...['name', 'namespace', 'generateName', 'ownerReferences', 'finalizers', 'uid'].map(
      (field) =>
        [`metadata.${field}`, `metadata:\n  ${field}: x\n`, 2, new RegExp(`"metadata.${field}" may not`)] as const,
    ),
    ['a list', '\n- metadata\n', 2, /a template is a map/],
    ['plain text', '# x\nmetadata\n', 2, /a template is a map/],
    ['metadata as text', 'metadata: x\n', 1, /"metadata" must be a map/],
    ['labels as a list', 'metadata:\n  labels:\n    - a\n', 2, /"metadata.labels" must be a map/],
    [
      'an unknown placeholder',
      'metadata:\n  annotations:\n    a: x\n    b: "{nope}"\n',
      4,
      /\{nope\} is not a placeholder/,
    ],
    ['an unknown placeholder in a comment', 'metadata:\n  labels:\n    # {nope}\n    a: x\n', 4, /\{nope\}/],
    ['an unknown placeholder after a value', 'metadata:\n  labels:\n    a: x # {nope}\n', 3, /\{nope\}/],
    ['an unknown placeholder at the top', '# {nope}\nmetadata:\n', 2, /\{nope\}/],
    [
      'a placeholder named like an object property',
      'metadata: {annotations: {a: "{constructor}"}}',
      1,
      /\{constructor\}/,
    ],
    ['a number', 'metadata:\n  labels:\n    a: 1\n', 3, /metadata\.labels\."a" must be text: put it in quotes/],
    ['true', 'metadata:\n  annotations:\n    a: true\n', 3, /metadata\.annotations\."a" must be text/],
    ['no value', 'metadata:\n  labels:\n    a:\n', 3, /must be text/],
    ['a map', 'metadata:\n  labels:\n    a: {b: c}\n', 3, /must be text/],
    ['an alias', 'metadata:\n  labels:\n    a: &x y\n    b: *x\n', 4, /must be text/],
    ['a lone surrogate', 'metadata:\n  annotations:\n    a: "\\uD800"\n', 3, /lone surrogate/],
    ['{domain} in a label', 'metadata:\n  labels:\n    a: "{domain}"\n', 3, /use an annotation/],
    ['{role} in a label', 'metadata:\n  labels:\n    a: "x{role}"\n', 3, /use an annotation/],
    ['our label', 'metadata:\n  labels:\n    app.kubernetes.io/managed-by: x\n', 3, /set by athenz-gitops/],
    ['our annotation', 'metadata:\n  annotations:\n    athenz-gitops.io/athenz-role: x\n', 3, /set by athenz-gitops/],
    ['our key prefix', 'metadata:\n  labels:\n    athenz-gitops.io/x: x\n', 3, /set by athenz-gitops/],
    ['a key that is a number', 'metadata:\n  labels:\n    1.10: x\n', 3, /must be text: put it in quotes/],
    ['a key that is a list', 'metadata:\n  labels:\n    ? [a]\n    : x\n', 3, /must be text/],
    ...['', 'a b', 'a:b', '-a', 'a.', '/a', 'a/', 'a/b/c', 'Ü', '{role}', 'a..b/c', 'a-/c', 'A/c', '.a/c'].map(
      (key) =>
        [
          `the key "${key}"`,
          `metadata:\n  labels:\n    "${key}": x\n`,
          3,
          /cannot be a key in metadata\.labels/,
        ] as const,
    ),
    ['a key of 64 characters', `metadata: {labels: {${'a'.repeat(64)}: x}}`, 1, /cannot be a key/],
    ['a prefix of 254 characters', `metadata: {labels: {"${'a'.repeat(254)}/b": x}}`, 1, /cannot be a key/],
    ['a duplicate key', 'metadata:\n  labels:\n    a: x\n    a: y\n', 4, /unique/, 'TEMPLATE_SYNTAX'],
    ['a merge key', 'metadata:\n  labels: {<<: {a: x}}\n', 2, /merge keys \(<<\) are not/, 'TEMPLATE_SYNTAX'],
    ['broken YAML', 'metadata:\n  labels: {a: x\n', 3, /./, 'TEMPLATE_SYNTAX'],
    ['a tab as indentation', 'metadata:\n\tlabels:\n', 2, /./, 'TEMPLATE_SYNTAX'],
    ['more than 1 MiB', `# ${'x'.repeat(1024 ** 2)}\n`, 1, /bytes are too many: at most 1048576 /, 'TEMPLATE_SYNTAX'],
    ['two documents', 'metadata:\n---\nmetadata:\n', 2, /./, 'TEMPLATE_SYNTAX'],
  ];
  for (const [what, text, line, message, code = 'TEMPLATE_FIELD'] of table) {
    test(what, () => assertRejected(() => compileTemplate('dir/t.yaml', text), code, line, message));
  }

  for (const key of [`${'a'.repeat(253)}/${'b'.repeat(63)}`, 'a'.repeat(63)]) {
    test(`accepts a key of ${key.length} characters`, () => {
      assert.ok(added(`metadata: {annotations: {"${key}": x}}`).annotations.includes(key));
    });
  }
});

describe('an invalid label value is rejected after placeholders are replaced', () => {
  for (const value of ['a b', 'a:b', 'a/b', '-a', 'a.', '_', 'ü', '{x y}', 'a'.repeat(64), '{namespace}-', 'x\\n']) {
    test(JSON.stringify(value), () => {
      const template = compileTemplate('t.yaml', `metadata:\n  labels:\n    a: "${value}"\n`);
      assertRejected(() => template.labels(values), 'TEMPLATE_FIELD', 3, /is not a valid label value/, 't.yaml');
    });
  }

  test('a namespace can make the value too long', () => {
    const template = compileTemplate('t.yaml', 'metadata:\n  labels:\n    a: "{cluster}-{namespace}"\n');
    assert.equal(template.labels({ ...values, namespace: 'n'.repeat(58) }), `    "a": "prod-${'n'.repeat(58)}"\n`);
    const labels = () => template.labels({ ...values, namespace: 'n'.repeat(59) });
    assertRejected(labels, 'TEMPLATE_FIELD', 3, /is not a valid label value/, 't.yaml');
  });
});

function assertRejected(
  action: () => void,
  code: AppError['code'],
  line: number,
  message: RegExp,
  file = 'dir/t.yaml',
) {
  assert.throws(action, (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, code);
    assert.ok(error.message.startsWith(`${file}:${line}: `), error.message);
    assert.match(error.message, message);
    assert.ok(error.next);
    return true;
  });
}
