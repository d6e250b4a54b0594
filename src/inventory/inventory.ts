import { isExclusion } from '../config/globs.ts';
import type { ClusterConfig, NamespacesInFiles } from '../config/types.ts';
import { type Problem, toProblem } from '../model/error.ts';
import type { ClusterInventory, Exclusion, NamespaceEntry } from '../model/inventory.ts';
import { compareText } from '../model/text.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import { excluder } from './exclude.ts';
import { excluderOf, filesByGlob } from './glob-files.ts';
import { whyHidden } from './hidden.ts';
import { type Declared, parseNamespaces } from './manifests.ts';

/** What one file said: its namespaces, or why it said nothing. */
type FileNames = { readonly declared: readonly Declared[] } | { readonly problem: Problem };

/**
 * Finds the namespaces of every cluster that has them in files.
 *
 * Nothing throws: a glob that matches nothing or a file that does not parse is a problem of that cluster, which makes its
 * inventory incomplete, and an incomplete inventory removes nothing.
 *
 * @param clusters with `namespaces.files` relative to the tree's root
 * @param tree the commit or work tree to read
 */
export async function readInventory(
  clusters: readonly ClusterConfig[],
  tree: FileTree,
): Promise<readonly ClusterInventory[]> {
  const inFiles = clusters.filter(hasFiles);
  const globs = [...new Set(inFiles.flatMap((cluster) => wantedGlobs(cluster)))];
  const matches = await filesByGlob(tree, globs);
  const chosen = new Map(inFiles.map((cluster) => [cluster.name, chooseFiles(cluster, matches)]));
  const needed = new Map(
    [...chosen.values()].flatMap(({ byGlob }) => byGlob.flatMap(([, own]) => own)).map((file) => [file.path, file]),
  );
  const contents = await tree.read([...needed.values()]);
  const parsed = new Map([...needed.values()].map((file) => [file.path, namesOf(file, contents.get(file.path))]));
  return inFiles.map((cluster) => inventoryOf(cluster, chosen.get(cluster.name) ?? nothing, parsed));
}

type ClusterInFiles = ClusterConfig & { readonly namespaces: NamespacesInFiles };

function hasFiles(cluster: ClusterConfig): cluster is ClusterInFiles {
  return 'files' in cluster.namespaces;
}

/** The files of one cluster. */
interface Chosen {
  /** Of each pattern, what no exclusion leaves out. */
  readonly byGlob: readonly (readonly [glob: string, files: readonly TreeFile[]])[];
  /** Paths that one does. */
  readonly excluded: readonly string[];
}

const nothing: Chosen = { byGlob: [], excluded: [] };

function wantedGlobs({ namespaces }: ClusterInFiles): readonly string[] {
  return namespaces.files.filter((glob) => !isExclusion(glob));
}

/** The order of patterns and exclusions does not matter. */
function chooseFiles(cluster: ClusterInFiles, matches: ReadonlyMap<string, readonly TreeFile[]>): Chosen {
  const exclusions = cluster.namespaces.files.filter(isExclusion).map((glob) => glob.slice(1));
  const isExcluded = excluderOf(exclusions);
  const excluded = new Set<string>();
  const byGlob = wantedGlobs(cluster).map((glob) => {
    const files = (matches.get(glob) ?? []).filter((file) => {
      if (isExcluded(file)) excluded.add(file.path);
      return !excluded.has(file.path);
    });
    return [glob, files] as const;
  });
  return { byGlob, excluded: [...excluded].sort() };
}

function inventoryOf(
  cluster: ClusterInFiles,
  chosen: Chosen,
  parsed: ReadonlyMap<string, FileNames>,
): ClusterInventory {
  const excludes = excluder(cluster.namespaces.exclude);
  const namespaces: NamespaceEntry[] = [];
  const excluded = new Map<string, Exclusion>();
  const problems = new Map<string, Problem>();
  for (const [glob, files] of chosen.byGlob) {
    if (files.length === 0) problems.set(glob, noMatch(cluster.name, glob));
    for (const { path: file } of files) {
      const found = parsed.get(file);
      if (found === undefined) continue;
      if ('problem' in found) problems.set(file, found.problem);
      else {
        for (const it of found.declared) {
          const by = excludes(it.name);
          if (by !== undefined) excluded.set(it.name, by);
          else namespaces.push({ ...it, source: file });
        }
      }
    }
  }
  return {
    cluster: cluster.name,
    namespaces: mergeEqual(namespaces.sort((a, b) => compareText(a.name, b.name))),
    excluded: [...excluded].map(([name, by]) => ({ name, by })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(chosen.excluded.length === 0 ? {} : { excludedFiles: chosen.excluded }),
    problems: [...problems.values()],
  };
}

/**
 * A namespace may be declared more than once: by a list and by its manifest.
 *
 * @param sorted by name, and of one name in the order of the files
 */
function mergeEqual(sorted: readonly NamespaceEntry[]): readonly NamespaceEntry[] {
  const merged: NamespaceEntry[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last?.name === next.name) merged[merged.length - 1] = merge(last, next);
    else merged.push(next);
  }
  return merged;
}

/** The first to have a key counts. */
function merge(first: NamespaceEntry, next: NamespaceEntry): NamespaceEntry {
  const { annotations, labels } = next;
  return {
    ...first,
    ...(annotations === undefined ? {} : { annotations: { ...annotations, ...first.annotations } }),
    ...(labels === undefined ? {} : { labels: { ...labels, ...first.labels } }),
  };
}

function namesOf(file: TreeFile, content: Uint8Array | undefined): FileNames {
  const why = whyHidden(file);
  if (why !== undefined || content === undefined) {
    return {
      problem: {
        code: 'INVENTORY_UNREADABLE',
        message: `reading the namespaces in ${file.path}: ${why ?? file.unknown ?? 'it cannot be read'}`,
        next: 'name the files themselves in namespaces.files, or exclude this path there ("!<path>")',
      },
    };
  }
  try {
    return { declared: parseNamespaces(file.path, content) };
  } catch (error) {
    return { problem: toProblem(error) };
  }
}

function noMatch(cluster: string, glob: string): Problem {
  return {
    code: 'INVENTORY_NO_MATCH',
    message: `finding the namespaces of cluster ${cluster}: no file matches ${glob}`,
    next: 'correct clusters[].namespaces.files, or commit the files',
  };
}
