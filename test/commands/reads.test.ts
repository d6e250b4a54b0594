import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision, Differing } from '../../src/core/decision.ts';
import { layoutTerritory } from '../../src/core/territory.ts';
import { noChanges } from '../../src/core/whole.ts';
import { compileLayout } from '../../src/model/layout.ts';
import type { FileTree, TreeFile } from '../../src/model/tree.ts';
import { walkTree } from '../../src/run/walk-tree.ts';

test('each file is read once, a kustomization too, and when everything is decided again', async () => {
  const paths = ['output/kustomization.yaml', 'output/prod/kustomization.yaml', 'output/prod/left.yaml'];
  const files = paths.map((path): TreeFile => ({ path, mode: '100644', oid: '0'.repeat(40) }));
  const reads: string[] = [];
  const tree: FileTree = {
    objectFormat: 'sha1',
    list: async () => files,
    scan: async () => files,
    obstacles: async () => [],
    async read(some) {
      reads.push(...some.map(({ path }) => path));
      return new Map(some.map(({ path }) => [path, Buffer.from('resources: []\n')]));
    },
  };
  const left = { cluster: 'prod', namespace: 'left' };
  const decision: Decision = {
    unit: left,
    ...noChanges,
    weight: 0,
    kept: [],
    unconfirmed: ['acme.left'],
    settle: () => ({ kind: 'stuck', held: [] }),
  };
  const compared: Differing<null, null>[] = [];
  const asked: (readonly string[])[] = [];
  const { walked, kustomizations } = await walkTree(
    {
      generator: {
        parse: ({ path }) =>
          path.endsWith('left.yaml')
            ? { kind: 'rendered', unit: { namespace: 'left' }, state: null }
            : { kind: 'foreign' },
      },
      setting: { clusters: ['prod'] },
      territory: layoutTerritory(compileLayout('output/{cluster}/{namespace}.yaml'), ['prod']),
    },
    { tree, inventory: [] },
    {
      asOf: '2026-11-21T02:57:00.000Z',
      at: '2026-11-21T02:57:00.000Z',
      sources: [],
      async *desired() {},
      isDesired: () => false,
      unit: () => undefined,
      compare(differing: Differing<null, null>) {
        compared.push(differing);
        return decision;
      },
      async confirm(unconfirmed) {
        asked.push(unconfirmed);
        return true;
      },
      close: async () => {},
    },
    files,
  );
  assert.deepEqual([reads.toSorted(), compared.length, asked], [paths, 2, [['acme.left']]]);
  assert.deepEqual(
    [walked.held.map(({ code }) => code), kustomizations.map(({ path }) => path)],
    [['OUTPUT_FOREIGN'], paths.slice(0, 2)],
  );
});
