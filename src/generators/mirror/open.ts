import type { Opened, OpenInput } from '../../core/generator.ts';
import { namespacesOf } from '../objects/namespaces.ts';
import type { MirrorChange } from './change.ts';
import { compareMirror } from './compare.ts';
import { compileMirrors } from './compile.ts';
import type { MirrorsConfig } from './config.ts';
import { type MirrorState, mirrorsOf } from './desired.ts';
import { gather } from './gather.ts';
import type { Held } from './parse.ts';

/** Reads the Services that the rules select, with their endpoints, and decides which are to be in which cluster. */
export async function openMirrors(input: OpenInput<MirrorsConfig>): Promise<Opened<Held, MirrorState, MirrorChange>> {
  const { inventory, tree, world, config } = input;
  // Before anything is read: what is read later may be older than this says, never newer.
  const at = new Date(world.clock.now()).toISOString();
  const { readings, there, states } = await gather(input);
  const clusters = new Map(inventory.map((own) => [own.cluster, namespacesOf(own)]));
  const compiled = compileMirrors({ clusters, readings, there });
  const compare = { compiled, clusters, keepsMarkers: config.marker !== null };
  return {
    asOf: at,
    at,
    sources: states,
    held: compiled.held,
    kept: compiled.kept,
    notes: { skipped: [...compiled.skipped] },
    ...mirrorsOf(input, compiled, tree.objectFormat),
    compare: (differing) => compareMirror(differing, compare),
    close: async () => {},
  };
}
