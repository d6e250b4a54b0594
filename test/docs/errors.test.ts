import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ErrorCode, errorCodes } from '../../src/model/error-codes.ts';
import { projectRoot } from '../support/generated.ts';

const codes = Object.keys(errorCodes) as readonly ErrorCode[];

test('every code is given to some error', async () => {
  const dir = join(projectRoot, 'src');
  const files = (await readdir(dir, { recursive: true })).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('error-codes.ts'),
  );
  const text = (await Promise.all(files.map((path) => readFile(join(dir, path), 'utf8')))).join('\n');
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
