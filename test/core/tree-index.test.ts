import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { indexTree } from '../../src/core/tree-index.ts';
import type { TreeFile } from '../../src/model/tree.ts';
import { trials } from '../support/properties.ts';

/** Alike but for their case, with letters that change their length when they change their case, and bytes that are no UTF-8. */
const path = fc.string({
  unit: fc.constantFrom('a', 'A', 'b', '/', 'İ', 'ß', 'K', 'é', '\udc80'),
  minLength: 1,
  maxLength: 4,
});
const file: fc.Arbitrary<TreeFile> = fc.record(
  {
    path,
    mode: fc.constantFrom('100644', '100755', '120000', '160000'),
    oid: fc.constantFrom('', 'aa', 'ab'),
    unknown: fc.constantFrom('it is locked'),
  },
  { requiredKeys: ['path', 'mode', 'oid'], noNullPrototype: true },
);

test('an index gives the files of any tree as a search through all of them would', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 30 }), fc.array(path), (files, others) => {
      const index = indexTree(files);
      assert.deepEqual(
        index.where(() => true),
        files,
      );
      assert.deepEqual(
        index.where((it) => it.startsWith('a')),
        files.filter((it) => it.path.startsWith('a')),
      );
      for (const asked of [...files.map((it) => it.path), ...others]) {
        const first = files.find((it) => it.path === asked);
        const alike = files.filter((it) => it.path.toLowerCase() === asked.toLowerCase());
        assert.deepEqual(index.at(asked), first);
        assert.deepEqual(index.folded(asked), alike);
        assert.equal(index.count(asked), alike.length);
        for (const oids of [[], ['aa'], ['ab', 'aa'], ['']]) {
          assert.equal(index.holds(asked, oids), first?.mode === '100644' && oids.includes(first.oid));
        }
      }
    }),
    { numRuns: trials(300) },
  );
});
