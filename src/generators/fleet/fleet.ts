import { compareText } from '../../model/text.ts';
import { invalid, moduleProblem, secretProblem } from './check.ts';
import type { FleetConfig } from './config.ts';
import { type Dependencies, dependenciesOf } from './dependencies.ts';
import type { ClusterInput, InvalidInput, ModuleInput, SetInput, Unreadable } from './input.ts';
import { type ComponentName, nameComponents } from './names.ts';
import type { FleetProblem } from './problem.ts';
import type { Documents } from './read-input.ts';
import { type VersionOf, versionOf } from './version.ts';

/** What a name stands for: an input, or why what it names stays as it is. */
export type Entry<T> = { readonly kind: 'valid'; readonly value: T } | Blocked;

interface Blocked {
  readonly kind: 'held';
  /** Not set: another entry reports it. */
  readonly problem?: FleetProblem;
  /** Entries with the same problem are reported together. */
  readonly shared?: true;
}

/** Everything that decides the modules of a fleet. */
export interface Fleet {
  readonly config: FleetConfig;
  /** By name, sorted. */
  readonly clusters: ReadonlyMap<string, Entry<ClusterInput>>;
  readonly modules: ReadonlyMap<string, Entry<ModuleInput>>;
  readonly sets: ReadonlyMap<string, Entry<SetInput>>;
  /** Sorted. */
  readonly mandatory: readonly ModuleInput[];
  readonly dependencies: Dependencies;
  readonly componentName: ComponentName;
  readonly versionOf: VersionOf;
  readonly unreadable: readonly Unreadable[];
  /** Not everything is known that the files say: nothing can be said to be gone. */
  readonly incomplete: boolean;
  /** Nor which modules there are. */
  readonly modulesUnread: boolean;
}

export interface FleetInput {
  readonly config: FleetConfig;
  readonly clusters: Documents<ClusterInput>;
  readonly modules: Documents<ModuleInput>;
  readonly sets: Documents<SetInput>;
  /** Patterns of the config without a file, of clusters and modules. */
  readonly unmatched: readonly string[];
  /** Modules that the tree has files of: their names are taken, also while the file that lists them is held. */
  readonly present?: ReadonlySet<string>;
  /** Default: what the channels say, at once. */
  readonly versionOf?: VersionOf;
}

/** Puts the inputs of a fleet together. Pure, and the same for any order of them. */
export function openFleet(input: FleetInput): Fleet {
  const { config } = input;
  const dependencies = dependenciesOf(input.modules.valid);
  const modules = byName(input.modules, (module) => blockedBy(moduleProblem(module, config, dependencies)));
  const sets = byName(input.sets, ({ name, values }) => blockedBy(secretProblem(`set ${name}`, values)));
  const setsUnread = input.sets.unreadable.length > 0;
  const clusters = byName(
    input.clusters,
    (cluster) =>
      blockedBySets(cluster, sets, setsUnread) ?? blockedBy(secretProblem(`cluster ${cluster.name}`, cluster.values)),
  );
  const unreadable = distinct([input.clusters, input.modules, input.sets].flatMap((it) => it.unreadable));
  const valid = [...modules.values()].flatMap((it) => (it.kind === 'valid' ? [it.value] : []));
  const listed = input.clusters.valid.flatMap((it) => it.modules.map(({ name }) => name));
  return {
    config,
    clusters,
    modules,
    sets,
    mandatory: valid.filter(({ mandatory }) => mandatory),
    dependencies,
    componentName: nameComponents([...modules.keys(), ...listed, ...(input.present ?? [])]),
    versionOf: input.versionOf ?? versionOf,
    unreadable,
    modulesUnread: input.modules.unreadable.length > 0,
    incomplete: unreadable.length > 0 || input.unmatched.length > 0,
  };
}

/** Sorted and unique: what hides the files of several patterns is reported once. */
function distinct(unreadable: readonly Unreadable[]): readonly Unreadable[] {
  const byText = new Map(unreadable.map((it) => [`${it.file}\0${it.reason}`, it]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, it]) => it);
}

function byName<T extends { readonly name: string; readonly file?: string }>(
  { valid, invalid }: Documents<T>,
  blockedOf: (value: T) => Blocked | undefined,
): ReadonlyMap<string, Entry<T>> {
  const all: readonly (T | InvalidInput)[] = [...valid, ...invalid];
  const entries = [...Map.groupBy(all, ({ name }) => name)].map(([name, same]): [string, Entry<T>] => {
    const [value] = same;
    if (value === undefined || same.length > 1)
      return [name, held(name, `it is declared more than once, in ${filesOf(same)}`)];
    if ('reason' in value) return [name, held(name, `${value.file}: ${value.reason}`)];
    return [name, blockedOf(value) ?? { kind: 'valid', value }];
  });
  return new Map(entries.sort(([a], [b]) => compareText(a, b)));
}

function held(name: string, reason: string): Blocked {
  return { kind: 'held', problem: invalid(name, reason) };
}

function blockedBy(problem: FleetProblem | undefined): Blocked | undefined {
  return problem === undefined ? undefined : { kind: 'held', problem };
}

function filesOf(same: readonly { readonly file?: string }[]): string {
  return [...new Set(same.map(({ file = '' }) => file))].sort(compareText).join(' and ');
}

/** Whether a cluster uses values that are not known. @param isUnread a file that could not be read may have them */
function blockedBySets(
  { sets: used }: ClusterInput,
  sets: ReadonlyMap<string, Entry<SetInput>>,
  isUnread: boolean,
): Blocked | undefined {
  if (used.some((set) => sets.get(set)?.kind === 'held')) return { kind: 'held' };
  const unknown = used.find((set) => !sets.has(set));
  if (unknown === undefined) return undefined;
  if (isUnread) return { kind: 'held' };
  const next = 'add it to fleet.inputs.sets, or correct the name';
  const problem: FleetProblem = { code: 'FLEET_SET_UNKNOWN', message: `${unknown}: there is no such set`, next };
  return { kind: 'held', problem, shared: true };
}
