import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { schemaWith } from '../../src/config/schema.ts';
import { configKeys } from '../../src/core/generator.ts';
import { generators } from '../../src/generators/list.ts';
import { fencedBlocks, readPages } from '../support/markdown.ts';

const configs = [...(await readPages())].flatMap(([page, text]) =>
  fencedBlocks(text, 'yaml')
    .filter((block) => block.startsWith('athenz:'))
    .map((block) => [page, block] as const),
);

test('the whole configs of the documentation are valid', () => {
  assert.ok(configs.length > 0);
  const schema = schemaWith(configKeys(generators));
  for (const [page, text] of configs) assert.deepEqual(schema.safeParse(parse(text)).error?.issues ?? [], [], page);
});
