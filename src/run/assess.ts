import { resolveAccess } from '../access/resolve.ts';
import type { Wanted } from '../athenz/poll.ts';
import type { Config } from '../config/types.ts';
import type { Accepted, Plan } from '../model/change.ts';
import { domainOf } from '../model/domain.ts';
import { AppError } from '../model/error.ts';
import type { RoleAccess } from '../model/grant.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { type Layout, outputFolders } from '../model/layout.ts';
import { foldersAbove } from '../model/path.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import { createPlanContext, type PlanContext } from '../plan/context.ts';
import { type CurrentFile, filesToRead, readCurrent } from '../plan/current.ts';
import { type Draft, draftFiles } from '../plan/draft.ts';
import { type Doubt, doubtsOf, type Evidence, noEvidence, type Witness } from '../plan/evidence.ts';
import { isKustomization } from '../plan/kustomization.ts';
import { conclude, decide } from '../plan/plan.ts';
import { kustomizationPaths, readKustomizations } from './kustomizations.ts';
import type { SnapshotSource } from './source.ts';
import { loadTemplates } from './templates.ts';
import type { Workspace } from './workspace.ts';

export interface AssessOptions {
  readonly workspace: Workspace;
  /** The base commit, or the work tree. */
  readonly tree: FileTree;
  /** Where the templates are; default: `tree`. */
  readonly templates?: FileTree;
  readonly source: SnapshotSource;
  /** The namespaces of the workspace's clusters. */
  readonly inventory: readonly ClusterInventory[];
  /** The instant to resolve access for; default: when the snapshot was taken. */
  readonly at?: Date;
  readonly accepted?: Accepted;
  /** Asked about subjects that Athenz does not know; default: nothing more is known. */
  readonly witness?: Witness;
}

export interface Assessment {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly drafted: Drafted;
}

/** What a plan was made from, besides Athenz. */
export interface Drafted {
  readonly context: PlanContext;
  readonly access: readonly RoleAccess[];
  readonly drafts: ReadonlyMap<string, Draft>;
  /** Everything at or below the output folders, and what kustomizations there are above them. */
  readonly files: readonly TreeFile[];
  /** Of those, what differs from its draft or has none, read. */
  readonly current: readonly CurrentFile[];
}

/**
 * Reads what is there, asks Athenz, and plans the difference: the part that `render`, `plan` and `sync` share. Nothing is
 * written.
 *
 * @throws AppError when the config, the templates or the tree do not allow a plan, or when Athenz could not be read at all
 */
export async function assess({
  workspace,
  tree,
  inventory,
  source,
  at,
  accepted = {},
  templates = tree,
  witness = async () => noEvidence,
}: AssessOptions): Promise<Assessment> {
  const { config, layout } = workspace;
  const folders = outputFolders(workspace);
  const files = await tree.list([...folders, ...kustomizationPaths(folders)]);
  await refuseLinks(config, layout, tree, files);
  const context = createPlanContext({
    config,
    layout,
    filtered: workspace.filtered,
    render: { names: config.names, templates: await loadTemplates(config.output.templates, templates) },
    objectFormat: tree.objectFormat,
  });
  const { decided, snapshot } = await decideFrom(source, wantedDomains(config, inventory), async (taken) => {
    const instant = at ?? new Date(taken.takenAt);
    const access = resolveAccess({ config, inventory, snapshot: taken, at: instant });
    const ask = (doubts: readonly Doubt[]) => witness(doubts, taken.takenAt);
    return planAccess({ context, tree, files, inventory, access, at: instant, accepted, ask });
  });
  return { plan: decided.plan, drafted: decided.drafted, snapshot };
}

/**
 * Asks Athenz and decides by what it says. Where an absence would remove access it is looked at a second time, and then
 * decided again.
 *
 * @param decide `doubted`: the domains whose absence does
 * @throws AppError when Athenz could not be read at all
 */
export async function decideFrom<T extends { readonly doubted: readonly string[] }>(
  source: SnapshotSource,
  wanted: Wanted,
  decide: (snapshot: Snapshot) => T | Promise<T>,
): Promise<{ readonly decided: T; readonly snapshot: Snapshot }> {
  const first = await source.take(wanted);
  refuseBlindness(first);
  const decided = await decide(first);
  if (decided.doubted.length === 0) return { decided, snapshot: first };
  const snapshot = await source.confirm(first, decided.doubted);
  return { decided: snapshot === first ? decided : await decide(snapshot), snapshot };
}

