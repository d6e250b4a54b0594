import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CORE_SCHEMA, load, YAML11_SCHEMA } from 'js-yaml';
import { parse } from 'yaml';
import { quote, quoteList } from '../../src/model/scalar.ts';
import { trials } from '../support/properties.ts';
import { hostileText, traps } from '../support/rbac.ts';

/** Two independent parsers, each in both versions: kubectl and Argo CD read 1.1, kustomize nearly 1.2. */
const parsers: readonly (readonly [string, (text: string) => unknown])[] = [
  ['js-yaml 1.2', (text) => load(text, { schema: CORE_SCHEMA })],
  ['js-yaml 1.1', (text) => load(text, { schema: YAML11_SCHEMA })],
  ['yaml 1.2', (text) => parse(text, { version: '1.2' })],
  ['yaml 1.1', (text) => parse(text, { version: '1.1', merge: true })],
];

/** A quoted string in every position the renderer uses. */
function documentOf(text: string): string {
  const one = quote(text);
  return `name: ${one}\nrules:\n  - verbs: ${quoteList([text, text, 'get'])}\n    ${quote('y')}: ${one} # ${'x'}\nlast: ${one}\n`;
}

function assertRead(text: string): void {
  const written = documentOf(text);
  const expected = { name: text, rules: [{ verbs: [text, text, 'get'], y: text }], last: text };
  for (const [parser, read] of parsers) assert.deepEqual(read(written), expected, `${parser}: ${written}`);
}

/** Strings that some parser does not read as strings when unquoted. */
const words = [
  'y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|null|Null|NULL|~',
  '0|1|-1|+1|007|0o7|0b1|0x1F|1_000|1.5|1e3|1E+3|.5|5.|-.inf|.Inf|.nan|.NaN|1:30|12:30:45|190:20:30.15',
  '2001-12-14|2001-12-14t21:59:43.10-05:00|2001-12-14 21:59:43.10 -5|=|<<|---|...|!!str|!!binary|%YAML 1.1|@|`',
  '- a|? a|a: b|a:|:a|: a|a #b|#|# a|&a|*a|!a|%a|>|{a}|[a]|{}|[]|,|"|\'|""|\'\'|\\|\\n|\\u0041|\\x41|$|{role}',
].flatMap((line) => line.split('|'));
const spaced = [
  '',
  ' ',
  '  a',
  'a  ',
  'a  b',
  '\t',
  'a\tb',
  '\n',
  'a\nb',
  'a\n',
  '\na',
  '\r\n',
  'a\r',
  '|',
  '|-\n a',
  '\n---\n',
];
const athenz = [
  'user.jane',
  'user.*',
  'eks.users.a:role.admins',
  'eks.a:group.g',
  'system:serviceaccount:a:b',
  'athenz:user.jane',
];

describe('every parser reads a quoted string back unchanged', () => {
  for (const text of [...words, ...spaced, ...athenz]) test(JSON.stringify(text), () => assertRead(text));

  for (const trap of traps) {
    test(`U+${trap.codePointAt(0)?.toString(16).padStart(4, '0')} alone, at both ends and inside`, () => {
      for (const text of [trap, `${trap}a`, `a${trap}`, `a${trap}b`, `a ${trap} b`, trap.repeat(3), `\\${trap}`]) {
        assertRead(text);
      }
    });
  }

  test('every BMP character except surrogates', () => {
    for (let start = 0; start < 0xd800; start += 0x400) assertRead(textFrom(start, 0x400));
    for (let start = 0xe000; start <= 0xffff; start += 0x400) assertRead(textFrom(start, 0x400));
  });

  test('a very long string, on one line', () => {
    const long = `user.${'a b'.repeat(3000)}`;
    assertRead(long);
    assert.doesNotMatch(quote(long), /\n/);
  });

  test('any well-formed string', () => {
    fc.assert(fc.property(hostileText(), assertRead), { numRuns: trials(750) });
  });
});

function textFrom(start: number, length: number): string {
  return String.fromCharCode(...Array.from({ length }, (_, index) => start + index));
}

describe('a quoted string', () => {
  test('contains no line break, control character or byte order mark', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        assert.match(quote(text), /^"[^\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]*"$/u);
      }),
      { numRuns: trials(250) },
    );
  });

  test('keeps other characters, including those outside the BMP', () => {
    assert.equal(quote('user.jane ü漢😀{}#:'), '"user.jane ü漢😀{}#:"');
  });

  test('escapes control characters and YAML 1.1 line breaks as \\uXXXX', () => {
    assert.equal(
      quote('\0\n\t\x7f\x85\u2028\u2029\ufeff'),
      '"\\u0000\\u000a\\u0009\\u007f\\u0085\\u2028\\u2029\\ufeff"',
    );
    assert.equal(quote('"\\'), '"\\"\\\\"');
  });

  for (const text of ['\ud800', '\udfff', 'a\ud800b', '\udc00\ud800', '😀\ud83d']) {
    test(`rejects the lone surrogate in ${JSON.stringify(text)}`, () => {
      assert.throws(() => quote(text), TypeError);
      assert.throws(() => quoteList(['a', text]), TypeError);
    });
  }

  test('differs for different strings', () => {
    fc.assert(fc.property(hostileText(), hostileText(), (a, b) => assert.equal(quote(a) === quote(b), a === b)));
  });
});

test('a list is quoted on one line, in order', () => {
  assert.equal(quoteList([]), '[]');
  assert.equal(quoteList(['']), '[""]');
  assert.equal(quoteList(['get', 'y', '*']), '["get", "y", "*"]');
});
