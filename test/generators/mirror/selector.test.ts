import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selector } from '../../../src/config/kube-schema.ts';
import { parseSelector, selectorText, selects } from '../../../src/generators/objects/selector.ts';

const labels = { sync: 'true', team: 'a', 'example.com/tier': '' };

for (const [text, expected] of [
  ['sync=true', true],
  ['sync==true', true],
  [' sync = true ', true],
  ['sync!=true', false],
  ['other!=true', true],
  ['sync', true],
  ['!sync', false],
  ['! other', true],
  ['team in (b, a)', true],
  ['team in (b)', false],
  ['team notin (b,c)', true],
  ['other notin (b)', true],
  ['example.com/tier=', true],
  ['example.com/tier in ()', true],
  ['sync=true,team in (a, b),!other', true],
  ['sync=true, team in (b, c)', false],
] as const) {
  test(`the selector ${text} selects ${expected ? 'it' : 'others'}`, () => {
    assert.ok(selector.safeParse(text).success, 'the config takes it');
    const parsed = parseSelector(text);
    assert.equal(selects(parsed, labels), expected);
    assert.equal(selects(parseSelector(selectorText(parsed)), labels), expected);
  });
}
