import type { Accepted, Kept } from '../core/change.ts';
import type { Desired } from '../core/decision.ts';
import { type Evidence, noEvidence, type Witness } from '../core/evidence.ts';
import type { Generator, Opened, SourceState, World } from '../core/generator.ts';
import { isKustomization, type Kustomization } from '../core/kustomization.ts';
import { conclude, type Plan } from '../core/plan.ts';
import type { BlobIds } from '../core/tree-index.ts';
import type { UnitId } from '../core/unit.ts';
import { openWalk, type Walk, type Walked } from '../core/walk.ts';
import { AppError, exitCode, exitCodeOf, type Problem, toProblem } from '../model/error.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { foldersAbove } from '../model/path.ts';
import { compareText } from '../model/text.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import type { Configured } from './generators.ts';
import { kustomizationPaths, readKustomizations } from './kustomizations.ts';

export interface AssessOptions {
  /** The base commit, or the work tree. */
  readonly tree: FileTree;
  /** Where the templates are; default: `tree`. */
  readonly templates?: FileTree;
  /** The namespaces of the run's clusters. */
  readonly inventory: readonly ClusterInventory[];
  readonly world: World;
}

/** Of one generator. */
export interface PlanOptions extends AssessOptions {
  readonly accepted?: Accepted;
  /** Asked about entries that the sources do not know; default: nothing more is known. */
  readonly witness?: Witness;
}

/** What a generator's sources say, and what that changes. */
export interface Assessment extends Configured {
  /** As of when the sources were read, RFC 3339 UTC. */
  readonly asOf: string;
  readonly sources: readonly SourceState[];
  readonly plan: Plan;
}

/** What a run planned: a generator whose input is wrong does not hold up the others. */
export interface Assessed {
  readonly done: readonly Assessment[];
  readonly failed: readonly { readonly generator: string; readonly problem: Problem }[];
}

/**
 * Plans generators one after another, as `render`, `plan` and `sync` do. Nothing is written.
 *
 * @param optionsOf what is accepted and remembered is another thing for each owner
 * @throws AppError where none could be planned, or where the config is invalid
 */
export async function assessAll(
  configured: readonly Configured[],
  optionsOf: (configured: Configured) => PlanOptions | Promise<PlanOptions>,
): Promise<Assessed> {
  const done: Assessment[] = [];
  const failures: { readonly generator: string; readonly error: unknown }[] = [];
  for (const it of configured) {
    try {
      done.push(await assess(it, await optionsOf(it)));
    } catch (error) {
      // A mistake in its code as well: a revocation of another one does not wait for the next release.
      if (error instanceof AppError && exitCodeOf(error.code) === exitCode.usage) throw error;
      failures.push({ generator: it.generator.name, error });
    }
  }
  const [first] = failures;
  if (done.length === 0 && first !== undefined) throw first.error;
  return { done, failed: failures.map(({ generator, error }) => ({ generator, problem: toProblem(error) })) };
}

/**
 * Reads what is there, opens the sources of a generator, and plans the difference.
 *
 * @throws AppError when the config, the sources or the tree do not allow a plan
 */
async function assess(configured: Configured, options: PlanOptions): Promise<Assessment> {
  const { generator, setting, territory } = configured;
  const { tree, templates = tree, inventory, world, accepted = {}, witness = async () => noEvidence } = options;
  const files = await listOwned(configured, tree);
  const opened = await generator.open({ ...setting, inventory, tree, templates, world });
  try {
    const { walked, kustomizations } = await walkTree(configured, options, opened, files);
    const evidence = await askWitness(walked, witness, opened.asOf);
    const plan = conclude({
      generator: generator.name,
      at: opened.at,
      walked,
      evidence,
      limits: generator.limits(setting),
      accepted,
      ids: idsOf(configured, tree),
      territory,
      kustomizations,
      incomplete: incompleteIn(inventory),
      sources: { isDesired: opened.isDesired, restored: await restoredIn(opened, evidence) },
      ...(generator.compareChanges === undefined ? {} : { compare: generator.compareChanges }),
    });
    return { ...configured, asOf: opened.asOf, sources: [...opened.sources], plan };
  } finally {
    await opened.close();
  }
}

/**
 * Everything in the folders of a generator, and what kustomizations there are above them.
 *
 * @throws AppError `OUTPUT_LINK` where a folder would lead somewhere else
 */
export async function listOwned(
  { territory, setting }: Pick<Walkable<unknown, unknown, unknown>, 'territory' | 'setting'>,
  tree: FileTree,
): Promise<readonly TreeFile[]> {
  const { roots } = territory;
  const files = await tree.list([...roots, ...kustomizationPaths(roots)]);
  await refuseLinks(setting.clusters.map(territory.rootOf), tree, territory.advice.obstacle, files);
  return files;
}

