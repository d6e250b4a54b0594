import { isExclusion, mapGlob } from '../../config/globs.ts';
import type { OpenInput } from '../../core/generator.ts';
import { excluderOf, filesByGlob } from '../../inventory/glob-files.ts';
import { whyHidden } from '../../inventory/hidden.ts';
import { isAtOrBelow } from '../../model/path.ts';
import { compareText } from '../../model/text.ts';
import type { TreeFile } from '../../model/tree.ts';
import type { CompileInput } from './compile-input.ts';
import type { CopiesConfig } from './config.ts';
import { definedKinds } from './kinds.ts';
import { type ReadManifests, readManifests } from './manifests.ts';
import { indexSources, type Unreadable } from './sources.ts';
import { readSync } from './sync.ts';
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
  const { config, clusters, tree, inRoot } = input;
  const { roots } = copiesTerritory(input);
  const globsOf = (globs: readonly string[], cluster: string) =>
    globs.map((glob) => mapGlob(glob, inRoot).replaceAll('{cluster}', cluster));
  const wanted = clusters.map((cluster) => ({
    cluster,
    syncs: globsOf(config.syncs, cluster),
    sources: globsOf(config.sources, cluster),
  }));
  const globs = new Set(
    wanted.flatMap(({ syncs, sources }) => [...syncs, ...sources]).filter((it) => !isExclusion(it)),
  );
  const matches = await filesByGlob(tree, [...globs]);
  const needed = new Map<string, TreeFile>();
  const choose = (own: readonly string[]): readonly string[] => {
    const isExcluded = excluderOf(own.filter(isExclusion).map((glob) => glob.slice(1)));
    const files = own
      .flatMap((glob) => matches.get(glob) ?? [])
      .filter((file) => !isExcluded(file) && !roots.some((root) => isAtOrBelow(root, file.path)));
    for (const file of files) needed.set(file.path, file);
    return [...new Set(files.map(({ path }) => path))].sort(compareText);
  };
  const syncs = new Map(wanted.map((it) => [it.cluster, choose(it.syncs)]));
  const sources = new Map(wanted.map((it) => [it.cluster, choose(it.sources)]));
  const contents = await tree.read([...needed.values()].filter((file) => whyHidden(file) === undefined));
  const read = new Map([...needed.values()].map((file) => [file.path, readFile(file, contents.get(file.path))]));
  const isUnmatched = (glob: string) => !isExclusion(glob) && (matches.get(glob) ?? []).length === 0;
  const unmatched = new Map(wanted.map((it) => [it.cluster, it.syncs.filter(isUnmatched)]));
  return { syncs, sources, read, unmatched };
}

function readFile(file: TreeFile, content: Uint8Array | undefined): ReadManifests {
  const why = whyHidden(file);
  if (why !== undefined || content === undefined) return { reason: why ?? file.unknown ?? 'it cannot be read' };
  return readManifests(file.path, content);
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
