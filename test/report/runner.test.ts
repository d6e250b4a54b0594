import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toJson } from '../../src/report/json.ts';
import { withoutCommands } from '../../src/report/runner.ts';
import { anyText } from '../support/hostile.ts';
import { trials } from '../support/properties.ts';

for (const [text, shown] of [
  ['::add-mask::a', '\\u003a:add-mask\\u003a:a'],
  [':::', '\\u003a\\u003a:'],
  ['a ##[group]b', 'a \\u0023#[group]b'],
  ['###[a]', '#\\u0023#[a]'],
  ['##vso[a]', '\\u0023#vso[a]'],
  ['## Heading\n- a: b', '## Heading\n- a: b'],
  ['https://example.com: #1 [a]', 'https://example.com: #1 [a]'],
] as const) {
  test(`${JSON.stringify(text)} is printed as ${JSON.stringify(shown)}`, () => {
    assert.equal(withoutCommands(text), shown);
  });
}

test('no text holds a command, and JSON stays the same value', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom('', '::', '##['), anyText, (start, command, end) => {
      const text = `${start}${command}${end}`;
      assert.doesNotMatch(withoutCommands(text), /::|##[a-z]*\[/i);
      const value = { [text]: [text] };
      assert.deepEqual(JSON.parse(withoutCommands(toJson(value))), JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: trials(300) },
  );
});
