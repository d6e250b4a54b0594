import type { OpenInput } from '../../core/generator.ts';
import { readManifestFiles } from '../objects/files.ts';
import type { ReadManifests } from '../objects/manifests.ts';
import type { CompileInput } from './compile-input.ts';
import type { CopiesConfig } from './config.ts';
import { definedKinds } from './kinds.ts';
import { indexSources, type Unreadable } from './sources.ts';
import { meantAsSync, readSync } from './sync.ts';
import { copiesTerritory } from './territory.ts';

/** The files of every cluster, each read and parsed once. */
export interface Files {
  /** By cluster: paths, sorted. */
  readonly syncs: ReadonlyMap<string, readonly string[]>;
  readonly sources: ReadonlyMap<string, readonly string[]>;
  readonly read: ReadonlyMap<string, ReadManifests>;
  /** Patterns of `copies.syncs` without a file, by cluster. */
  readonly unmatched: ReadonlyMap<string, readonly string[]>;
}

/** Reads the files of ObjectSyncs and of sources. What was rendered is no source: a copy is not copied again. */
export async function readFiles(input: OpenInput<CopiesConfig>): Promise<Files> {
  const { config, clusters } = input;
  const kinds = ['syncs', 'sources'] as const;
  const keyOf = (kind: (typeof kinds)[number], cluster: string) => `${kind} ${cluster}`;
  const lists = clusters.flatMap((cluster) =>
    kinds.map((kind) => {
      const globs = config[kind].map((glob) => glob.replaceAll('{cluster}', cluster));
      return [keyOf(kind, cluster), globs] as const;
    }),
  );
  const found = await readManifestFiles(input, new Map(lists), copiesTerritory(input).roots, meantAsSync);
  const byCluster = (kind: (typeof kinds)[number], of: 'paths' | 'unmatched') =>
    new Map(clusters.map((cluster) => [cluster, found[of].get(keyOf(kind, cluster)) ?? []]));
  return {
    syncs: byCluster('syncs', 'paths'),
    sources: byCluster('sources', 'paths'),
    read: found.read,
    unmatched: byCluster('syncs', 'unmatched'),
  };
}

/** What the files of one cluster say. */
export function inputOf(
  { syncs, sources, read }: Files,
  cluster: string,
): Pick<CompileInput, 'syncs' | 'unreadable' | 'sources' | 'defined'> {
  // A document of theirs that is no object may be an ObjectSync that was damaged.
  const own = resultsOf(syncs.get(cluster) ?? [], read, 'it has a document that is no object');
  const given = resultsOf(sources.get(cluster) ?? [], read);
  return {
    syncs: own.objects.flatMap((object) => readSync(object) ?? []),
    unreadable: own.unreadable,
    sources: indexSources(given.objects, given.unreadable),
    defined: definedKinds(given.objects),
  };
}

/** @param others why a file does not count that has documents which are no objects; not set: they are left out */
function resultsOf(paths: readonly string[], read: Files['read'], others?: string) {
  const results = paths.map((file): { readonly file: string; readonly result: ReadManifests } => {
    const result = read.get(file) ?? { objects: [], others: false };
    return { file, result: others !== undefined && 'others' in result && result.others ? { reason: others } : result };
  });
  return {
    objects: results.flatMap(({ result }) => ('objects' in result ? result.objects : [])),
    unreadable: results.flatMap(({ file, result }): readonly Unreadable[] =>
      'reason' in result ? [{ file, reason: result.reason }] : [],
    ),
  };
}
