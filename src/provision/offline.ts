import { readFile, realpath } from 'node:fs/promises';
import { commitOf, noCommit } from '../git/commit-of.ts';
import { commitTree } from '../git/commit-tree.ts';
import type { Git } from '../git/git.ts';
import { pathFrom } from '../git/path.ts';
import { workTree } from '../git/work-tree.ts';
import { unaskedInventory } from '../inventory/live.ts';
import type { FileTree } from '../model/tree.ts';
import { type Io, logOf } from '../run/io.ts';
import { gatherInventory } from '../run/namespaces.ts';
import { openWorkspace } from '../run/workspace.ts';
import { planProvision } from './plan.ts';
import { inputOf, type Provisioned, type ProvisionFlags } from './read-flags.ts';

/** From the namespaces of the work tree; with `--base` only what they ask for and those of that commit do not. */
export async function provisionOffline(io: Io, flags: ProvisionFlags): Promise<Provisioned> {
  const workspace = await openWorkspace(io, flags);
  const { repository, root } = workspace;
  const format = repository?.objectFormat ?? 'sha1';
  const planOf = async (tree: FileTree) => {
    const inventory = await gatherInventory(workspace, tree, async (cluster) => unaskedInventory(cluster));
    return planProvision({ ...inputOf(io, workspace, flags), inventory, athenz: undefined });
  };
  const plan = await planOf(workTree(root, format, repository?.git));
  const result = { mode: 'offline', requests: 0, room: [], steps: [] } as const;
  if (flags.base === undefined) return { ...result, plan };
  if (repository === undefined) throw noCommit(flags.base, '--base');
  const { git } = repository;
  const commit = await commitOf(git, flags.base, '--base');
  const file = await realpath(workspace.config.file);
  if (!(await isConfigOf(git, commit, file, pathFrom(root, file)))) {
    logOf(io, flags).warn(`the config differs from that of ${flags.base}: the whole plan is shown`);
    return { ...result, plan };
  }
  const before = await planOf(commitTree(git, commit, format));
  const known = new Set(before.domains.map((it) => JSON.stringify(it)));
  const domains = plan.domains.filter((it) => !known.has(JSON.stringify(it)));
  return { ...result, plan: { ...plan, domains } };
}

/** Whether a commit has the config as it is in the work tree: with another one the same namespaces ask for something else. */
async function isConfigOf(git: Git, commit: string, file: string, path: string): Promise<boolean> {
  const there = await git.feed(['cat-file', 'blob', `${commit}:${path}`]);
  // Compared here: git would start the filters that the attributes of a commit choose.
  return there.code === 0 && withoutReturns(there.stdout) === withoutReturns(await readFile(file));
}

/** A checkout may have other ends of lines than the commit. */
function withoutReturns(content: Buffer): string {
  return content.toString('latin1').replaceAll('\r\n', '\n');
}
