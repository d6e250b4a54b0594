import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseNamespaces } from '../../src/inventory/manifests.ts';
import { AppError } from '../../src/model/error.ts';
import { trials } from '../support/properties.ts';
import { isChaos } from '../support/tier.ts';

const parse = (text: string | Uint8Array, file = 'ns.yaml') =>
  parseNamespaces(file, Buffer.from(text)).map(({ name }) => name);
const namespace = (name: unknown, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
  ...rest,
});
const yaml = (...documents: readonly unknown[]) => documents.map((it) => stringify(it)).join('---\n');
const list = (kind: string, items: unknown) => ({ apiVersion: 'v1', kind, items });

const manifests: readonly (readonly [string, string, readonly string[]])[] = [
  ['one Namespace', yaml(namespace('a')), ['a']],
  ['several documents', yaml(namespace('a'), namespace('b'), namespace('c')), ['a', 'b', 'c']],
  ['documents between empty ones', `---\n---\n${yaml(namespace('a'))}---\n# nothing\n---\n`, ['a']],
  ['documents with end marks', `${yaml(namespace('a'))}...\n---\n${yaml(namespace('b'))}...\n`, ['a', 'b']],
  ['a spec and a status', yaml(namespace('a', { spec: {}, status: { phase: 'Active' } })), ['a']],
  ['a List', yaml(list('List', [namespace('a'), namespace('b')])), ['a', 'b']],
  ['a NamespaceList with whole items', yaml(list('NamespaceList', [namespace('a')])), ['a']],
  [
    'a NamespaceList from the API server, without item kinds',
    yaml(list('NamespaceList', [{ metadata: { name: 'a' } }, { metadata: { name: 'b' }, spec: {} }])),
    ['a', 'b'],
  ],
  ['a nested List', yaml(list('List', [list('List', [namespace('a')]), namespace('b')])), ['a', 'b']],
  ['a List with other kinds', yaml(list('List', [{ ...namespace('x'), kind: 'ConfigMap' }, namespace('a')])), ['a']],
  ['items without a kind in a plain List', yaml(list('List', [{ metadata: { name: 'x' } }])), []],
  ['an empty List', yaml(list('List', [])), []],
  ['a List without items', yaml({ apiVersion: 'v1', kind: 'List' }), []],
  ['other kinds', yaml({ ...namespace('x'), kind: 'ServiceAccount' }, namespace('a'), { kind: 'Role' }), ['a']],
  ['a Namespace of another API', yaml(namespace('x', { apiVersion: 'example.com/v1' }), namespace('a')), ['a']],
  ['a Namespace of v1beta1', yaml(namespace('x', { apiVersion: 'v1beta1' })), []],
  ['a Namespace without apiVersion', yaml({ kind: 'Namespace', metadata: { name: 'x' } }), []],
  ['a NamespaceList of another API', yaml({ ...list('NamespaceList', [namespace('x')]), apiVersion: 'v2' }), []],
  ['a lower-case kind', yaml({ ...namespace('x'), kind: 'namespace' }), []],
  ['JSON', JSON.stringify(namespace('a'), null, '\t'), ['a']],
  ['a plain list', '- a\n- b # the second\n- "1a"\n', ['a', 'b', '1a']],
  ['a plain list on one line', '[a, b]\n', ['a', 'b']],
  ['a plain list and a manifest', `- a\n---\n${yaml(namespace('b'))}`, ['a', 'b']],
  ['the same name twice', '- a\n- a\n', ['a', 'a']],
  ['an empty file', '', []],
  ['only a comment', '# later\n', []],
  ['an empty list', '[]\n', []],
  ['a byte order mark', `\ufeff${yaml(namespace('a'))}`, ['a']],
  ['CRLF line ends', yaml(namespace('a'), namespace('b')).replaceAll('\n', '\r\n'), ['a', 'b']],
  ['an anchor', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: &n a, labels: {team: *n}}\n', ['a']],
  [
    'merge keys',
    'apiVersion: v1\nkind: List\nitems:\n- &ns {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n- {<<: *ns, metadata: {name: b}}\n',
    ['a', 'b'],
  ],
  ['tags of a templating tool', `${yaml(namespace('a'))}spec: !vault x\n`, ['a']],
  ['the longest name', `- ${'a'.repeat(63)}\n`, ['a'.repeat(63)]],
];
for (const [name, text, expected] of manifests) {
  test(`YAML with ${name} lists ${expected.length === 0 ? 'nothing' : expected.join(', ').slice(0, 40)}`, () => {
    assert.deepEqual(parse(text), expected);
  });
}

