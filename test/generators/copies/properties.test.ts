import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type CopiesWorld, configMap, planCopies, syncFile } from '../../support/copies.ts';
import type { Texts } from '../../support/plan-one.ts';
import { trials } from '../../support/properties.ts';

const names = ['ca', 'motd', 'proxy'];
const namespaces = ['a', 'b', 'c', 'team-x'];

const destination = fc.oneof(
  fc.record({ namespace: fc.constantFrom('*', '', ...namespaces, 'default', 'nope') }),
  fc.record({ namespaces: fc.subarray(['team-*', '?', 'c'], { minLength: 1 }), exclude: fc.subarray(['b', 'team-*']) }),
  fc.record({ namespaceSelector: fc.constant({ matchLabels: { tier: 'web' } }) }),
);
const destinations = fc.array(
  fc
    .tuple(destination, fc.option(fc.constantFrom(...names, 'other')), fc.option(fc.constantFrom('apply', 'replace')))
    .map(([it, name, strategy]) => ({
      ...it,
      ...(name === null ? {} : { name }),
      ...(strategy === null ? {} : { strategy }),
    })),
  { maxLength: 3 },
);
const sync = fc.record({ name: fc.constantFrom(...names), of: fc.constantFrom(...names, 'missing'), destinations });

/** A repository, and the namespaces of its cluster. */
const worlds = fc
  .record({
    syncs: fc.uniqueArray(sync, { selector: ({ name }) => name, maxLength: 3 }),
    sources: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.string()), { selector: ([name]) => name }),
    there: fc.subarray(namespaces, { minLength: 1 }),
    web: fc.subarray(namespaces),
  })
  .map(
    ({ syncs, sources, there, web }): CopiesWorld => ({
      files: Object.fromEntries([
        ...syncs.map((it) => [
          `inputs/copies/${it.name}.yaml`,
          syncFile(it.name, { group: '', kind: 'ConfigMap', name: it.of }, it.destinations),
        ]),
        ...sources.map(([name, text]) => [
          `sources/${name}.yaml`,
          configMap(name, 'default', { text: text.toWellFormed() }),
        ]),
      ]),
      namespaces: there.map((name) => ({ name, ...(web.includes(name) ? { labels: { tier: 'web' } } : {}) })),
      // Limits have tests of their own.
      config: { limits: { maxRemovedCopies: null } },
    }),
  );

const copiesIn = (files: Texts) => Object.keys(files).filter((path) => path.startsWith('copies/'));

describe('copies of any company', () => {
  test('are settled once they are merged, whatever was there before', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, worlds, async (before, after) => {
        const { merged } = await planCopies(before);
        const rendered = Object.fromEntries(copiesIn(merged).map((path) => [path, merged[path] ?? '']));
        const next = await planCopies({ ...after, files: { ...rendered, ...after.files } });
        const again = await planCopies({ ...after, files: next.merged });
        assert.deepEqual(again.plan.files, []);
        assert.deepEqual(again.plan.changes, []);
      }),
      { numRuns: trials(100) },
    );
  });

  test('are the same in whatever order files and namespaces come', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const forwards = await planCopies(world);
        const backwards = await planCopies({ ...world, shuffle: (list) => list.toReversed() });
        assert.deepEqual(backwards.plan, forwards.plan);
      }),
      { numRuns: trials(100) },
    );
  });

  test('are not removed or changed where a file cannot be read', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.nat(), fc.constantFrom('{', 'text', '\u0000'), async (world, at, damage) => {
        const { merged } = await planCopies(world);
        const inputs = Object.keys(world.files);
        const path = inputs[at % Math.max(1, inputs.length)];
        if (path === undefined) return;
        const { plan } = await planCopies({ ...world, files: { ...merged, [path]: damage } });
        assert.deepEqual(
          plan.files.filter(({ after }) => after === undefined),
          [],
        );
        // What a conflict held may come, once the file of the other is damaged: nothing that is there changes.
        assert.deepEqual(
          plan.files.filter(({ before }) => before !== undefined),
          [],
        );
      }),
      { numRuns: trials(150) },
    );
  });

  test('are not removed where the inventory is incomplete', async () => {
    const problems = [{ code: 'INVENTORY_UNREADABLE', message: 'reading b.yaml' }] as const;
    await fc.assert(
      fc.asyncProperty(worlds, worlds, async (before, after) => {
        const { merged } = await planCopies(before);
        const rendered = Object.fromEntries(copiesIn(merged).map((path) => [path, merged[path] ?? '']));
        const { plan } = await planCopies({ ...after, problems, files: { ...rendered, ...after.files } });
        assert.deepEqual(
          plan.files.filter((file) => file.after === undefined),
          [],
        );
      }),
      { numRuns: trials(100) },
    );
  });
});
