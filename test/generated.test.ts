import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatedFiles, projectRoot, readFiles } from './support/generated.ts';

test('schemas/, output/ and the reference are up to date (npm run generate)', async () => {
  const expected = await generatedFiles();
  const actual = new Map(
    (await Promise.all(['schemas', 'output/prod', 'docs'].map((folder) => readFiles(projectRoot, folder)))).flatMap(
      (files) => [...files],
    ),
  );
  for (const [path, text] of expected) assert.equal(actual.get(path), text, path);
  const written = [...actual.keys()].filter((path) => !path.startsWith('docs/'));
  assert.deepEqual(new Set(written), new Set([...expected.keys()].filter((path) => !path.startsWith('docs/'))));
});