for (const file of ['ns.yaml', 'ns.yml', 'ns.json', 'a.b/ns.YAML.yaml']) {
  test(`${file} is parsed as YAML`, () => assert.deepEqual(parse('["a", "b"]', file), ['a', 'b']));
}
for (const file of ['ns.txt', 'namespaces', 'yaml', 'ns.list', 'a.yaml/names']) {
  test(`${file} is parsed line by line`, () => assert.deepEqual(parse('a\nb\n', file), ['a', 'b']));
}

const lines: readonly (readonly [string, string, readonly string[]])[] = [
  ['comments and blank lines', '# all\n\na\n  b  # the second\n\t\nc#d\n', ['a', 'b', 'c']],
  ['CRLF line ends and no final one', 'a\r\nb', ['a', 'b']],
  ['a byte order mark', '\ufeffa\n', ['a']],
  ['numbers', '1\n2b\n', ['1', '2b']],
  ['nothing', '\n', []],
];
for (const [name, text, expected] of lines) {
  test(`a text file with ${name} lists ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(parse(text, 'ns.txt'), expected);
  });
}

test('a merge key that parsers read differently is an error', () => {
  const text =
    '- &ns {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n{kind: Namespace, <<: {kind: List}}\n';
  assert.throws(() => parse(text), {
    code: 'INVENTORY_UNREADABLE',
    message: /a merge key \(<<\) must be the first key/,
  });
});

// Kubernetes rejects these names; skipping one would drop a namespace because of a typo.
const badNames: readonly unknown[] = [
  'Sports',
  'sports.api',
  'a_b',
  '-a',
  'a-',
  '',
  'a'.repeat(64),
  '../a',
  'a/b',
  'a\n',
  'ä',
  ' a',
  '{namespace}',
  12,
  true,
  null,
  {},
  ['a'],
  undefined,
];
for (const name of badNames) {
  const shown = JSON.stringify(name)?.slice(0, 20) ?? 'undefined';
  test(`rejects a whole file with the Namespace name ${shown}`, () => {
    assert.throws(() => parse(yaml(namespace('good'), namespace(name))), badName);
    if (name !== undefined) assert.throws(() => parse(JSON.stringify(['good', name])), badName);
  });
}
for (const line of ['Sports', 'a b', '- a', 'a,b', 'a_b', '../a', 'a\u0000b', 'name: a']) {
  test(`rejects a whole text file with the line ${JSON.stringify(line)}`, () => {
    assert.throws(() => parse(`good\n${line}\n`, 'ns.txt'), badName);
  });
}
for (const text of ['- on\n- 012\n', '- 1e3\n', '- 0x1f\n', '- yes: no\n', '- true\n', '- ~\n', '- 1.0\n']) {
  test(`rejects YAML names that are not strings: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parse(text), badName);
  });
}

const broken: readonly (readonly [string, string | Uint8Array])[] = [
  ['an unclosed list', '- a\n- [b\n'],
  ['a Helm template', '{{- range .Values.names }}\n- {{ . }}\n{{- end }}\n'],
  ['a duplicate key', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a, name: b}\n'],
  ['an invalid document after a valid one', `${yaml(namespace('a'))}---\n[\n`],
  ['conflict markers', `<<<<<<< ours\n${yaml(namespace('a'))}=======\n${yaml(namespace('b'))}>>>>>>> theirs\n`],
  ['bytes that are not UTF-8', Buffer.from([0x2d, 0x20, 0x61, 0xff, 0x0a])],
  ['UTF-16', Buffer.from('- a\n', 'utf16le')],
  ['names without dashes', 'team-a\nteam-b\n'],
  ['only a scalar', 'team-a\n'],
  ['a scalar after a manifest', `${yaml(namespace('a'))}---\nteam-b\n`],
  ['a scalar in a List', yaml(list('List', [namespace('a'), 'team-b']))],
  ['Latin-1', Buffer.from('# caf\u00e9\n- a\n', 'latin1')],
  ['an alias without an anchor', '- *a\n'],
  ['a billion-laughs alias bomb', billionLaughs()],
  ['100,000 nested lists', '['.repeat(100_000)],
  ['more than 8 MiB', `# ${'x'.repeat(8 * 1024 ** 2)}\n- a\n`],
];
for (const [name, content] of broken) {
  test(`rejects a whole file with ${name}`, () => {
    assert.throws(() => parse(content), unreadable);
  });
}

const keys = isChaos ? 50_000 : 10_000;
test(`reads a manifest of another kind with ${keys} keys`, () => {
  const data = Object.fromEntries(Array.from({ length: keys }, (_, index) => [`key-${index}`, 'x']));
  const text = `${yaml({ apiVersion: 'v1', kind: 'ConfigMap', data })}---\n${yaml(namespace('a'))}`;
  assert.deepEqual(parse(text), ['a']);
});

