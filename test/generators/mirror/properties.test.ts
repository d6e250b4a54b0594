import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseMirror } from '../../../src/generators/mirror/parse.ts';
import { addresses, type LiveObject, type MirrorsWorld, planMirrors, service, slice } from '../../support/mirrors.ts';
import { trials } from '../../support/properties.ts';

const names = ['api', 'db', 'web'];
const pool = [...addresses(6), '10.9.9.9'];
const port = fc.constantFrom(8080, 9090);

const endpoint = fc.record({
  addresses: fc.constantFrom(...pool).map((it) => [it]),
  conditions: fc.constantFrom({ ready: true }, { ready: false }, {}, { ready: true, terminating: true }),
  hostname: fc.constantFrom(undefined, 'a', 'b'),
});
const sliceOf = (name: string) =>
  fc.record({ endpoints: fc.array(endpoint, { maxLength: 8 }), port }).map(({ endpoints, port: number }) => ({
    name,
    endpoints,
    ports: [{ name: 'http', protocol: 'TCP', port: number }],
  }));
const specs = fc.constantFrom<object>(
  {},
  { clusterIP: 'None' },
  { publishNotReadyAddresses: true },
  { type: 'ExternalName', externalName: 'db.example.com' },
  { type: 'ExternalName', externalName: 'db.svc.cluster.local' },
  { ports: [] },
);
const services = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...names), spec: specs, a: sliceOf('a'), b: sliceOf('b'), label: fc.boolean() }),
  { selector: ({ name }) => name, maxLength: 3 },
);
const rule = fc.record({
  mode: fc.constantFrom('endpointslice', 'mcs', 'cilium', 'linkerd'),
  onZeroReady: fc.constantFrom('clear', 'keep'),
});

/** What a source has, and how it is mirrored. */
const worlds = fc.record({ services, rule }).map(({ services: list, rule: chosen }): MirrorsWorld => {
  const live = list.flatMap(({ name, spec, a, b, label }): readonly LiveObject[] => [
    service(name, spec, label ? {} : { labels: {} }),
    ...[a, b].map((it) => slice(name, it.endpoints, { name: `${name}-${it.name}`, ports: it.ports })),
  ]);
  return { live, rule: chosen, config: { limits: { maxRemovedServices: null } } };
});

describe('mirrored Services of any source', () => {
  test('are settled once they are merged, whatever was there before', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, worlds, async (before, after) => {
        const { merged } = await planMirrors(before);
        const next = await planMirrors({ ...after, files: merged });
        const again = await planMirrors({ ...after, files: next.merged });
        assert.deepEqual([again.plan.files, again.plan.changes], [[], []]);
      }),
      { numRuns: trials(100) },
    );
  });

  test('are the same in whatever order objects and files come', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, worlds, async (before, after) => {
        const { merged: files } = await planMirrors(before);
        const forwards = await planMirrors({ ...after, files });
        const backwards = await planMirrors({ ...after, files, shuffle: (list) => list.toReversed() });
        assert.deepEqual(backwards.plan, forwards.plan);
      }),
      { numRuns: trials(100) },
    );
  });

  test('are neither removed nor changed where the list of Services fails', async () => {
    const codes = fc.constantFrom('CLUSTER_FORBIDDEN' as const, 'CLUSTER_EXPIRED' as const);
    await fc.assert(
      fc.asyncProperty(worlds, worlds, codes, async (before, after, code) => {
        const { merged: files } = await planMirrors({ ...before, rule: after.rule ?? {} });
        const fails = (cluster: string) => (cluster === 'eu1' ? code : undefined);
        const { plan, codes: told } = await planMirrors({ ...after, files, fails });
        assert.deepEqual([plan.files, plan.changes], [[], []]);
        assert.ok(told.includes(code));
      }),
      { numRuns: trials(100) },
    );
  });

  test('keep their slices where the list of slices fails', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, worlds, async (before, after) => {
        const own = { rule: { mode: 'endpointslice' } };
        const { merged: files } = await planMirrors({ ...before, ...own });
        const fails: MirrorsWorld['fails'] = (_, { kind }) =>
          kind === 'EndpointSlice' ? 'CLUSTER_UNAVAILABLE' : undefined;
        const { plan } = await planMirrors({ ...after, ...own, files, fails });
        // A Service that is gone takes its slices along, and an ExternalName has none.
        const leaving = new Set(
          plan.changes
            .filter(({ effect, detail }) => effect === 'remove' || /^ExternalName/.test(detail.is ?? ''))
            .map(({ detail }) => detail.object),
        );
        const others = plan.files.filter(({ name = '', before: there }) => there !== undefined && !leaving.has(name));
        assert.deepEqual(others, []);
      }),
      { numRuns: trials(100) },
    );
  });

  test('are read back as what they are', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { plan, merged, paths } = await planMirrors(world);
        for (const path of paths) {
          const parsed = parseMirror(Buffer.from(merged[`mirrors/${path}.yaml`] ?? ''));
          assert.equal(parsed.kind, 'rendered');
          const { namespace, name } = plan.files.find((it) => it.path.includes(path)) ?? {};
          assert.deepEqual(parsed.kind === 'rendered' ? parsed.unit : undefined, { namespace, name });
        }
      }),
      { numRuns: trials(50) },
    );
  });
});
