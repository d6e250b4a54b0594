import type { Held } from '../../core/change.ts';
import { compareText, someOf } from '../../model/text.ts';
import type { Fleet } from './fleet.ts';
import type { FleetProblem } from './problem.ts';
import { resolveCluster, takesValues } from './resolve.ts';

/** Something that is left out on purpose. */
export interface Skipped {
  /** The hub. */
  readonly cluster: string;
  readonly reason: string;
}

/** What is wrong with the inputs, each once for all clusters that it concerns, and what they leave out. */
export interface FleetReport {
  readonly held: readonly Held<never>[];
  readonly skipped: readonly Skipped[];
}

/** More folders in one than GitHub shows (docs.github.com, "Repository limits": 3,000 entries). */
const widest = 3000;

/** Looks at every cluster once, and keeps what is wrong. */
export function reportOf(fleet: Fleet, hub: string, unmatched: readonly string[]): FleetReport {
  const held: Held<never>[] = fleet.unreadable.map(({ file, reason }) => ({
    cluster: hub,
    code: 'FLEET_INPUT_INVALID',
    message: `reading ${file}: ${reason}`,
    next: 'correct it, or exclude it in fleet.inputs; until then nothing counts as removed',
    changes: [],
  }));
  for (const entries of [fleet.clusters, fleet.modules, fleet.sets]) {
    for (const entry of entries.values()) {
      if (entry.kind === 'held' && entry.problem !== undefined && !entry.shared)
        held.push({ cluster: hub, ...entry.problem, changes: [] });
    }
  }
  const ofClusters = new Map<string, { readonly problem: FleetProblem; readonly clusters: string[] }>();
  const share = (problem: FleetProblem, cluster: string) => {
    const key = `${problem.code}\0${problem.message}`;
    const found = ofClusters.get(key);
    if (found === undefined) ofClusters.set(key, { problem, clusters: [cluster] });
    else found.clusters.push(cluster);
  };
  const excluded = new Map<string, string[]>();
  const valueless = new Map<string, string[]>();
  const unmanaged = new Map<string, string[]>();
  for (const [name, entry] of fleet.clusters) {
    if (entry.kind === 'held') {
      if (entry.problem !== undefined && entry.shared) share(entry.problem, name);
      continue;
    }
    for (const it of resolveCluster(entry.value, fleet)) {
      if (it.kind === 'held' && it.problem !== undefined) share(it.problem, name);
      if (it.kind === 'excluded') put(excluded, `${it.name} is ${it.label}, without the label on`, name);
      if (it.kind === 'wanted' && Object.keys(it.values).length > 0 && !takesValues(it, fleet))
        put(valueless, `values of ${it.name} are left out, as it is no chart here, on`, name);
      if (it.kind === 'unmanaged') put(unmanaged, `${it.name} is unmanaged (managed: false) on`, name);
    }
  }
  for (const { problem, clusters } of ofClusters.values()) {
    const { code, message, next } = problem;
    held.push({ cluster: hub, code, message: `${message} (${clustersText(clusters)})`, next, changes: [] });
  }
  const wide = fleet.clusters.size > widest && !fleet.config.path.includes('{shard}');
  const reasons = [
    ...unmatched.map((glob) => `fleet.inputs: no file matches ${glob}; nothing counts as removed`),
    ...[...excluded, ...unmanaged, ...valueless].map(([what, clusters]) => `${what} ${clustersText(clusters)}`),
    ...(wide ? [`fleet.path has no {shard}: GitHub does not show all of ${fleet.clusters.size} folders in one`] : []),
  ];
  return {
    held: held.sort((a, b) => compareText(a.message, b.message)),
    skipped: reasons.sort(compareText).map((reason) => ({ cluster: hub, reason })),
  };
}

function put(lists: Map<string, string[]>, key: string, cluster: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [cluster]);
  else list.push(cluster);
}

/** `cluster a`, or `clusters a, b and 3 more`. */
function clustersText(clusters: readonly string[]): string {
  return `${clusters.length === 1 ? 'cluster' : 'clusters'} ${someOf(clusters, 3)}`;
}
