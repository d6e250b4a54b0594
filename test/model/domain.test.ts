import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { domainOf, namespaceOf } from '../../src/model/domain.ts';
import { findNamespace } from '../../src/model/inventory.ts';
import { trials } from '../support/properties.ts';

const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0'), minLength: 1, maxLength: 4 });
const template = fc
  .tuple(fc.constantFrom('', 'a', 'a.b', 'ab.'), fc.constantFrom('', '.a', '-b', 'a'))
  .map(([before, after]) => ({ domain: `${before}{namespace}${after}` }));

test('a namespace follows from its domain, and nothing from any other', () => {
  fc.assert(
    fc.property(
      template,
      name,
      fc.string({ unit: fc.constantFrom('a', 'b', '.', '-') }),
      (cluster, namespace, other) => {
        assert.equal(namespaceOf(cluster, domainOf(cluster, namespace)), namespace);
        const found = namespaceOf(cluster, other);
        if (found !== undefined) assert.equal(domainOf(cluster, found), other);
      },
    ),
    { numRuns: trials(300) },
  );
});

test('a namespace of an inventory is found by its name', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name), name, (names, other) => {
      const namespaces = names.toSorted().map((it) => ({ name: it, source: `${it}.yaml` }));
      const inventory = { cluster: 'prod', namespaces, excluded: [], problems: [] };
      for (const it of [...names, other])
        assert.equal(
          findNamespace(inventory, it),
          namespaces.find((entry) => entry.name === it),
        );
    }),
    { numRuns: trials(300) },
  );
});
