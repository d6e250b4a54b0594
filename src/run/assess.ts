import type { Accepted } from '../core/change.ts';
import { conclude } from '../core/conclude.ts';
import { type Evidence, noEvidence, type Witness } from '../core/evidence.ts';
import type { Opened, SourceState, World } from '../core/generator.ts';
import type { Plan } from '../core/plan.ts';
import type { Walked } from '../core/walk.ts';
import { AppError, type ErrorCode, exitCode, exitCodeOf, type Problem, toProblem } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { FileTree } from '../model/tree.ts';
import type { Configured } from './generators.ts';
import { listOwned } from './owned-files.ts';
import { idsOf, incompleteIn, walkTree } from './walk-tree.ts';

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
      if (error instanceof AppError && endsRun(error.code)) throw error;
      failures.push({ generator: it.generator.name, error });
    }
  }
  const [first] = failures;
  if (done.length === 0 && first !== undefined) throw first.error;
  return { done, failed: failures.map(({ generator, error }) => ({ generator, problem: toProblem(error) })) };
}

/** The config is invalid, or the user has asked to stop. */
function endsRun(code: ErrorCode): boolean {
  return exitCodeOf(code) === exitCode.usage || code === 'CANCELLED';
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
    // What was cut off is unread: nothing is to be concluded from it.
    checkStop(world.halt.stop, 'planning');
    const evidence = await askWitness(walked, witness, opened.asOf);
    const direct = generator.direct?.(setting);
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
      input: opened,
      sources: { isDesired: opened.isDesired, restored: await restoredIn(opened, evidence) },
      ...(direct === undefined ? {} : { elsewhere: direct.takes }),
      ...(generator.compareChanges === undefined ? {} : { compare: generator.compareChanges }),
    });
    return { ...configured, asOf: opened.asOf, sources: [...opened.sources], plan };
  } finally {
    await opened.close();
  }
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
  const restored = new Set<string>();
  for (const proof of proofs) if (await opened.has?.(proof)) restored.add(proof.key);
  return restored;
}
