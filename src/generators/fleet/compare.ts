import type { CurrentFile, Decision, Differing } from '../../core/decision.ts';
import type { UnitId } from '../../core/unit.ts';
import { decideFilesOnly, decideWhole, leaveWhole } from '../../core/whole.ts';
import type { GoneReason, ModuleChange } from './change.ts';
import type { FleetUnit, OpenFleet } from './desired.ts';
import { changedFields, type FleetState, type ModuleState, parseFleet } from './parse.ts';
import type { FleetProblem } from './problem.ts';
import { resolveCluster, type Wanted } from './resolve.ts';
import { versionStep } from './version.ts';

type Compared = Differing<FleetState, FleetUnit>;

/** Decides one unit: a module on a cluster comes, goes or changes as a whole. @param open undefined where the hub is not in this run */
export function compareFleet(differing: Compared, open: OpenFleet | undefined): Decision<ModuleChange> {
  const { unit, desired, current } = differing;
  const before = stateIn(current);
  if (unit.namespace === undefined || unit.name === undefined) return decideHelper(differing, before, open);
  const module = before?.kind === 'module' ? before : undefined;
  if (desired?.state != null && open !== undefined) return decideWanted(differing, desired.state, module, open);
  if (module === undefined) return decideFilesOnly(differing);
  const reason =
    open === undefined || unit.cluster !== open.hub ? 'hub-changed' : whyGone(unit.namespace, unit.name, open);
  if (reason === undefined) return leaveWhole(differing);
  const from = module.version === undefined ? {} : { from: module.version };
  return decideWhole(differing, { module: module.module, ...from, reason });
}

function decideWanted(
  differing: Compared,
  wanted: Wanted,
  before: ModuleState | undefined,
  { fleet }: OpenFleet,
): Decision<ModuleChange> {
  const { name: module, version: to, reason } = wanted;
  const head = { module, reason, ...(to === undefined ? {} : { to }) };
  // Its wave follows from modules that it waits for, and not each of them can be read.
  if (fleet.config.kind === 'Application' && !fleet.dependencies.isKnown(module)) return leaveWhole(differing);
  if (before === undefined) return decideWhole(differing, head);
  const { version: from } = before;
  const step = from === undefined || to === undefined ? undefined : versionStep(from, to);
  if (step === 'downgrade' && !wanted.allowDowngrade) {
    const message = `${from} → ${to} is a downgrade`;
    const next = 'correct the channel or the version; allowDowngrade: true renders it';
    return hold(differing, { code: 'FLEET_DOWNGRADE', message, next });
  }
  const after = parsedText(differing);
  // Names follow from the names of all modules, of which not all are known.
  if (fleet.incomplete && after?.kind === 'module' && after.object !== before.object) return leaveWhole(differing);
  return decideWhole(differing, {
    ...head,
    ...(from === undefined ? {} : { from }),
    ...(step === 'upgrade' || step === 'downgrade' ? { step } : {}),
    ...(after?.kind === 'module' && after.object !== before.object ? { replaces: before.object } : {}),
    keys: after?.kind === 'module' ? changedFields(before.fields, after.fields) : [],
  });
}

/** Why a module on a cluster goes that is not desired; undefined: it stays, and the report has the reason. */
function whyGone(clusterName: string, module: string, { fleet }: OpenFleet): GoneReason | undefined {
  if (fleet.incomplete) return undefined;
  const cluster = fleet.clusters.get(clusterName);
  if (cluster === undefined) return 'cluster-removed';
  if (cluster.kind === 'held' || fleet.modules.get(module)?.kind === 'held') {
    return undefined;
  }
  const all = resolveCluster(cluster.value, fleet);
  const resolved = all.find(({ name }) => name === module);
  if (resolved !== undefined) return resolved.kind === 'excluded' ? `not-${resolved.label}` : undefined;
  // A name that is not known may be this one, misspelt.
  if (all.some((it) => it.kind === 'held' && it.problem?.code === 'FLEET_MODULE_UNKNOWN')) return undefined;
  return fleet.modules.has(module) ? 'not-listed' : 'module-removed';
}

/**
 * Decides the source of a module, or the object that keeps a folder. A source stays until no cluster has the module any more; what
 * keeps the folder of a cluster stays when the cluster leaves, so that Flux on it prunes the modules.
 */
function decideHelper(
  differing: Compared,
  before: FleetState | undefined,
  open: OpenFleet | undefined,
): Decision<ModuleChange> {
  const { unit, desired } = differing;
  if (desired !== undefined) {
    const after = parsedText(differing);
    if (before?.kind !== 'source' || after?.kind !== 'source') return decideFilesOnly(differing);
    const keys = changedFields(before.fields, after.fields);
    return weightless(decideWhole(differing, { module: after.module, keys, reason: 'source' }));
  }
  return open !== undefined && isNeeded(unit, open) ? leaveWhole(differing, undefined, 0) : decideFilesOnly(differing);
}

function isNeeded({ cluster, namespace, name }: UnitId, { fleet, hub, present }: OpenFleet): boolean {
  if (cluster !== hub || fleet.config.kind !== 'HelmRelease') return false;
  if (name !== undefined) return fleet.incomplete || present.has(name);
  return namespace !== undefined && fleet.config.marker !== null;
}

/** No limit counts it. */
function weightless(decision: Decision<ModuleChange>): Decision<ModuleChange> {
  return {
    ...decision,
    weight: 0,
    settle(held) {
      const settled = decision.settle(held);
      return settled.kind === 'changed' ? { ...settled, weight: 0 } : settled;
    },
  };
}

/** What the desired file of a unit holds. */
function parsedText({ desired }: Compared): FleetState | undefined {
  const text = desired?.files[0]?.rendered?.text;
  const parsed = text === undefined ? undefined : parseFleet(Buffer.from(text));
  return parsed?.kind === 'rendered' ? parsed.state : undefined;
}

function hold(differing: Compared, problem: FleetProblem): Decision<ModuleChange> {
  return { ...leaveWhole(differing), held: { ...differing.unit, ...problem, changes: [] } };
}

function stateIn(current: readonly CurrentFile<FleetState>[]): FleetState | undefined {
  for (const { parsed } of current) if (parsed.kind === 'rendered') return parsed.state;
  return undefined;
}
