import type { Opened, OpenInput } from '../../core/generator.ts';
import type { ModuleChange } from './change.ts';
import { compareFleet } from './compare.ts';
import type { FleetConfig } from './config.ts';
import { type FleetUnit, type OpenFleet, unitsOf } from './desired.ts';
import { presentIn, readInputs } from './files.ts';
import { openFleet } from './fleet.ts';
import type { FleetState } from './parse.ts';
import { reportOf } from './problems.ts';
import { hubOf, layoutOf } from './territory.ts';

/** Reads the clusters and modules of a fleet, and decides which module each cluster is to have. */
export async function openFleetRun(
  input: OpenInput<FleetConfig>,
): Promise<Opened<FleetState, FleetUnit, ModuleChange>> {
  const { tree, world } = input;
  // Before anything is read: what is read later may be older than this says, never newer.
  const at = new Date(world.clock.now()).toISOString();
  const head = { asOf: at, at, sources: [], close: async () => {} };
  const hub = hubOf(input);
  if (hub === undefined) {
    const none = { desired: () => [], unit: () => undefined, isDesired: () => false };
    return { ...head, ...none, compare: (differing) => compareFleet(differing, undefined) };
  }
  const layout = layoutOf(input);
  const inputs = await readInputs(input, layout);
  const present = presentIn(await tree.scan([layout.root]), layout);
  const fleet = openFleet({ ...inputs, present });
  const open: OpenFleet = { fleet, hub, layout, present };
  const { held, skipped } = reportOf(fleet, hub, inputs.unmatched);
  return {
    ...head,
    held,
    notes: { skipped },
    ...unitsOf(open, tree.objectFormat),
    compare: (differing) => compareFleet(differing, open),
  };
}
