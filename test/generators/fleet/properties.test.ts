import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { applicationName, nameComponents } from '../../../src/generators/fleet/names.ts';
import { parseFleet } from '../../../src/generators/fleet/parse.ts';
import { mergeValues } from '../../../src/generators/fleet/values.ts';
import type { JsonMap } from '../../../src/model/yaml-write.ts';
import { at, clusterFile, type FleetWorld, kyma, moduleFile, planFleet } from '../../support/fleet.ts';
import type { Texts } from '../../support/plan-one.ts';
import { trials } from '../../support/properties.ts';

const clusterNames = ['a', 'a-b', 'c', 'd-e'];
const moduleNames = ['c', 'b-c', 'keda', 'istio'];
const versions = ['1.0.0', '2.0.0', 'v1.2', 'main'];

const values = fc.dictionary(fc.constantFrom('replicas', 'deep', '__proto__', 'on'), fc.jsonValue({ maxDepth: 1 }), {
  maxKeys: 2,
});
const use = fc.record(
  {
    name: fc.constantFrom(...moduleNames, 'nope'),
    channel: fc.constantFrom('regular', 'fast'),
    version: fc.constantFrom(...versions),
    managed: fc.boolean(),
    values,
  },
  { requiredKeys: ['name'] },
);
const cluster = fc.record({
  name: fc.constantFrom(...clusterNames),
  modules: fc.array(use, { maxLength: 3 }),
  more: fc.record(
    {
      channel: fc.constantFrom('regular', 'fast'),
      set: fc.constantFrom('eu', 'none'),
      labels: fc.constant({ beta: true }),
      values,
    },
    { requiredKeys: [] },
  ),
  isKyma: fc.boolean(),
});
const module = fc.record({
  name: fc.constantFrom(...moduleNames),
  channels: fc.dictionary(fc.constantFrom('regular', 'fast'), fc.constantFrom(...versions)),
  more: fc.record(
    {
      mandatory: fc.boolean(),
      beta: fc.boolean(),
      dependsOn: fc.subarray(moduleNames, { maxLength: 1 }),
      values,
    },
    { requiredKeys: [] },
  ),
});
const kinds = fc.constantFrom('HelmRelease', 'Application', 'HelmComponent');

/** A repository with the inputs of a fleet. */
const worlds = fc
  .record({
    clusters: fc.uniqueArray(cluster, { selector: ({ name }) => name, maxLength: 4 }),
    modules: fc.uniqueArray(module, { selector: ({ name }) => name, maxLength: 4 }),
    kind: kinds,
    allowDowngrade: fc.boolean(),
  })
  .map(
    ({ clusters, modules, kind, allowDowngrade }): FleetWorld => ({
      files: Object.fromEntries([
        ...clusters.map(({ name, modules: listed, more, isKyma }) => [
          at.cluster(name),
          isKyma ? kyma(name, { modules: listed.map(({ values: _, ...it }) => it) }) : clusterFile(name, listed, more),
        ]),
        ...modules.map(({ name, channels, more }) => [at.module(name), moduleFile(name, channels, more)]),
        [at.set('eu'), JSON.stringify({ name: 'eu', values: { region: 'eu' } })],
      ]),
      // Limits have tests of their own.
      config: { kind, allowDowngrade, limits: { maxRemovedModules: null } },
    }),
  );

const rendered = (files: Texts): Texts =>
  Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith('fleet/')));

