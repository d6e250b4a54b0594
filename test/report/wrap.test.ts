import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters, styleText } from 'node:util';
import { wrapText } from '../../src/report/wrap.ts';

const cases: readonly (readonly [name: string, text: string, expected: string])[] = [
  ['a line that fits', 'a'.repeat(40), 'a'.repeat(40)],
  [
    'a row: below its last column',
    '    + user.al  oncall  through a delegated role',
    '    + user.al  oncall  through a\n                       delegated role',
  ],
  [
    'a sentence: two further in',
    '  held: exceeds limits.maxRemovedGrants (5 of 20 grants)',
    '  held: exceeds\n    limits.maxRemovedGrants (5 of 20\n    grants)',
  ],
  [
    'a column that begins too far to the right',
    '  a name that is rather long for this  and its reason',
    '  a name that is rather long for this\n    and its reason',
  ],
  ['a word that is too long: whole', `see ${'x'.repeat(50)} there`, `see\n  ${'x'.repeat(50)}\n  there`],
  ['empty lines', '\n\n', '\n\n'],
];
for (const [name, text, expected] of cases) {
  test(`wraps ${name}`, () => {
    assert.equal(wrapText(text, 40), expected);
    assert.equal(wrapText(text, undefined), text);
    assert.equal(wrapText(text, 20), text);
  });
}

test('colours go on in the next line and end with it', () => {
  const row = '    + user.finn  oncall  through acme.platform:role.sre (delegated)';
  const wrapped = wrapText(styleText('red', row, { validateStream: false }), 40);
  assert.equal(stripVTControlCharacters(wrapped), wrapText(row, 40));
  const [first, ...others] = wrapped.split('\n');
  assert.match(first ?? '', /^\u001b\[31m.*\u001b\[39m$/);
  for (const line of others) assert.match(line, /^ {17}\u001b\[31m.*\u001b\[39m$/);
});