interface Walkable<S, U, D> extends Pick<Configured, 'territory'> {
  readonly generator: Pick<Generator<unknown, S, U, D>, 'parse' | 'former'>;
  readonly setting: Pick<Configured['setting'], 'clusters'>;
}

/**
 * Takes every unit beside the tree. Where some rely on what the sources may have wrong they are asked a second time, and those are
 * decided again.
 *
 * @param seen told of each unit; of one that is taken again, again
 */
export async function walkTree<S, U, D>(
  configured: Walkable<S, U, D>,
  { tree, inventory }: AssessOptions,
  opened: Opened<S, U, D>,
  files: readonly TreeFile[],
  seen: (desired: Desired<U>) => void = () => {},
): Promise<{ readonly walked: Walked<D, S>; readonly kustomizations: readonly Kustomization[] }> {
  const { generator, setting, territory } = configured;
  const walk = openWalk({
    opened,
    parse: generator.parse,
    territory,
    files,
    ids: idsOf(configured, tree),
    clusters: setting.clusters,
    incomplete: new Set(incompleteIn(inventory).map(({ cluster }) => cluster)),
  });
  const retake = async (unit: UnitId) => {
    const desired = await opened.unit(unit);
    if (desired === undefined) return;
    seen(desired);
    walk.retake(desired);
  };
  for await (const desired of opened.desired()) {
    seen(desired);
    walk.take(desired);
  }
  // Each file once: a kustomization may be one that nobody wants in an owned folder.
  const needed = new Set([...walk.needed(), ...files.filter(({ path }) => isKustomization(path))]);
  const contents = await tree.read([...needed]);
  const kustomizations = readKustomizations(files, contents);
  for (const unit of walk.read(contents)) await retake(unit);
  await readFurther(walk, tree, retake);
  const walked = walk.finish();
  const unconfirmed = new Set(
    walked.clusters.flatMap(({ decisions }) => decisions.flatMap((it) => it.unconfirmed ?? [])),
  );
  if (unconfirmed.size === 0 || !(await opened.confirm?.([...unconfirmed]))) return { walked, kustomizations };
  // Those that lose nothing by it too: what is known now is known of all.
  for (const unit of walk.relyingOn(unconfirmed)) await retake(unit);
  await readFurther(walk, tree, retake);
  return { walked: walk.finish(), kustomizations };
}

/** Reads what matters only since units were taken again: of those nothing is decided by files that nobody has read. */
async function readFurther<S, U, D>(
  walk: Walk<S, U, D>,
  tree: FileTree,
  retake: (unit: UnitId) => Promise<void>,
): Promise<void> {
  for (let needed = walk.needed(); needed.length > 0; needed = walk.needed()) {
    for (const unit of walk.read(await tree.read(needed))) await retake(unit);
  }
}

function idsOf(
  { generator }: { readonly generator: Pick<Generator, 'former'> },
  { objectFormat: format }: FileTree,
): BlobIds {
  return { format, former: (text) => generator.former?.(text) ?? text };
}

function askWitness({ clusters }: Walked, witness: Witness, asOf: string): Promise<Evidence> {
  const open = clusters.flatMap(({ decisions }) => decisions.filter(({ held }) => held === undefined));
  return witness(
    open.flatMap(({ doubts = [] }) => doubts),
    asOf,
  );
}

/** Proofs about what the sources have again. */
async function restoredIn(opened: Opened, { proofs }: Evidence): Promise<ReadonlySet<string>> {
  const granted = new Set<string>();
  for (const proof of proofs) if (await opened.has?.(proof)) granted.add(proof.key);
  return granted;
}

function incompleteIn(inventory: readonly ClusterInventory[]): readonly Kept[] {
  const sorted = [...inventory].sort((a, b) => compareText(a.cluster, b.cluster));
  return sorted.flatMap(({ cluster, problems }) => problems.map((problem) => ({ cluster, problem })));
}

/**
 * @param roots the folders of the clusters
 * @param advice what to do where one leads elsewhere
 * @param files what the tree lists below them: the way to a listed file is free
 * @throws AppError `OUTPUT_LINK` where an output folder would lead somewhere else
 */
export async function refuseLinks(
  roots: readonly string[],
  tree: FileTree,
  advice: string,
  files: readonly TreeFile[] = [],
): Promise<void> {
  const unseen = new Set(roots);
  for (const { path } of files) for (const folder of foldersAbove(path)) unseen.delete(folder);
  const [obstacle] = await tree.obstacles([...unseen]);
  if (obstacle === undefined) return;
  const what = obstacle.mode === '120000' ? 'a link' : obstacle.mode === '160000' ? 'a submodule' : 'a file';
  throw new AppError('OUTPUT_LINK', `writing below ${obstacle.path}: it is ${what}, not a folder of this repository`, {
    next: advice,
  });
}
