import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workTree } from '../../src/git/work-tree.ts';
import { readInventory } from '../../src/inventory/inventory.ts';
import { parseNamespaces } from '../../src/inventory/manifests.ts';
import { configFrom } from '../support/provision-plan.ts';
import { makeRepository } from '../support/repository.ts';

const manifest = (annotations: unknown) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web', annotations } });

for (const [what, annotations, expected] of [
  ['strings are kept', { a: 'x', 'acme/b': '' }, { a: 'x', 'acme/b': '' }],
  ['other values are dropped', { a: 1, b: true, c: null, d: ['x'], e: { f: 'x' }, g: 'x' }, { g: 'x' }],
  ['a list is ignored', ['a'], undefined],
  ['a string is ignored', 'a', undefined],
  ['null is ignored', null, undefined],
] as const) {
  test(`annotations: ${what}`, () => {
    const [found] = parseNamespaces('ns.yaml', Buffer.from(manifest(annotations)));
    assert.deepEqual(found?.annotations, expected);
  });
}

test('the first annotation of a key wins if a namespace is declared repeatedly', async () => {
  await using repository = await makeRepository();
  await repository.write({
    '1.yaml': '[web]\n',
    '2.yaml': manifest({ a: 'first', b: 'only' }),
    '3.yaml': manifest({ a: 'second', c: 'third' }),
  });
  const [found] = await readInventory(configFrom({}).clusters, workTree(repository.dir, 'sha1'));
  assert.deepEqual(found?.namespaces, [
    { name: 'web', source: '1.yaml', annotations: { a: 'first', b: 'only', c: 'third' } },
  ]);
});
