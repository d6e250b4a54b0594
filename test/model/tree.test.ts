import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { blobId, type ObjectFormat } from '../../src/model/tree.ts';
import { gitEnv, gitIn, makeRepository } from '../support/repository.ts';

const contents: readonly (readonly [string, string | Uint8Array])[] = [
  ['an empty file', ''],
  ['one line', 'hello\n'],
  ['non-ASCII text', 'ü € 😀\n'],
  ['CRLF line ends', 'a\r\nb\r\n'],
  ['every byte', Uint8Array.from({ length: 256 }, (_, index) => index)],
  ['a megabyte', 'x'.repeat(1_000_000)],
];
for (const format of ['sha1', 'sha256'] as const satisfies readonly ObjectFormat[]) {
  test(`blobId matches git hash-object in a ${format} repository`, async () => {
    await using repository = await makeRepository({ objectFormat: format });
    for (const [name, content] of contents) {
      const options = { cwd: repository.dir, env: gitEnv, input: Buffer.from(content), encoding: 'utf8' } as const;
      const expected = execFileSync('git', ['hash-object', '--stdin', '--no-filters'], options).trim();
      assert.equal(blobId(content, format), expected, name);
    }
    assert.equal(gitIn(repository.dir, 'rev-parse', '--show-object-format'), format);
  });
}

test('a string and its UTF-8 bytes have the same id', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(blobId(text, 'sha1'), blobId(Buffer.from(text, 'utf8'), 'sha1'));
    }),
  );
});

test('a subarray has the id of its own bytes only', () => {
  const large = Buffer.from('....hello\n....');
  assert.equal(blobId(large.subarray(4, 10), 'sha1'), blobId('hello\n', 'sha1'));
});
