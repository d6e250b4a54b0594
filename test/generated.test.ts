import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedFiles, projectRoot, readFiles } from './support/generated.ts';

test('schemas/ and output/ are what the sources generate (npm run generate)', async () => {
  const expected = await generatedFiles();
  const schema = 'schemas/athenz-gitops.schema.json';
  const actual = await readFiles(projectRoot, 'output');
  assert.deepEqual(
    new Map([[schema, await readFile(join(projectRoot, schema), 'utf8')], ...actual]),
    new Map([...expected].sort(([a], [b]) => Number(b === schema) - Number(a === schema))),
  );
});
