import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { linesOf } from '../../src/runtime/lines.ts';

const cases: readonly (readonly [name: string, pieces: readonly (string | Buffer)[], lines: readonly string[]])[] = [
  ['nothing', [], []],
  ['a line a piece', ['a\n', 'b\n'], ['a', 'b']],
  ['several lines in a piece', ['a\nb\n\nc\n'], ['a', 'b', '', 'c']],
  ['a line over several pieces', ['a', 'b', 'c\nd', '\n'], ['abc', 'd']],
  ['half a line at the end is none', ['a\n{"type":"ADD'], ['a']],
  ['a character over two pieces', [Buffer.from([0xc3]), Buffer.from([0xbc, 0x0a])], ['ü']],
  ['what other readers take for the end of a line', ['a\u2028b\rc\n'], ['a\u2028b\rc']],
];
for (const [name, pieces, lines] of cases) {
  test(name, async () => {
    const body = Readable.from(pieces.map((it) => Buffer.from(it)));
    assert.deepEqual(await Readable.from(linesOf(body)).toArray(), lines);
  });
}

test('a line without end is an error', async () => {
  const body = Readable.from(Array.from({ length: 17 }, () => Buffer.alloc(2 ** 20, 'a')));
  await assert.rejects(Readable.from(linesOf(body)).toArray(), RangeError);
  assert.ok(body.destroyed);
});

test('whoever stops reading ends the body', async () => {
  const body = Readable.from([Buffer.from('a\nb\n'), Buffer.from('c\n')]);
  for await (const line of linesOf(body)) if (line === 'a') break;
  assert.ok(body.destroyed);
});
