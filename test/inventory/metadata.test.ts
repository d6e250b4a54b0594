import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workTree } from '../../src/git/work-tree.ts';
import { readInventory } from '../../src/inventory/inventory.ts';
import { parseNamespaces } from '../../src/inventory/manifests.ts';
import { configFrom } from '../support/provision-plan.ts';
import { makeRepository } from '../support/repository.ts';

const maps = ['annotations', 'labels'] as const;
const manifest = (metadata: object) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web', ...metadata } });

for (const [what, map, expected] of [
  ['strings are kept', { a: 'x', 'acme/b': '' }, { a: 'x', 'acme/b': '' }],
  ['other values are dropped', { a: 1, b: true, c: null, d: ['x'], e: { f: 'x' }, g: 'x' }, { g: 'x' }],
  ['a list is ignored', ['a'], undefined],
  ['a string is ignored', 'a', undefined],
  ['null is ignored', null, undefined],
] as const) {
  for (const key of maps) {
    test(`${key}: ${what}`, () => {
      const [found] = parseNamespaces('ns.yaml', Buffer.from(manifest({ [key]: map })));
      assert.deepEqual(found, { name: 'web', ...(expected === undefined ? {} : { [key]: expected }) });
    });
  }
}

test('annotations and labels are read from items of a list, too', () => {
  const items = [{ metadata: { name: 'web', labels: { team: 'a' }, annotations: { about: 'x' } } }];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'NamespaceList', items });
  const expected = { name: 'web', annotations: { about: 'x' }, labels: { team: 'a' } };
  assert.deepEqual(parseNamespaces('ns.json', Buffer.from(list)), [expected]);
});

for (const key of maps) {
  test(`the first of the ${key} with one key wins if a namespace is declared repeatedly`, async () => {
    await using repository = await makeRepository();
    await repository.write({
      '1.yaml': '[web]\n',
      '2.yaml': manifest({ [key]: { a: 'first', b: 'only' } }),
      '3.yaml': manifest({ [key]: { a: 'second', c: 'third' } }),
    });
    const [found] = await readInventory(configFrom({}).clusters, workTree(repository.dir, 'sha1'));
    assert.deepEqual(found?.namespaces, [
      { name: 'web', source: '1.yaml', [key]: { a: 'first', b: 'only', c: 'third' } },
    ]);
  });
}
