import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxYamlBytes, parseYaml, parseYamlStream, YamlError, type YamlOptions } from '../../src/model/yaml.ts';
import { trials } from '../support/properties.ts';
import { isChaos } from '../support/tier.ts';

/** Where time is quadratic in it, a test takes minutes. */
const many = isChaos ? 100_000 : 25_000;

const any = { maxBytes: maxYamlBytes.manifests };

function problemOf(text: string, options: YamlOptions = any): string {
  try {
    parseYaml(text, options);
  } catch (error) {
    assert.ok(error instanceof YamlError, String(error));
    return error.sentence;
  }
  return '';
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('');
}

// Each took from minutes to no end while every key was compared with every other. A test that hangs is ended.
const long: readonly (readonly [string, string, number])[] = [
  [`${many} keys`, lines(many, (i) => `key${i}: 1\n`), many],
  [`${many} keys in braces`, `{${lines(many, (i) => `key${i}: 1, `)}}`, many],
  [`${many} entries of an omap`, `!!omap\n${lines(many, (i) => `- key${i}: 1\n`)}`, many],
  ['an omap of YAML 1.1', `%YAML 1.1\n---\n!!omap\n${lines(many, (i) => `- key${i}: 1\n`)}`, many],
];
for (const [what, text, keys] of long) {
  test(`reads ${what}`, () => {
    assert.equal(Object.keys(parseYaml(text, any).value as object).length, keys);
  });
}

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['two equal keys', 'a: 1\nb: 2\na: 3\n', /^Map keys must be unique at line 3, column 1$/],
  ['equal keys written differently', 'a: 1\n"a": 2\n', /^Map keys must be unique at line 2, column 1$/],
  ['keys that are equal in JSON', '1: a\n"1": b\n', /^Map keys must be unique at line 2/],
  ['equal keys in braces', '- {a: 1, a: 2}', /^Map keys must be unique at line 1, column 10$/],
  [
    `the last of ${many} keys repeated`,
    `${lines(many, (i) => `k${i}: 1\n`)}k0: 1\n`,
    new RegExp(`unique at line ${many + 1}`),
  ],
  ['a key and an alias of the same text', 'x: &k a\ny: {*k : 1, a: 2}\n', /^Map keys must be unique at line 2/],
  ['an alias before its anchor', 'a: *x\nb: &x 1\n', /^Unresolved alias .*: x at line 1, column 4$/],
  ['an alias inside of what it repeats', 'a: &x [*x]\n', /^the alias \*x stands inside of what it repeats at line 1/],
  [`${many} aliases`, `- &a x\n${lines(many, () => '- *a\n')}`, /^more than 1000 anchors and aliases at line 1001/],
  ['nested anchors without end', lines(900, (i) => `- &a${i} [*a${Math.max(0, i - 1)}, x]\n`), /stands inside/],
  ['a flow list nested too deeply', '['.repeat(20_000) + ']'.repeat(20_000), /^it is nested too deeply$/],
  ['pairs nested too deeply', `[${'a: '.repeat(50_000)}]`, /^it is nested too deeply$/],
  ['keys in keys', `${'{'.repeat(20)}a${'}'.repeat(20)}`, /^more than 8 collections inside of keys/],
  ['too many documents', '---\n'.repeat(100_001), /^100001 documents are too many: at most 100000 are read$/],
];
for (const [what, text, expected] of refused) {
  test(`refuses ${what}`, () => assert.match(problemOf(text), expected));
}

test('refuses a text above the size that is asked for, by its bytes', () => {
  assert.equal(problemOf('a: äö', { maxBytes: 7 }), '');
  assert.equal(problemOf('a: äö', { maxBytes: 6 }), '7 bytes are too many: at most 6 are read');
});

test('refuses aliases where none may stand', () => {
  assert.match(
    problemOf('a: &x 1\nb: *x\n', { ...any, aliases: 'refused' }),
    /^aliases are not allowed here at line 2/,
  );
});

test('aliases repeat what they name', () => {
  assert.deepEqual(parseYaml('a: &x {k: [1]}\nb: *x\nc: [*x, *x]\n', any).value, {
    a: { k: [1] },
    b: { k: [1] },
    c: [{ k: [1] }, { k: [1] }],
  });
});

const merging = { ...any, mergeKeys: 'read' } as const;

