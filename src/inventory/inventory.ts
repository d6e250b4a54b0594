import picomatch from 'picomatch';
import { isExclusion } from '../config/globs.ts';
import type { ClusterConfig, NamespacesInFiles } from '../config/types.ts';
import { type Problem, toProblem } from '../model/error.ts';
import type { ClusterInventory, NamespaceEntry } from '../model/inventory.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import { excluder } from './exclude.ts';
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
  const files = await tree.list(withoutNested(globs.map((glob) => picomatch.scan(glob).base)));
  const matches = new Map(globs.map((glob) => [glob, files.filter(matcher(glob))]));
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
  const isExcluded = exclusions.length === 0 ? () => false : picomatch(exclusions);
  const excluded = new Set<string>();
  const byGlob = wantedGlobs(cluster).map((glob) => {
    const files = (matches.get(glob) ?? []).filter(({ path }) => {
      if (isExcluded(path)) excluded.add(path);
      return !excluded.has(path);
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
  const namespaces = new Map<string, NamespaceEntry>();
  const excluded = new Set<string>();
  const problems = new Map<string, Problem>();
  for (const [glob, files] of chosen.byGlob) {
    if (files.length === 0) problems.set(glob, noMatch(cluster.name, glob));
    for (const { path: file } of files) {
      const found = parsed.get(file);
      if (found === undefined) continue;
      if ('problem' in found) problems.set(file, found.problem);
      else {
        for (const it of found.declared) {
          if (excludes(it.name)) excluded.add(it.name);
          else namespaces.set(it.name, merge(namespaces.get(it.name), { ...it, source: file }));
        }
      }
    }
  }
  return {
    cluster: cluster.name,
    namespaces: [...namespaces.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    excluded: [...excluded].sort(),
    ...(chosen.excluded.length === 0 ? {} : { excludedFiles: chosen.excluded }),
    problems: [...problems.values()],
  };
}

/** A namespace may be declared more than once: by a list and by its manifest. The first to have an annotation counts. */
function merge(first: NamespaceEntry | undefined, next: NamespaceEntry): NamespaceEntry {
  if (first === undefined) return next;
  return next.annotations === undefined
    ? first
    : { ...first, annotations: { ...next.annotations, ...first.annotations } };
}

function namesOf(file: TreeFile, content: Uint8Array | undefined): FileNames {
  if (file.mode === '120000' || content === undefined) {
    const why = file.mode === '120000' ? 'it is a link' : (file.unknown ?? 'it cannot be read');
    return {
      problem: {
        code: 'INVENTORY_UNREADABLE',
        message: `reading the namespaces in ${file.path}: ${why}`,
        next: 'name the files themselves in namespaces.files',
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

/**
 * Which files of a tree a glob asks for: those it matches, and links and submodules in whose place a folder of matching
 * files may stand. What is behind those is not in the tree, and passing it over would look as if namespaces had left.
 */
function matcher(glob: string): (file: TreeFile) => boolean {
  const matches = picomatch(glob);
  const last = glob.slice(glob.lastIndexOf('/') + 1).replaceAll(/\*+/g, 'x');
  return ({ path, mode }) => {
    if (matches(path)) return true;
    const hides = mode === '160000' || (mode === '120000' && !/\.[a-z0-9]+$/i.test(path));
    return hides && matches(`${path}/${last}`);
  };
}

/** Folders to list, without those that lie below another: each file is listed once. */
function withoutNested(folders: readonly string[]): readonly string[] {
  const unique = [...new Set(folders.map((folder) => (folder === '.' ? '' : folder)))];
  if (unique.includes('')) return [''];
  return unique.filter((folder) => !unique.some((other) => folder.startsWith(`${other}/`)));
}
