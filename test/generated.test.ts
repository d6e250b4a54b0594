import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatedFiles, projectRoot, readFiles } from './support/generated.ts';

test('schemas/ and output/ are up to date (npm run generate)', async () => {
  const expected = [...(await generatedFiles())];
  const actual = [...(await readFiles(projectRoot, 'schemas')), ...(await readFiles(projectRoot, 'output'))];
  assert.deepEqual(new Map(actual), new Map(expected));
  assert.deepEqual(new Set(actual.map(([path]) => path)), new Set(expected.map(([path]) => path)));
});
