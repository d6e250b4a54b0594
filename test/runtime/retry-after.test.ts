import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfter } from '../../src/runtime/retry-after.ts';

const now = Date.parse('2026-11-28T12:00:00Z');

const waits: readonly (readonly [
  header: string | readonly string[] | undefined,
  wait: number | undefined,
  date?: string,
])[] = [
  [undefined, undefined],
  ['', undefined],
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7000],
  [['3', '5'], 3000],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['Infinity', undefined],
  ['2026-11-28T12:00:10Z', undefined],
  ['Sat, 28 Nov 2026 12:00:10 GMT', 10_000],
  ['Sat, 28 Nov 2026 11:59:00 GMT', 0],
  ['Sat, 28 Nov 2026 12:00:10 GMT', 25_000, 'Sat, 28 Nov 2026 11:59:45 GMT'],
  ['Sat, 28 Nov 2026 12:00:10 GMT', 10_000, 'yesterday'],
  ['Fri, 31 Foo 2026 12:00:10 GMT', undefined],
];
for (const [header, wait, date] of waits) {
  const by = date === undefined ? '' : ` by a server at ${date}`;
  test(`Retry-After: ${header ?? '(none)'}${by} is ${wait === undefined ? 'no wish' : `${wait} ms`}`, () => {
    assert.equal(retryAfter({ 'retry-after': header, date }, now), wait);
  });
}
