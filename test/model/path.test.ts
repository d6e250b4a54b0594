import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePath, encodePath, isWritable } from '../../src/model/path.ts';
import { trials } from '../support/properties.ts';

/** Also what is nearly UTF-8: halves of characters, overlong ones, surrogates, too large ones. */
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 3 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('c0af', 'eda080', 'f4908080', 'f09f98', 'e282', 'efbfbd', 'ff', 'c3')
    .map((it) => Buffer.from(it, 'hex')),
);
const anyBytes = fc.array(piece, { maxLength: 6 }).map((pieces) => Buffer.concat(pieces));

test('any bytes of a path come back from its text', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      assert.deepEqual(Buffer.from(encodePath(decodePath(bytes))), bytes);
    }),
    { numRuns: trials(500) },
  );
});

test('two paths never become one text', () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, (one, other) => {
      assert.equal(decodePath(one) === decodePath(other), one.equals(other));
    }),
    { numRuns: trials(500) },
  );
});

test('a path that is UTF-8 is its own text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(decodePath(Buffer.from(text)), text);
    }),
    { numRuns: trials(200) },
  );
  assert.equal(decodePath(Buffer.from('caf\xe9/x', 'latin1')), 'caf\udce9/x');
  assert.equal(decodePath(Buffer.from('\ufffd/caf')), '\ufffd/caf');
});

test('paths that git refuses to write are recognised', () => {
  for (const path of ['a', 'a/b.yaml', '.github/x', 'a/..b', '...', 'caf\udce9/x'])
    assert.equal(isWritable(path), true, path);
  for (const path of ['', '/a', 'a//b', 'a/', '.', 'a/./b', '../a', 'a/..', '.git/x', 'a/.GIT/x'])
    assert.equal(isWritable(path), false, path);
});
