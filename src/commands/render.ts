import { join, relative } from 'node:path';
import { type WorkTree, workTree } from '../git/work-tree.ts';
import type { Accepted, FileChange } from '../model/change.ts';
import { AppError } from '../model/error.ts';
import { splitScopes } from '../plan/scope.ts';
import { headWitness } from '../propose/witness.ts';
import { visible } from '../report/visible.ts';
import { count } from '../report/words.ts';
import { assess } from '../run/assess.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { askingCluster, readNamespaces } from '../run/namespaces.ts';
import { buildResult } from '../run/result.ts';
import { chooseSource } from '../run/source.ts';
import { openWorkspace, type Workspace } from '../run/workspace.ts';
import { writeFiles } from '../run/write-files.ts';
import { warnOfDomainless } from './domainless.ts';
import { tellResult } from './result.ts';

export interface RenderFlags extends CommonFlags, Accepted {
  readonly snapshot?: string;
  readonly at?: Date;
  readonly check?: boolean;
}

/**
 * `render`: writes what changed below the output folders of the work tree, uncommitted or not.
 *
 * @returns the exit code
 */
export async function runRender(io: Io, flags: RenderFlags): Promise<number> {
  const workspace = await openWorkspace(io, flags);
  const tree = workTree(workspace.root, workspace.repository?.objectFormat ?? 'sha1', workspace.repository?.git);
  const { at } = flags;
  const source = chooseSource(io, workspace.config.athenz, flags);
  try {
    const inventory = await readNamespaces(workspace, tree, askingCluster(io, workspace));
    const assessment = await assess({
      workspace,
      tree,
      inventory,
      source,
      accepted: flags,
      witness: headWitness(workspace),
      ...(at === undefined ? {} : { at }),
    });
    warnOfDomainless(io, flags, workspace, inventory, assessment.snapshot);
    const { files } = assessment.plan;
    if (!flags.check) await refuseUnstorable(tree, files);
    if (!flags.check) await writeFiles(workspace.root, files, tree.leftovers);
    const { requests } = source;
    const result = buildResult({ command: 'render', assessment, requests, differencesMatter: flags.check === true });
    const scopes = splitScopes(assessment.plan, workspace.config.forge.groupBy);
    await tellResult(io, flags, result, scopes, nextStep(io, workspace, flags, files.length));
    return result.exitCode;
  } finally {
    await source.close();
  }
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

function nextStep(io: Io, { root, layout }: Workspace, flags: RenderFlags, files: number): string {
  if (files === 0) return '';
  const where = visible(relative(io.cwd, join(root, layout.prefix)) || '.');
  if (flags.check)
    return `${count(files, 'file')} ${files === 1 ? 'differs' : 'differ'}: run athenz-gitops render to write ${files === 1 ? 'it' : 'them'}.`;
  return `${count(files, 'file')} written below ${where}: review with git status and git diff.`;
}
