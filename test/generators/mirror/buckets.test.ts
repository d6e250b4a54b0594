import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bucketsOf } from '../../../src/generators/mirror/buckets.ts';
import { trials } from '../../support/properties.ts';

/** Buckets that differ between two sets of addresses: the files that a change touches. */
function touched(before: readonly string[], after: readonly string[]): number {
  const [a, b] = [bucketsOf(before), bucketsOf(after)];
  const textOf = (list: readonly string[] | undefined) => [...(list ?? [])].sort().join();
  return [...new Set([...a.keys(), ...b.keys()])].filter((it) => textOf(a.get(it)) !== textOf(b.get(it))).length;
}

const sets = fc
  .uniqueArray(fc.nat({ max: 0xff_ffff }), { minLength: 1, maxLength: 1000, size: 'max' })
  .map((list) => list.map((it) => `10.${it >> 16}.${(it >> 8) & 255}.${it & 255}`));

describe('slices of up to 1,000 addresses', () => {
  test('have every address once, and 100 at most', () => {
    fc.assert(
      fc.property(sets, (list) => {
        const buckets = [...bucketsOf(list).values()];
        assert.deepEqual(buckets.flat().toSorted(), list.toSorted());
        assert.ok(buckets.every((it) => it.length > 0 && it.length <= 100));
      }),
      { numRuns: trials(100) },
    );
  });

  test('change in two at most where one address takes the place of another, and in three where one comes or goes', () => {
    fc.assert(
      fc.property(sets, fc.nat(), (list, at) => {
        const others = list.toSpliced(at % list.length, 1);
        assert.ok(touched(list, [...others, '192.0.2.1']) <= 2);
        assert.ok(touched(list, others) <= 3);
      }),
      { numRuns: trials(200) },
    );
  });

  test('never all change as a Service grows', () => {
    const list: string[] = [];
    for (let index = 0; index < 1000; index++) {
      const next = [...list, `10.1.${index >> 8}.${index & 255}`];
      assert.ok(touched(list, next) <= 3, `${index}`);
      list.push(next.at(-1) ?? '');
    }
  });

  test('are not multiplied by addresses that were chosen to share one', () => {
    const hashOf = (key: string) => createHash('sha256').update(key).digest().readUInt32BE(0);
    const chosen = range(150_000)
      .map((it) => `fd00::${it >> 16}:${it & 65_535}`)
      .filter((it) => hashOf(it) % 1024 === 0);
    const list = [...chosen, ...range(2000).map((it) => `10.0.${it >> 8}.${it & 255}`)];
    const buckets = bucketsOf(list);
    assert.deepEqual([...buckets.values()].flat().toSorted(), list.toSorted());
    assert.ok([...buckets.values()].every((it) => it.length <= 100));
    assert.ok(chosen.length > 100 && buckets.size <= 60, `${chosen.length} chosen, ${buckets.size} slices`);
  });
});

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
