import { join, relative } from 'node:path';
import type { Accepted, FileChange } from '../core/change.ts';
import { withDirect } from '../core/direct-tree.ts';
import { splitScopes } from '../core/scope.ts';
import { splitDirect } from '../core/split-direct.ts';
import { type WorkTree, workTree } from '../git/work-tree.ts';
import { AppError } from '../model/error.ts';
import { count } from '../model/text.ts';
import { headWitness } from '../propose/witness.ts';
import { visible } from '../report/visible.ts';
import { assessAll } from '../run/assess.ts';
import { configuredGenerators } from '../run/generators.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import { buildReport } from '../run/report.ts';
import { openWorkspace, type Workspace } from '../run/workspace.ts';
import { type ReadFlags, worldOf } from '../run/world.ts';
import { writeFiles } from '../run/write-files.ts';
import { tellReport } from './result.ts';

export interface RenderFlags extends CommonFlags, Accepted, ReadFlags {
  readonly check?: boolean;
}

/**
 * `render`: writes what changed below the output folders of the work tree, uncommitted or not.
 *
 * @returns the exit code
 */
export async function runRender(io: Io, flags: RenderFlags): Promise<number> {
  const workspace = await openWorkspace(io, flags);
  const { root, repository, config } = workspace;
  const configured = await configuredGenerators(io, workspace);
  const tree = workTree(root, repository?.objectFormat ?? 'sha1', repository?.git);
  const inventory = await gatherInventory(workspace, tree, askingCluster(io, workspace));
  const world = worldOf(io, workspace, flags);
  const assessed = await assessAll(configured, (it) => {
    const direct = it.generator.direct?.(it.setting);
    const own = direct === undefined ? tree : withDirect(tree, undefined, direct);
    return { tree: own, inventory, world, accepted: flags, witness: headWitness(workspace, it) };
  });
  const { failed } = assessed;
  // What is committed to another branch is none of the work tree's.
  const done = assessed.done.map((it) => {
    const { proposed } = splitDirect(it.plan, it.generator.direct?.(it.setting), it.generator);
    return { ...it, plan: proposed };
  });

  const files = done.flatMap(({ plan }) => plan.files);
  if (!flags.check) await refuseUnstorable(tree, files);
  if (!flags.check) await writeFiles(root, files, tree.leftovers, io.stop());

  const planned = done.map((assessment) => {
    const { generator, plan } = assessment;
    return { assessment, scopes: splitScopes(plan, generator, { groupBy: config.forge.groupBy }) };
  });
  const differencesMatter = flags.check === true;
  const report = buildReport({ command: 'render', planned, failed, inventory, differencesMatter });
  const roots = done.filter(({ plan }) => plan.files.length > 0).flatMap(({ territory }) => territory.roots);
  await tellReport(io, flags, report, nextStep(io, workspace, roots, flags, files));
  return report.exitCode;
}

/** @throws AppError `OUTPUT_WRITE` where git would store something else than what is rendered */
async function refuseUnstorable(tree: WorkTree, files: readonly FileChange[]): Promise<void> {
  const written = files.flatMap(({ path, after }) => (after === undefined ? [] : [path]));
  const [found] = await tree.unstorable(written);
  if (found === undefined) return;
  const [path, why] = found;
  throw new AppError('OUTPUT_WRITE', `writing ${path}: ${why}`, {
    next: 'remove the attribute from the output folders; nothing was written',
  });
}

function nextStep(
  io: Io,
  { root, repository }: Workspace,
  roots: readonly string[],
  flags: RenderFlags,
  files: readonly FileChange[],
): string {
  if (files.length === 0) return '';
  const where = roots.map((folder) => visible(relative(io.cwd, join(root, folder)) || '.')).join(', ');
  if (flags.check)
    return `${count(files.length, 'file differs', 'files differ')}: run athenz-gitops render to write ${files.length === 1 ? 'it' : 'them'}.`;
  const written = `${count(files.length, 'file')} written below ${where}`;
  return repository === undefined ? `${written}.` : `${written}: review with ${reviewCommands(files)}.`;
}

/** Commands that show something: new files are in no `git diff`. */
function reviewCommands(files: readonly FileChange[]): string {
  const isNew = ({ before }: FileChange) => before === undefined;
  if (files.every(isNew)) return 'git status';
  return files.some(isNew) ? 'git status and git diff' : 'git diff';
}
