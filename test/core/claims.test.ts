import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openPathClaims } from '../../src/core/claims.ts';
import { openReleased } from '../../src/core/released.ts';
import { numberUnits, type UnitId, unitKey } from '../../src/core/unit.ts';
import { trials } from '../support/properties.ts';

const text = fc.constantFrom('a', 'b', 'c');
const unit: fc.Arbitrary<UnitId> = fc.record(
  { cluster: text, namespace: text, name: text },
  { requiredKeys: ['cluster'], noNullPrototype: true },
);
const path = fc.string({ unit: fc.constantFrom('a', 'A', 'é', 'š'), minLength: 1, maxLength: 3 });

test('a path is of the unit that claims it, whatever other units and other cases of it there are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(unit, path), { selector: ([it, at]) => `${unitKey(it)} ${at}` }), (claimed) => {
      const claims = openPathClaims('advice', numberUnits());
      for (const [it, at] of claimed)
        claims.add({ recalled: true, unit: it, files: [{ path: at, oids: [] }], weight: 0 });
      for (const [, at] of claimed) {
        const units = claimed.filter(([, other]) => other === at).map(([it]) => it);
        const found = claims.at(at);
        assert.ok(found !== undefined && units.some((it) => unitKey(it) === unitKey(found)));
        assert.equal(claims.keyAt(at), unitKey(found));
        // Of several the first by name, also where they came in another order.
        assert.equal(unitKey(found), units.map(unitKey).sort()[0]);
      }
      assert.equal(claims.at('aaaa'), undefined);
      assert.deepEqual(new Set(claims.paths()), new Set(claimed.map(([, at]) => at)));
      const folded = Map.groupBy(claimed, ([, at]) => at.toLowerCase());
      const shared = [...folded.values()]
        .filter((it) => it.length > 1)
        .flatMap((it) => it.map(([own]) => unitKey(own)));
      assert.deepEqual(new Set(claims.shared().keys()), new Set(shared));
    }),
    { numRuns: trials(300) },
  );
});

test('a cluster weighs what its units weigh that were let go of last', () => {
  const step = fc.tuple(unit, fc.option(fc.nat(100)));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const released = openReleased(numberUnits());
      const known = new Map<string, { readonly unit: UnitId; readonly weight: number }>();
      for (const [it, weight] of steps) {
        if (weight === null) released.remove(it);
        else released.add(it, weight);
        known.set(unitKey(it), { unit: it, weight: weight ?? 0 });
      }
      const sums = new Map<string, number>();
      for (const it of known.values()) sums.set(it.unit.cluster, (sums.get(it.unit.cluster) ?? 0) + it.weight);
      assert.deepEqual(released.weights(), sums);
    }),
    { numRuns: trials(200) },
  );
});
