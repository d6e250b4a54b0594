import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineOf, readLines, writeLines } from '../../../src/generators/rbac/memo-lines.ts';
import type { Remembered } from '../../../src/generators/rbac/remembered.ts';
import { trials } from '../../support/properties.ts';

const text = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\n', '"', '\\', 'é', '😀', '\ud83d') });
const remembered: fc.Arbitrary<Remembered> = fc.record(
  {
    needs: fc.array(fc.tuple(text, fc.option(text, { nil: null }))),
    since: fc.nat(),
    until: fc.nat(),
    files: fc.array(fc.record({ path: text, oids: fc.array(text) }, { noNullPrototype: true })),
    weight: fc.nat(),
    unconfirmed: fc.array(text),
  },
  { requiredKeys: ['needs', 'since', 'files', 'weight'], noNullPrototype: true },
);
const namespaces = fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', '-', '0'), minLength: 1 }), remembered, {
  noNullPrototype: true,
});

test('whatever is remembered of namespaces is read back, each by its name', () => {
  fc.assert(
    fc.property(namespaces, fc.dictionary(text, text, { noNullPrototype: true }), (all, prints) => {
      const keys = new Map(Object.entries(prints));
      const written = Object.entries(all).map(([name, it]) => lineOf(name, it));
      const lines = readLines(Buffer.from(writeLines(keys, written)));
      assert.deepEqual(lines.keys, keys);
      assert.equal(lines.size, written.length);
      for (const [name, it] of Object.entries(all)) {
        const number = lines.find(name) ?? -1;
        assert.deepEqual({ ...lines.conditions(number), ...lines.content(number) }, it);
        assert.equal(lines.line(number), lineOf(name, it));
      }
      assert.equal(lines.find('other'), undefined);
    }),
    { numRuns: trials(100) },
  );
});

test('a file that is not there says nothing', () => {
  const lines = readLines();
  assert.equal(lines.size, 0);
  assert.equal(lines.keys.size, 0);
});
