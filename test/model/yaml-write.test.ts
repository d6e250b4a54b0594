import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { parse } from 'yaml';
import { type JsonMap, writeMap } from '../../src/model/yaml-write.ts';
import { trials } from '../support/properties.ts';
import { hostileText, traps } from '../support/rbac.ts';

const parsers: readonly (readonly [string, (text: string) => unknown])[] = [
  ['js-yaml 1.2', (text) => load(text, { schema: CORE_SCHEMA })],
  ['js-yaml 1.1', (text) => load(text, { schema: YAML11_SCHEMA })],
  ['yaml 1.2', (text) => parse(text, { version: '1.2' })],
  ['yaml 1.1', (text) => parse(text, { version: '1.1', merge: true })],
];

const text = fc.oneof(
  hostileText(),
  fc.constantFrom(...traps),
  fc
    .array(fc.oneof(hostileText(), fc.constantFrom('', ' ', '\t', '#', '---', '- a', 'a: b')), { maxLength: 5 })
    .map((lines) => lines.join('\n')),
);
const key = text.filter((it) => it.length < 200 && it !== '__proto__');
const { json } = fc.letrec<{ json: JsonMap[string] }>((tie): { json: fc.Arbitrary<JsonMap[string]> } => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((it) => (Object.is(it, -0) ? 0 : it)),
    fc.array(tie('json'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(key, tie('json')), { selector: ([it]) => it, maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

describe('what is written as YAML', () => {
  for (const [name, read] of parsers) {
    test(`reads back as the same: ${name}`, () => {
      fc.assert(
        fc.property(json, (value) => {
          assert.deepEqual(read(writeMap({ value })), { value });
        }),
        { numRuns: trials(300) },
      );
    });
  }

  const written: readonly (readonly [what: string, map: JsonMap, text: string])[] = [
    ['keys are sorted', { b: 1, a: 2 }, 'a: 2\nb: 1\n'],
    [
      'keys that a parser reads as something else are quoted',
      { y: 1, '1': 2, 'a b': 3, 'ca.crt': 4 },
      '"1": 2\n"a b": 3\nca.crt: 4\n"y": 1\n',
    ],
    ['several lines are a block', { a: 'one\n  two\n' }, 'a: |\n  one\n    two\n'],
    ['a block without an end of line', { a: 'one\ntwo' }, 'a: |-\n  one\n  two\n'],
    ['a block with more', { a: 'one\n\n\n', b: 1 }, 'a: |+\n  one\n\n\nb: 1\n'],
    ['lists of maps', { a: [{ b: 1, c: [2] }, 'x', [], {}] }, 'a:\n- b: 1\n  c:\n  - 2\n- "x"\n- []\n- {}\n'],
    ['integers of any size', { a: 12345678901234567890n }, 'a: 12345678901234567890\n'],
  ];
  for (const [what, map, expected] of written) {
    test(what, () => assert.equal(writeMap(map), expected));
  }
});
