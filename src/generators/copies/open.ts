import type { Opened, OpenInput, SourceState } from '../../core/generator.ts';
import { namespacesOf } from '../objects/namespaces.ts';
import type { CopyChange } from './change.ts';
import { type ClusterCopies, type CopyUnit, compareCopy } from './compare.ts';
import { compileCopies } from './compile.ts';
import type { CopiesConfig } from './config.ts';
import { copiesOf } from './desired.ts';
import { inputOf, readFiles } from './files.ts';
import { readLive } from './live.ts';
import type { CopyState } from './parse.ts';

/** Reads the ObjectSyncs and their sources, and decides which copies there are to be. */
export async function openCopies(
  input: OpenInput<CopiesConfig>,
): Promise<Opened<CopyState, CopyUnit, CopyChange> & { readonly clusters: ReadonlyMap<string, ClusterCopies> }> {
  const { inventory, tree, world, config } = input;
  // Before anything is read: what is read later may be older than this says, never newer.
  const at = new Date(world.clock.now()).toISOString();
  const files = await readFiles(input);
  const clusters = new Map<string, ClusterCopies>();
  const sources: SourceState[] = [];
  for (const own of inventory) {
    const { cluster } = own;
    const namespaces = namespacesOf(own);
    const read = inputOf(files, cluster);
    const { live, state } = await readLive(cluster, read, config, world);
    if (state !== undefined) sources.push(state);
    const compiled = compileCopies({ cluster, config, namespaces, live, ...read });
    clusters.set(cluster, { compiled, namespaces, targets: config.targetNamespaces });
  }
  const all = [...clusters.values()].map(({ compiled }) => compiled);
  const unmatched = [...files.unmatched].flatMap(([cluster, globs]) =>
    globs.map((glob) => ({ cluster, reason: `copies.syncs: no file matches ${glob}` })),
  );
  const copies = copiesOf(input, clusters, tree.objectFormat);
  return {
    asOf: at,
    at,
    sources,
    clusters,
    held: all.flatMap(({ held }) => held),
    kept: all.flatMap(({ kept }) => kept),
    notes: { skipped: [...unmatched, ...all.flatMap(({ skipped }) => skipped)] },
    ...copies,
    compare: (differing) => compareCopy(differing, clusters.get(differing.unit.cluster)),
    close: async () => {},
  };
}