test('rejects a text file above 8 MiB', () => {
  const content = Buffer.from(`a\n# ${'x'.repeat(8 * 1024 ** 2)}\n`);
  assert.throws(() => parse(content, 'ns.txt'), {
    ...unreadable,
    message: /8388613 bytes are too many: at most 8388608 /,
  });
});

test('rejects a text file that is not UTF-8', () => {
  assert.throws(() => parse(Buffer.from([0x61, 0x0a, 0xc3, 0x28]), 'ns.txt'), unreadable);
});

test('reads 100,000 names', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`);
  assert.equal(parse(JSON.stringify(names), 'ns.json').length, names.length);
});

test('a list as a key is ignored without a warning', async () => {
  const warnings: Error[] = [];
  const collect = (warning: Error) => void warnings.push(warning);
  process.on('warning', collect);
  assert.deepEqual(parse('? [\u001b[31mred]\n: x\n'.replace('\u001b[31m', '"\\e[31m", ')), []);
  await new Promise((done) => setImmediate(done));
  process.off('warning', collect);
  assert.deepEqual(warnings, []);
});

test('any file yields valid names or an error that names the file', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'{}[]:,-&*!|>#\'"% \n\ta1-') }),
    fc.jsonValue().map((it) => JSON.stringify(it)),
    fc.array(fc.oneof(manifest(), fc.jsonValue())).map((it) => yaml(...it)),
  );
  const bytes = fc.oneof(
    text.map((it) => Buffer.from(it)),
    fc.uint8Array({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom('ns.yaml', 'ns.txt', 'ns.json'), (content, file) => {
      try {
        for (const { name } of parseNamespaces(file, content))
          assert.match(name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      } catch (error) {
        assert.ok(error instanceof AppError, String(error));
        assert.match(error.code, /^INVENTORY_(UNREADABLE|BAD_NAME)$/);
        assert.ok(error.message.includes(file) && (error.next ?? '') !== '');
      }
    }),
    { numRuns: trials(750) },
  );
});

test('names are found in order in any mix of documents and nested Lists', () => {
  const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
  const tree = fc.letrec<{ item: Found; list: Found }>((tie) => ({
    item: fc.oneof(
      { maxDepth: 3 },
      name.map((it): Found => ({ names: [it], document: namespace(it) })),
      name.map((it): Found => ({ names: [], document: { ...namespace(it), kind: 'Secret' } })),
      tie('list'),
    ),
    list: fc.array(tie('item'), { maxLength: 4 }).map(
      (items): Found => ({
        names: items.flatMap((it) => it.names),
        document: list(
          'List',
          items.map((it) => it.document),
        ),
      }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(tree.item, { maxLength: 5 }), (found) => {
      assert.deepEqual(
        parse(yaml(...found.map((it) => it.document))),
        found.flatMap((it) => it.names),
      );
    }),
    { numRuns: trials(125) },
  );
});

interface Found {
  readonly names: readonly string[];
  readonly document: object;
}

/** An object with the keys of a manifest and arbitrary values. */
function manifest(): fc.Arbitrary<object> {
  const any = fc.jsonValue({ maxDepth: 2 });
  return fc.record(
    {
      apiVersion: fc.oneof(fc.constant('v1'), any),
      kind: fc.oneof(fc.constantFrom('Namespace', 'List', 'NamespaceList'), any),
      metadata: fc.oneof(fc.record({ name: fc.oneof(fc.constantFrom('a', 'A', 'b-c'), any) }), any),
      items: fc.oneof(fc.array(fc.oneof(fc.constant(namespace('x')), any), { maxLength: 3 }), any),
    },
    { requiredKeys: [] },
  );
}

function badName(error: unknown): boolean {
  assert.ok(error instanceof AppError);
  assert.equal(error.code, 'INVENTORY_BAD_NAME');
  assert.match(error.message, /^reading the namespaces in ns\.\w+: .* cannot name a namespace$/s);
  assert.ok(error.message.length < 200);
  return true;
}

function unreadable(error: unknown): boolean {
  assert.ok(error instanceof AppError);
  assert.equal(error.code, 'INVENTORY_UNREADABLE');
  assert.match(error.message, /^reading the namespaces in ns\.\w+: ./);
  assert.match(error.next ?? '', /correct the file/);
  return true;
}

function billionLaughs(): string {
  const rows = ['- &a [x, x, x, x, x, x, x, x, x]'];
  for (const [index, key] of [...'bcdefghi'].entries()) {
    rows.push(`- &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`);
  }
  return rows.join('\n');
}
