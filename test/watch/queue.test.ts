import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayAfter } from '../../src/runtime/backoff.ts';
import { openBucket } from '../../src/runtime/bucket.ts';
import { openQueue } from '../../src/watch/queue.ts';

const seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 1000];

test('an item that fails is tried again after 1, 2, 4 … 512, 1000 s', () => {
  const queue = openQueue();
  let now = 0;
  for (const delay of seconds) {
    queue.fail('run', now);
    assert.equal(queue.nextAt, now + delay * 1000);
    now = queue.nextAt ?? 0;
  }
  assert.equal(delayAfter(50), 1_000_000);
  assert.equal(queue.retries, seconds.length);
});

test('success resets the delay of an item, and of no other', () => {
  const queue = openQueue();
  queue.replace(['a', 'b'], 0);
  queue.replace(['a', 'b'], 1000);
  queue.replace(['b'], 3000);
  assert.deepEqual([queue.depth, queue.oldest, queue.nextAt], [1, 0, 7000]);
  queue.replace(['a', 'b'], 7000);
  assert.deepEqual([queue.depth, queue.oldest, queue.nextAt], [2, 0, 8000]);
  queue.replace([], 8000);
  assert.deepEqual([queue.depth, queue.oldest, queue.nextAt], [0, undefined, undefined]);
});

test('an item that is listed twice fails once', () => {
  const queue = openQueue();
  queue.replace(['a', 'a'], 0);
  assert.deepEqual([queue.depth, queue.nextAt, queue.retries], [1, 1000, 1]);
});

test('a bucket gives 200 at once, and 30 a second from then on', () => {
  const bucket = openBucket(30, 200);
  for (let taken = 0; taken < 200; taken++) assert.equal(bucket.take(0), 0);
  assert.equal(Math.round(bucket.take(0)), 33);
  assert.equal(Math.round(bucket.take(0)), 67);
  // Time fills it again, and a clock that goes back gives nothing.
  assert.equal(bucket.take(1000), 0);
  assert.equal(bucket.take(500), 0);
  for (let taken = 0; taken < 26; taken++) assert.equal(bucket.take(1000), 0, `${taken}`);
  assert.ok(bucket.take(1000) > 0);
  for (let taken = 0; taken < 200; taken++) assert.equal(bucket.take(100_000), 0);
});

test('many items that fail at once are spread by the bucket', () => {
  const queue = openQueue(openBucket(1, 2));
  queue.replace(['a', 'b'], 0);
  assert.equal(queue.nextAt, 1000);
  queue.replace(['c', 'd'], 0);
  queue.replace(['c'], 0);
  assert.equal(queue.nextAt, 2000);
});

test('very many items that fail again and again delay nothing for longer than the bucket takes to fill', () => {
  const queue = openQueue();
  const many = Array.from({ length: 20_000 }, (_, at) => `${at}`);
  for (const now of [0, 1000, 3000, 7000]) queue.replace(many, now);
  assert.equal(queue.nextAt, 15_000);
  queue.replace([], 15_000);
  queue.replace(['other'], 30_000);
  assert.equal(queue.nextAt, 31_000);
});
