import { compareText } from '../../model/text.ts';
import type { FleetConfig } from './config.ts';
import { type Dependencies, dependenciesOf } from './dependencies.ts';
import type { ClusterInput, InvalidInput, ModuleInput, SetInput, Unreadable } from './input.ts';
import { type NameOf, nameLengths, nameObjects } from './names.ts';
import type { FleetProblem } from './problem.ts';
import type { Documents } from './read-input.ts';
import { findSecret, isSecretIn } from './secrets.ts';
import { type VersionOf, versionOf } from './version.ts';

/** What a name stands for: an input, or why what it names stays as it is. */
export type Entry<T> = { readonly kind: 'valid'; readonly value: T } | Blocked;

interface Blocked {
  readonly kind: 'held';
  readonly problem: FleetProblem;
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
  readonly nameOf: NameOf;
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
  /** Default: what the channels say, at once. */
  readonly versionOf?: VersionOf;
}

/** Puts the inputs of a fleet together. Pure, and the same for any order of them. */
export function openFleet(input: FleetInput): Fleet {
  const { config } = input;
  const dependencies = dependenciesOf(input.modules.valid);
  const modules = byName(input.modules, (module) => moduleProblem(module, config, dependencies));
  const sets = byName(input.sets, ({ name, values }) => secretProblem(`set ${name}`, values));
  const clusters = byName(input.clusters, (cluster) => clusterProblem(cluster, sets));
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
    nameOf:
      config.kind === 'HelmRelease'
        ? (_, module) => module
        : nameObjects([...modules.keys(), ...listed], nameLengths[config.kind]),
    versionOf: input.versionOf ?? versionOf,
    unreadable,
    modulesUnread: input.modules.unreadable.length > 0,
    incomplete: unreadable.length > 0 || input.unmatched.length > 0,
  };
}

/** Sorted; what hides the files of several patterns is told once. */
function distinct(unreadable: readonly Unreadable[]): readonly Unreadable[] {
  const byText = new Map(unreadable.map((it) => [`${it.file}\0${it.reason}`, it]));
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, it]) => it);
}

function byName<T extends { readonly name: string; readonly file?: string }>(
  { valid, invalid }: Documents<T>,
  problemOf: (value: T) => FleetProblem | undefined,
): ReadonlyMap<string, Entry<T>> {
  const all: readonly (T | InvalidInput)[] = [...valid, ...invalid];
  const entries = [...Map.groupBy(all, ({ name }) => name)].map(([name, same]): [string, Entry<T>] => {
    const [value] = same;
    if (value === undefined || same.length > 1)
      return [name, held(name, `it is declared more than once, in ${filesOf(same)}`)];
    if ('reason' in value) return [name, held(name, `${value.file}: ${value.reason}`)];
    const problem = problemOf(value);
    return [name, problem === undefined ? { kind: 'valid', value } : { kind: 'held', problem }];
  });
  return new Map(entries.sort(([a], [b]) => compareText(a, b)));
}

function held(name: string, reason: string): Blocked {
  const next = 'correct it; until then what it is about stays as it is';
  return { kind: 'held', problem: { code: 'FLEET_INPUT_INVALID', message: `${name}: ${reason}`, next } };
}

function filesOf(same: readonly { readonly file?: string }[]): string {
  return [...new Set(same.map(({ file = '' }) => file))].sort(compareText).join(' and ');
}

/** What is wrong with a module on every cluster. */
function moduleProblem(module: ModuleInput, { kind }: FleetConfig, { cycles }: Dependencies): FleetProblem | undefined {
  const { name, file = '', origin, channels, values, valuesFrom } = module;
  const cycle = cycles.get(name);
  if (cycle !== undefined) {
    const message = `${name}: its dependsOn is a cycle: ${cycle}`;
    return { code: 'FLEET_DEPENDENCY', message, next: 'remove one of these dependencies' };
  }
  const wrong = wrongFor(kind, module);
  if (wrong !== undefined) return held(name, `${file}: ${wrong}`).problem;
  const repository = origin.kind === 'helmComponent' ? '' : origin.repository;
  if (isSecretIn(repository)) return secretFound(`module ${name}`, 'repository');
  if (valuesFrom.length > 0 && kind !== 'HelmRelease') return noReferences(name, kind);
  return (
    secretProblem(`module ${name}`, values) ??
    [...channels]
      .map(([channel, it]) => secretProblem(`module ${name}`, it.values, `channels.${channel}.values`))
      .find((it) => it !== undefined)
  );
}

function wrongFor(kind: FleetConfig['kind'], { origin }: ModuleInput): string | undefined {
  switch (kind) {
    case 'HelmRelease':
      return origin.kind === 'chart' ? undefined : 'a HelmRelease needs a chart';
    case 'Application':
      return origin.kind === 'helmComponent' ? 'an Application needs a chart or kustomize' : undefined;
    case 'HelmComponent':
      return undefined;
  }
}

/** What is wrong with a cluster, whatever its modules. */
function clusterProblem(
  { name, values, sets: used }: ClusterInput,
  sets: ReadonlyMap<string, Entry<SetInput>>,
): FleetProblem | undefined {
  for (const set of used) {
    const entry = sets.get(set);
    if (entry === undefined) {
      const message = `cluster ${name}: there is no set ${set}`;
      return { code: 'FLEET_SET_UNKNOWN', message, next: 'add it to fleet.inputs.sets, or correct the name' };
    }
    if (entry.kind === 'held') {
      const message = `cluster ${name}: set ${set} is held`;
      return { code: entry.problem.code, message, next: 'correct the set' };
    }
  }
  return secretProblem(`cluster ${name}`, values);
}

/** @param of whose values they are, in words */
export function secretProblem(of: string, values: ClusterInput['values'], at = 'values'): FleetProblem | undefined {
  const path = findSecret(values);
  return path === undefined ? undefined : secretFound(of, `${at}.${path}`);
}

function secretFound(of: string, path: string): FleetProblem {
  const message = `${of}: ${path} looks like a secret: git would keep it in its history forever`;
  return {
    code: 'FLEET_SECRET',
    message,
    next: 'use valuesFrom, or the name of a Secret; rotate the value if it was pushed',
  };
}

/** Of a module whose kind has no such field. */
export function noReferences(module: string, kind: string): FleetProblem {
  const message = `${module}: ${kind} has no valuesFrom`;
  return {
    code: 'FLEET_INPUT_INVALID',
    message,
    next: 'use kind HelmRelease, or let the chart read an existing Secret',
  };
}
