import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, errorCodes } from '../../src/model/error-codes.ts';
import { projectRoot, readFiles } from '../support/generated.ts';

const codes = Object.keys(errorCodes) as readonly ErrorCode[];

test('every code is given to some error', async () => {
  const sources = new Map(await readFiles(projectRoot, 'src'));
  sources.delete('src/model/error-codes.ts');
  const text = [...sources.values()].join('\n');
  assert.deepEqual(
    codes.filter((code) => !text.includes(`'${code}'`)),
    [],
  );
});

test('every code has a cause and a remedy, as parts of a sentence', () => {
  for (const code of codes) {
    const { cause, remedy } = errorCodes[code];
    for (const text of [cause, remedy]) assert.match(text, /^\S.*[^.\s]$/, code);
  }
});