/** Which roles of which domains the namespaces need. */
export function wantedDomains(config: Pick<Config, 'clusters'>, inventory: readonly ClusterInventory[]): Wanted {
  const wanted = new Map<string, Set<string>>();
  for (const cluster of config.clusters) {
    const roles = cluster.roles.map((role) => role.athenzRole);
    for (const { name } of inventory.find((it) => it.cluster === cluster.name)?.namespaces ?? []) {
      const domain = domainOf(cluster, name);
      wanted.set(domain, new Set([...(wanted.get(domain) ?? []), ...roles]));
    }
  }
  return wanted;
}

interface PlanInput extends Pick<Drafted, 'context' | 'access' | 'files'> {
  readonly tree: FileTree;
  readonly inventory: readonly ClusterInventory[];
  readonly at: Date;
  readonly accepted: Accepted;
  readonly ask: (doubts: readonly Doubt[]) => Promise<Evidence>;
}

async function planAccess({
  tree,
  ask,
  ...given
}: PlanInput): Promise<Omit<Assessment, 'snapshot'> & { readonly doubted: readonly string[] }> {
  const { context, access, files } = given;
  const drafts = draftFiles(context, access);
  const needed = filesToRead(context, drafts, files);
  const contents = await tree.read([...new Set([...needed, ...files.filter(({ path }) => isKustomization(path))])]);
  const current = readCurrent(context, drafts, needed, contents);
  const kustomizations = readKustomizations(files, contents);
  const input = { ...given, drafts, current, kustomizations };
  const undecided = decide(input);
  const plan = conclude(input, undecided, await ask(doubtsOf(undecided.decisions.clusters)));
  return { plan, doubted: doubtedDomains(plan, access), drafted: { context, access, drafts, files, current } };
}

/** Domains whose absence would remove access if it were true: those are worth a second look. */
function doubtedDomains(plan: Plan, access: readonly RoleAccess[]): readonly string[] {
  const key = (it: { cluster: string; namespace?: string; role?: string }) =>
    `${it.cluster}/${it.namespace}/${it.role}`;
  const doubted = new Set(plan.kept.filter((it) => it.problem.code === 'ZMS_ABSENCE_UNCONFIRMED').map(key));
  if (doubted.size === 0) return [];
  const relies = access.flatMap((role) =>
    role.outcome.kind !== 'unknown' && doubted.has(key(role)) ? role.outcome.relies : [],
  );
  return [...new Set(relies)];
}

/**
 * @param files what the tree lists below the output folders: to where there is one, the way is free
 * @throws AppError `OUTPUT_LINK` where an output folder would lead somewhere else
 */
export async function refuseLinks(
  config: Pick<Config, 'clusters'>,
  layout: Layout,
  tree: FileTree,
  files: readonly TreeFile[] = [],
): Promise<void> {
  const roots = new Set(config.clusters.map((cluster) => layout.rootOf(cluster.name)));
  for (const { path } of files) for (const folder of foldersAbove(path)) roots.delete(folder);
  const [obstacle] = await tree.obstacles([...roots]);
  if (obstacle === undefined) return;
  const what = obstacle.mode === '120000' ? 'a link' : obstacle.mode === '160000' ? 'a submodule' : 'a file';
  throw new AppError('OUTPUT_LINK', `writing below ${obstacle.path}: it is ${what}, not a folder of this repository`, {
    next: 'set output.path to a folder used only by athenz-gitops',
  });
}

/** With not one document read there is nothing to go by, however complete the list is. */
export function refuseBlindness({ domains }: Pick<Snapshot, 'domains'>): void {
  const reads = [...domains.values()];
  const failed = reads.flatMap((read) => (read.kind === 'unknown' ? [read.problem] : []));
  const [problem] = failed;
  if (problem === undefined || reads.some((read) => read.kind === 'value')) return;
  const next = problem.next === undefined ? {} : { next: problem.next };
  throw new AppError(
    'ZMS_NOTHING_READ',
    `none of ${failed.length} domain documents could be read. ${problem.code}: ${problem.message}`,
    next,
  );
}