describe('any fleet', () => {
  test('is settled once it is merged, whatever was there before', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, worlds, async (before, after) => {
        const { merged } = await planFleet(before);
        const next = await planFleet({ ...after, files: { ...rendered(merged), ...after.files } });
        const again = await planFleet({ ...after, files: next.merged });
        // A name that only what has left made ambiguous is free from then on.
        const renamed = (after.config as { readonly kind?: string } | undefined)?.kind === 'HelmComponent';
        assert.ok(again.plan.changes.every(({ detail }) => renamed && detail.replaces !== undefined));
        // A source goes in the run after the last of its modules.
        for (const { path, after: stays } of renamed ? [] : again.plan.files)
          assert.ok(!stays && path.startsWith('fleet/_sources/'));
        assert.deepEqual((await planFleet({ ...after, files: again.merged })).plan.files, []);
      }),
      { numRuns: trials(100) },
    );
  });

  test('is the same in whatever order its files come', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const forwards = await planFleet(world);
        const backwards = await planFleet({ ...world, shuffle: (list) => list.toReversed() });
        assert.deepEqual(backwards.plan, forwards.plan);
      }),
      { numRuns: trials(100) },
    );
  });

  test('is not removed or changed where a file cannot be read', async () => {
    await fc.assert(
      fc.asyncProperty(
        worlds,
        fc.nat(),
        fc.constantFrom('{', 'text', '\u0000', '[1]'),
        async (world, index, damage) => {
          const { merged } = await planFleet(world);
          const inputs = Object.keys(world.files);
          const path = inputs[index % inputs.length] ?? '';
          const { plan } = await planFleet({ ...world, files: { ...merged, [path]: damage } });
          assert.deepEqual(
            plan.files.filter(({ before }) => before !== undefined),
            [],
          );
          assert.ok(plan.held.some(({ code }) => code === 'FLEET_INPUT_INVALID'));
        },
      ),
      { numRuns: trials(150) },
    );
  });

  test('has files that read back as what they are', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { merged, modules, textOf } = await planFleet(world);
        for (const text of Object.values(rendered(merged)))
          assert.equal(parseFleet(Buffer.from(text)).kind, 'rendered');
        for (const pair of modules) {
          const parsed = parseFleet(Buffer.from(textOf(pair)));
          assert.ok(parsed.kind === 'rendered');
          assert.equal(`${parsed.unit.namespace}/${parsed.unit.name}`, pair);
        }
      }),
      { numRuns: trials(50) },
    );
  });
});

describe('names', () => {
  const name = fc
    .array(fc.constantFrom('a', 'b', 'c', 'x'.repeat(20)), { minLength: 1, maxLength: 3 })
    .map((it) => it.join('-'));

  test('of two modules on clusters are never equal', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.uniqueArray(name), (clusters, modules) => {
        const componentName = nameComponents(modules);
        for (const [nameOf, most] of [
          [applicationName, 63],
          [componentName, 253],
        ] as const) {
          const all = clusters.flatMap((it) => modules.map((of) => nameOf(it, of)));
          assert.equal(new Set(all).size, all.length);
          for (const it of all) assert.match(it, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)?$/);
          for (const it of all) assert.ok(it.length <= most);
        }
      }),
      { numRuns: trials(300) },
    );
  });
});

describe('values', () => {
  /** Of one shape: a key has a map in all of them, or in none. */
  const shaped: fc.Arbitrary<JsonMap> = fc
    .record(
      {
        a: fc.integer(),
        list: fc.array(fc.integer(), { maxLength: 2 }),
        map: fc.record(
          { x: fc.integer(), y: fc.record({ z: fc.integer() }, { requiredKeys: [] }) },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    )
    .map((it) => JSON.parse(JSON.stringify(it)));

  test('merge in whatever way layers of one shape are grouped', () => {
    fc.assert(
      fc.property(shaped, shaped, shaped, (a, b, c) => {
        const all = mergeValues([a, b, c]);
        assert.deepEqual(mergeValues([mergeValues([a, b]), c]), all);
        assert.deepEqual(mergeValues([a, mergeValues([b, c])]), all);
        assert.deepEqual(mergeValues([all, all]), all);
      }),
      { numRuns: trials(200) },
    );
  });

  test('of any keys reach no prototype', () => {
    const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    const merged = mergeValues([{ a: 1 }, evil, evil]);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.deepEqual(Object.keys(merged).sort(), ['__proto__', 'a', 'constructor']);
    assert.equal(Object.getPrototypeOf(merged), Object.prototype);
  });
});
