import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetSchema } from '../../../src/generators/fleet/config.ts';
import { unitsOf } from '../../../src/generators/fleet/desired.ts';
import { openFleet } from '../../../src/generators/fleet/fleet.ts';
import { fleetLayout } from '../../../src/generators/fleet/layout.ts';
import { readClusters } from '../../../src/generators/fleet/read-input.ts';
import { seedModules } from '../../support/fleet.ts';

const none = { valid: [], invalid: [], unreadable: [] };

test('K2: 4,000 clusters with 18 modules are 72,000 files, in folders of few entries', async () => {
  const list = Array.from({ length: 4000 }, (_, index) => ({ name: `cluster-${index}`, modules: [...seedModules] }));
  const config = fleetSchema.parse({ kind: 'HelmComponent' });
  const fleet = openFleet({ config, clusters: readClusters(list, 'c.yaml'), modules: none, sets: none, unmatched: [] });
  const layout = fleetLayout(config.path);
  const entries = new Map<string, Set<string>>();
  let files = 0;
  for await (const desired of unitsOf({ fleet, hub: 'hub', layout, present: new Set() }, 'sha1').desired()) {
    if (desired.recalled || desired.uncounted) continue;
    for (const { path } of desired.files) {
      files++;
      const parts = path.split('/');
      for (const [depth, part] of parts.entries()) {
        const folder = parts.slice(0, depth).join('/');
        const names = entries.get(folder) ?? new Set();
        entries.set(folder, names.add(part));
      }
    }
  }
  assert.equal(files, 72_000);
  assert.ok((entries.get('fleet')?.size ?? 0) <= 256);
  assert.ok(Math.max(...[...entries.values()].map(({ size }) => size)) <= 256);
});