// As kubectl reads them.
const merged: readonly (readonly [string, unknown])[] = [
  ['{<<: {k: 1, l: 2}, l: 3}', { k: 1, l: 3 }],
  ['{<<: [{k: 1}, {k: 2, l: 3}], m: 4}', { k: 1, l: 3, m: 4 }],
  ['{<<: {<<: {k: 1}, l: 2}}', { k: 1, l: 2 }],
  ['{<<: {k: {l: 1}}, k: {m: 1}}', { k: { m: 1 } }],
  ['{"<<": {k: 1}}', { '<<': { k: 1 } }],
  ['{k: <<}', { k: '<<' }],
  ['{<<: {__proto__: {k: 1}}}', JSON.parse('{"__proto__": {"k": 1}}')],
  ['[&x {k: 1}, {<<: *x, l: 2}]', [{ k: 1 }, { k: 1, l: 2 }]],
];
for (const head of ['', '%YAML 1.1\n---\n', '%YAML 1.2\n---\n']) {
  test(`merge keys add the keys of other maps ${JSON.stringify(head)}`, () => {
    for (const [text, expected] of merged) assert.deepEqual(parseYaml(head + text, merging).value, expected, text);
  });

  test(`a merge key is never read as a key ${JSON.stringify(head)}`, () => {
    assert.match(
      problemOf(`${head}a: {<<: {k: 1}}`),
      /^merge keys \(<<\) are not supported here: write the keys out at/,
    );
    assert.match(problemOf(`${head}a: {!!merge <<: {k: 1}}`), /^merge keys \(<<\) are not supported here/);
  });
}

// kubectl lets the last of them win, other parsers the first, and some read other values.
for (const [text, expected] of [
  ['{k: 1, <<: {k: 2}}', /must be the first key of its map, and the only one at line 1, column 8$/],
  ['{<<: {k: 1}, <<: {k: 2}}', /must be the first key of its map, and the only one/],
  ['{<<: }', /takes a map or a list of maps/],
  ['{<<: [{k: 1}, 2]}', /takes a map or a list of maps/],
  ['[&x [{k: 1}], {<<: *x}]', /takes a map or a list of maps/],
  ['{<<: *x}', /takes a map or a list of maps/],
  ['&x {<<: *x}', /takes a map or a list of maps/],
  ['{&x <<: {k: 1}}', /takes no anchor and no tag/],
  ['{!!merge <<: {k: 1}}', /takes no anchor and no tag/],
  ['{!!merge k: {k: 1}}', /takes no anchor and no tag/],
] as const) {
  test(`refuses the merge key of ${text}`, () => assert.match(problemOf(text, merging), expected));
}

const copies = (depth: number) => lines(depth, (i) => `- &a${i + 1} {<<: [*a${i}, *a${i}], k${i}: 1}\n`);
const deep = (keys: number) => `${'{<<: '.repeat(300)}{${lines(keys, (i) => `k${i}: 1, `)}}${'}'.repeat(300)}`;
for (const [what, text] of [
  ['in each other without end', deep(1000)],
  ['of copies of copies', `- &a0 {k: 1}\n${copies(100)}`],
  ['of one map of very many keys', `{<<: {${lines(60_000, (i) => `k${i}: 1, `)}}}`],
] as const) {
  test(`refuses merge keys ${what}`, () => {
    assert.match(problemOf(text, merging), /^aliases and merge keys repeat more than 100000 values/);
  });
}

test(`reads ${many / 5} merge keys`, () => {
  const text = lines(many / 5, (i) => `- {<<: {k: 1}, l: ${i}}\n`);
  assert.equal(
    (parseYaml(text, merging).value as readonly { k: number }[]).every(({ k }) => k === 1),
    true,
  );
});

test('merge keys read as what they stand for, written out', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const map = fc.record({
    own: fc.dictionary(key, fc.nat(9), { noNullPrototype: true }),
    merged: fc.array(fc.nat(5), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(map, { maxLength: 6 }), (maps) => {
      const expected: Readonly<Record<string, number>>[] = [];
      const texts = maps.map(({ own, merged: named }, index) => {
        const from = named.filter((it) => it < index);
        expected.push(Object.assign({}, ...from.toReversed().map((it) => expected[it]), own));
        const merge = from.length === 0 ? [] : [`<<: [${from.map((it) => `*m${it}`).join(', ')}]`];
        return `- &m${index} {${[...merge, ...Object.entries(own).map(([k, v]) => `${k}: ${v}`)].join(', ')}}\n`;
      });
      assert.deepEqual(parseYaml(texts.join('') || '[]', merging).value, expected);
    }),
    { numRuns: trials(200) },
  );
});

test('a stream holds any number of documents, also none', () => {
  const valuesOf = (text: string) => parseYamlStream(text, any).map(({ value }) => value);
  assert.deepEqual(valuesOf(''), []);
  assert.deepEqual(valuesOf('# nothing\n'), []);
  assert.deepEqual(valuesOf('a: 1\n---\n- b\n'), [{ a: 1 }, ['b']]);
});

test('JSON reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parseYaml(text, any).value, JSON.parse(text));
    }),
    { numRuns: trials(200) },
  );
});

test('YAML is parsed in one place only, but for templates of workflows, which are our own', () => {
  const src = new URL('../../src/', import.meta.url);
  const parsers = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => {
      const text = readFileSync(new URL(file, src), 'utf8');
      return [...text.matchAll(/import \{([^}]*)\} from 'yaml'/g)].some(([, names]) =>
        /\b(parse|Parser)/.test(names ?? ''),
      );
    });
  assert.deepEqual(parsers.sort(), ['model/yaml.ts', 'setup/workflow-file.ts']);
});
