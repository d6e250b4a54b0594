import { foldersAbove } from '../model/path.ts';
import { compareText } from '../model/text.ts';
import { type Kustomization, kustomizationNames } from './kustomization.ts';

/** A kustomization file of the users that does not fit the rendered files once everything is merged. */
export interface StaleKustomization {
  readonly cluster: string;
  readonly path: string;
  /** Files and folders that it names and that will not be there. */
  readonly missing: readonly string[];
  /** Rendered files that neither it nor any that it leads to names. */
  readonly unlisted: readonly string[];
}

export interface StaleInput {
  readonly kustomizations: readonly Kustomization[];
  /** Every file of the output folders, as they will be. */
  readonly paths: ReadonlySet<string>;
  /** Of those, what this program renders. */
  readonly rendered: Iterable<string>;
  /** The cluster whose output folder holds a path. */
  clusterAt(path: string): string | undefined;
}

/**
 * Finds kustomization files that do not fit the rendered files: kustomize stops at a file that is not there, and with it
 * everything else of that cluster; a file that none names is never applied.
 */
export function findStale(input: StaleInput): readonly StaleKustomization[] {
  const byFolder = new Map(input.kustomizations.map((it) => [it.folder, it]));
  const clusterOf = (path: string) => input.clusterAt(`${path}/x`);
  const found = new Map<string, { cluster: string; path: string; missing: string[]; unlisted: string[] }>();
  const at = (cluster: string, { path }: Kustomization) => {
    const key = `${cluster}/${path}`;
    const stale = found.get(key) ?? { cluster, path, missing: [], unlisted: [] };
    found.set(key, stale);
    return stale;
  };
  const isUnread = (folder: string) =>
    !byFolder.has(folder) && kustomizationNames.some((name) => input.paths.has(`${folder}/${name}`));
  for (const kustomization of input.kustomizations) {
    const { resources, others } = kustomization;
    const absent = [
      ...resources.filter((name) => !input.paths.has(name) && !byFolder.has(name) && !isUnread(name)),
      ...others.filter((name) => !input.paths.has(name)),
    ];
    for (const name of new Set(absent)) {
      const cluster = clusterOf(name);
      if (cluster !== undefined) at(cluster, kustomization).missing.push(name);
    }
  }
  const applied = reach(byFolder, clusterOf);
  for (const path of input.rendered) {
    const cluster = input.clusterAt(path);
    const owner = cluster === undefined ? undefined : ownerOf(path, applied, cluster);
    if (
      cluster !== undefined &&
      owner !== undefined &&
      !applied.named.has(path) &&
      !foldersAbove(path).some((folder) => isBelow(folder, owner.folder) && isUnread(folder))
    )
      at(cluster, owner).unlisted.push(path);
  }
  const sorted = [...found.values()].sort((a, b) => compareText(a.cluster, b.cluster) || compareText(a.path, b.path));
  for (const { missing, unlisted } of sorted) for (const list of [missing, unlisted]) list.sort(compareText);
  return sorted;
}

/** What is applied where kustomize is pointed at the outermost kustomizations. */
interface Applied {
  readonly named: ReadonlySet<string>;
  /** By folder, with the clusters that each leads to. */
  readonly visited: ReadonlyMap<string, { readonly it: Kustomization; readonly clusters: ReadonlySet<string> }>;
}

function reach(byFolder: ReadonlyMap<string, Kustomization>, clusterOf: (path: string) => string | undefined): Applied {
  const clusters = new Map([...byFolder.values()].map((it) => [it, clustersOf(it, byFolder, clusterOf, new Set())]));
  const concerned = [...byFolder.values()].filter((it) => (clusters.get(it)?.size ?? 0) > 0);
  const named = new Set<string>();
  const visited = new Map<string, { it: Kustomization; clusters: ReadonlySet<string> }>();
  const queue = concerned.filter((it) => !concerned.some((other) => other !== it && isBelow(it.folder, other.folder)));
  for (let it = queue.shift(); it !== undefined; it = queue.shift()) {
    if (visited.has(it.folder)) continue;
    visited.set(it.folder, { it, clusters: clusters.get(it) ?? new Set() });
    for (const name of it.resources) {
      named.add(name);
      const next = byFolder.get(name);
      if (next !== undefined) queue.push(next);
    }
  }
  return { named, visited };
}

/** The clusters whose output folders a kustomization is in or leads to. */
function clustersOf(
  { folder, resources }: Kustomization,
  byFolder: ReadonlyMap<string, Kustomization>,
  clusterOf: (path: string) => string | undefined,
  seen: Set<string>,
): ReadonlySet<string> {
  const clusters = new Set<string>();
  if (seen.has(folder)) return clusters;
  seen.add(folder);
  for (const path of [folder, ...resources]) {
    const cluster = clusterOf(path);
    if (cluster !== undefined) clusters.add(cluster);
    const next = path === folder ? undefined : byFolder.get(path);
    for (const more of next === undefined ? [] : clustersOf(next, byFolder, clusterOf, seen)) clusters.add(more);
  }
  return clusters;
}

/** The innermost applied kustomization above a file; none where nothing applies its cluster by kustomize. */
function ownerOf(path: string, { visited }: Applied, cluster: string): Kustomization | undefined {
  for (let end = path.lastIndexOf('/'); end >= 0; end = end === 0 ? -1 : Math.max(0, path.lastIndexOf('/', end - 1))) {
    const found = visited.get(path.slice(0, end));
    if (found?.clusters.has(cluster)) return found.it;
  }
  return undefined;
}

function isBelow(folder: string, above: string): boolean {
  return above === '' ? folder !== '' : folder.startsWith(`${above}/`);
}
