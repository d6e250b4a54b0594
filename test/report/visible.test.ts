import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLog, logLevels } from '../../src/report/log.ts';
import { visible } from '../../src/report/visible.ts';
import { anyText, hostileNames } from '../support/hostile.ts';
import { trials } from '../support/properties.ts';

for (const [text, shown] of [
  ['user.ada', 'user.ada'],
  ['Zoë 🙂 漢字 e\u0301', 'Zoë 🙂 漢字 e\u0301'],
  ['a\nb\r\tc', 'a\\u000ab\\u000d\\u0009c'],
  ['\u001b[31m', '\\u001b[31m'],
  ['\u009b31m', '\\u009b31m'],
  ['a\u202eb', 'a\\u202eb'],
  ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
  ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['\u{e0041}', '\\udb40\\udc41'],
  ['\ud800a', '\\ud800a'],
  ['a\udc00', 'a\\udc00'],
] as const) {
  test(`${JSON.stringify(text)} is shown as ${shown}`, () => {
    assert.equal(visible(text), shown);
  });
}

const examples = hostileNames.map((name): [string] => [name]);

test('output has no control, format or unpaired surrogate characters', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = visible(text);
      assert.doesNotMatch(shown, /[\p{C}\p{Zl}\p{Zp}]/u);
      assert.ok(shown.isWellFormed());
    }),
    { numRuns: trials(500), examples },
  );
});

test('truncates long text between characters and shows its length', () => {
  assert.equal(visible('x'.repeat(200)), 'x'.repeat(200));
  assert.match(visible('x'.repeat(5000)), /^x{199}… \(5000 characters\)$/);
  assert.match(visible(`a${'🙂'.repeat(150)}`), /^a(🙂){99}… \(301 characters\)$/u);
  assert.match(visible('x'.repeat(20), 10), /^x{9}… \(20 characters\)$/);
});

test('output length is limited for any text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.ok(visible(text.repeat(20)).length <= 200 * 6 + 30);
    }),
    { examples },
  );
});

test('a log writes one line per message for any text', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom(...logLevels), (text, level) => {
      const lines: string[] = [];
      createLog((line) => lines.push(line), { level: 'debug' })[level](text);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /^[^\p{C}]*\n$/u);
    }),
    { numRuns: trials(125), examples: hostileNames.map((name) => [name, 'warn' as const]) },
  );
});

for (const [level, expected] of [
  ['error', ['error: e']],
  ['warn', ['error: e', 'warn: w']],
  ['info', ['error: e', 'warn: w', 'i']],
  ['debug', ['error: e', 'warn: w', 'i', 'debug: d']],
] as const) {
  test(`a log at level ${level} includes messages of that level and above`, () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), { level });
    log.error('e');
    log.warn('w');
    log.info('i');
    log.debug('d');
    assert.deepEqual(
      lines,
      expected.map((line) => `${line}\n`),
    );
  });
}
