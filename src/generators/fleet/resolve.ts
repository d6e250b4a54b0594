import { compareText } from '../../model/text.ts';
import type { JsonMap } from '../../model/yaml-write.ts';
import { isWithin } from '../objects/size.ts';
import type { ModuleReason } from './change.ts';
import { noReferences, secretProblem } from './check.ts';
import type { Fleet } from './fleet.ts';
import type { ClusterInput, ModuleInput, ModuleUse, ValuesFrom } from './input.ts';
import type { FleetProblem } from './problem.ts';
import { mergeValues } from './values.ts';
import type { Version } from './version.ts';

/** A module on a cluster, as it is to be. */
export interface Wanted {
  readonly kind: 'wanted';
  readonly name: string;
  readonly cluster: ClusterInput;
  readonly module: ModuleInput;
  readonly version?: string;
  readonly reason: ModuleReason;
  readonly namespace?: string;
  readonly values: JsonMap;
  readonly valuesFrom: readonly ValuesFrom[];
  readonly dependsOn: readonly string[];
  readonly allowDowngrade: boolean;
}

/** What is to become of a module on a cluster. */
export type Resolved =
  | Wanted
  /** It stays as it is. Without a problem, that is told once for all clusters. */
  | { readonly kind: 'held'; readonly name: string; readonly problem?: FleetProblem }
  /** It stays as it is, as the cluster says. */
  | { readonly kind: 'unmanaged'; readonly name: string }
  /** It is not for this cluster. */
  | { readonly kind: 'excluded'; readonly name: string; readonly label: 'beta' | 'internal' };

/** Objects beyond it do not fit into etcd with what the controllers add (etcd.io, "Request size limit": 1.5 MiB). */
const largest = 1024 ** 2;

/** The modules of a cluster, by name. Pure. */
export function resolveCluster(cluster: ClusterInput, fleet: Fleet): readonly Resolved[] {
  const used = Map.groupBy(cluster.modules, ({ name }) => name);
  const names = new Set([...used.keys(), ...fleet.mandatory.map(({ name }) => name)]);
  const isThere = (name: string) => {
    const entry = fleet.modules.get(name);
    return names.has(name) && !(entry?.kind === 'valid' && excludedBy(cluster, entry.value) !== undefined);
  };
  return [...names].sort(compareText).map((name) => resolve(name, used.get(name) ?? [], cluster, fleet, isThere));
}

function resolve(
  name: string,
  uses: readonly ModuleUse[],
  cluster: ClusterInput,
  fleet: Fleet,
  isThere: (module: string) => boolean,
): Resolved {
  const [use] = uses;
  if (uses.length > 1) return held(name, duplicate(name, cluster));
  if (use?.managed === false) return { kind: 'unmanaged', name };
  const entry = fleet.modules.get(name);
  if (entry?.kind === 'held') return { kind: 'held', name };
  // The file that could not be read may have it.
  if (entry === undefined && fleet.modulesUnread) return { kind: 'held', name };
  const module = entry?.value ?? implied(name, fleet);
  if (module === undefined) {
    const next = 'add it to fleet.inputs.modules, or correct the name';
    return held(name, { code: 'FLEET_MODULE_UNKNOWN', message: `${name}: there is no such module`, next });
  }
  const label = excludedBy(cluster, module);
  if (label !== undefined) return { kind: 'excluded', name, label };
  const version = fleet.versionOf(cluster, module, use);
  if ('code' in version) return held(name, version);
  const missing = module.dependsOn.find((it) => !isThere(it));
  if (missing !== undefined) {
    const message = `${name}: depends on ${missing}, which is not on the cluster`;
    return held(name, { code: 'FLEET_DEPENDENCY', message, next: `add ${missing}, or remove ${name}` });
  }
  const problem = useProblem(use, fleet);
  return problem === undefined ? want(module, use, version, cluster, fleet) : held(name, problem);
}

function want(
  module: ModuleInput,
  use: ModuleUse | undefined,
  { version, channel, values: ofChannel }: Version,
  cluster: ClusterInput,
  fleet: Fleet,
): Resolved {
  const { name } = module;
  const values = mergeValues([
    module.values,
    ofChannel,
    ...valuesOfSets(cluster, fleet),
    cluster.values,
    use?.values ?? {},
  ]);
  if (!isWithin(values, largest)) {
    const message = `${name}: its values take more than 1 MiB`;
    return held(name, {
      code: 'FLEET_TOO_LARGE',
      message,
      next: 'move what is large into a ConfigMap, and use valuesFrom',
    });
  }
  const namespace = use?.namespace ?? module.namespace;
  return {
    kind: 'wanted',
    name,
    cluster,
    module,
    ...(version === undefined ? {} : { version }),
    reason: reasonOf(use, channel),
    ...(namespace === undefined ? {} : { namespace }),
    values,
    valuesFrom: [...module.valuesFrom, ...(use?.valuesFrom ?? [])],
    dependsOn: [...new Set(module.dependsOn)].sort(compareText),
    allowDowngrade:
      fleet.config.allowDowngrade || cluster.allowDowngrade || module.allowDowngrade || use?.allowDowngrade === true,
  };
}

/** Whether a module is written as an object that has values. */
export function takesValues({ module }: Wanted, { config }: Fleet): boolean {
  return config.kind !== 'HelmComponent' && module.origin.kind === 'chart';
}

/** Of a cluster that is not held: all of them are there. */
function valuesOfSets({ sets }: ClusterInput, fleet: Fleet): readonly JsonMap[] {
  return sets.flatMap((set) => {
    const entry = fleet.sets.get(set);
    return entry?.kind === 'valid' ? [entry.value.values] : [];
  });
}

function reasonOf(use: ModuleUse | undefined, channel: string | undefined): ModuleReason {
  return {
    kind: use === undefined ? 'mandatory' : 'listed',
    ...(channel === undefined ? {} : { channel }),
    ...(use?.version === undefined ? {} : { pinned: true }),
  };
}

/** A module that no file has: the Kyma operator needs none. */
function implied(name: string, { config }: Fleet): ModuleInput | undefined {
  if (config.kind !== 'HelmComponent') return undefined;
  return {
    name,
    origin: { kind: 'helmComponent' },
    channels: new Map(),
    mandatory: false,
    beta: false,
    internal: false,
    dependsOn: [],
    values: {},
    valuesFrom: [],
    allowDowngrade: false,
  };
}

/** The label that a cluster lacks: without it, KLM gives it no such module (kyma-project/lifecycle-manager, "Labels"). */
function excludedBy(
  { labels }: ClusterInput,
  module: Pick<ModuleInput, 'beta' | 'internal'>,
): 'beta' | 'internal' | undefined {
  const has = (label: string) =>
    [label, `operator.kyma-project.io/${label}`].some((key) => Object.hasOwn(labels, key) && labels[key] === 'true');
  if (module.beta && !has('beta')) return 'beta';
  return module.internal && !has('internal') ? 'internal' : undefined;
}

function useProblem(use: ModuleUse | undefined, { config }: Fleet): FleetProblem | undefined {
  if (use === undefined) return undefined;
  if (use.valuesFrom.length > 0 && config.kind !== 'HelmRelease') return noReferences(use.name, config.kind);
  return secretProblem(use.name, use.values);
}

function duplicate(name: string, { file }: ClusterInput): FleetProblem {
  const message = `${name}: it is listed more than once in ${file}`;
  return { code: 'FLEET_DUPLICATE_MODULE', message, next: 'keep one' };
}

function held(name: string, problem: FleetProblem): Resolved {
  return { kind: 'held', name, problem };
}
