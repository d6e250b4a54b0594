import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { numberTexts } from '../../src/model/text-numbers.ts';
import { trials } from '../support/properties.ts';

/** Alike, of one byte a character and of more, and with halves of characters. */
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '/', '\0', 'é', 'ÿ'), maxLength: 5 }),
  fc.string({ unit: fc.constantFrom('a', 'Ā', 'š', '\udc80', '\ud83d', '😀'), maxLength: 3 }),
  fc.string({ maxLength: 40 }),
);

test('texts get the numbers that a Map would give them, and come back', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 200 }), fc.array(anyText), (added, asked) => {
      const texts = numberTexts();
      const known = new Map<string, number>();
      for (const text of added) {
        const number = known.get(text) ?? known.size;
        known.set(text, number);
        assert.equal(texts.add(text), number);
        assert.equal(texts.size, known.size);
      }
      for (const text of [...added, ...asked]) assert.equal(texts.find(text), known.get(text));
      for (const [text, number] of known) assert.equal(texts.at(number), text);
      assert.equal(texts.at(known.size), '');
    }),
    { numRuns: trials(200) },
  );
});

test('thousands of texts keep their numbers', () => {
  const texts = numberTexts();
  const names = Array.from({ length: 5000 }, (_, at) => (at % 100 === 0 ? `š-${at}` : `output/prod/team-${at}.yaml`));
  for (const [number, name] of names.entries()) assert.equal(texts.add(name), number);
  for (const [number, name] of names.entries()) {
    assert.equal(texts.find(name), number);
    assert.equal(texts.at(number), name);
  }
  assert.equal(texts.find('output/prod/team-5000.yaml'), undefined);
});
