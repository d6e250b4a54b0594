import { branchFolder } from '../git/base-refs.ts';
import { commitTree } from '../git/commit-tree.ts';
import type { Git } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import { defaultOwner, readBranchSlug } from '../model/owner.ts';
import { count } from '../model/text.ts';
import { claimProposals } from '../propose/claim.ts';
import { ownershipOf, ownersOf } from '../propose/ownership.ts';
import { configuredGenerators } from '../run/generators.ts';
import { baseCommit } from './base.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, ok, warning } from './finding.ts';

/**
 * Whose the branches of the program are, by their names: this config's, another one's, or nobody's. Configs are looked for in
 * the base as the last fetch saw it.
 *
 * @param branches without `refs/heads/`
 * @throws AppError `CONFIG_INVALID` where two configs are in each other's way
 */
export async function checkOwners(
  { io, workspace }: DoctorContext,
  repository: Repository,
  branches: readonly string[],
): Promise<readonly Finding[]> {
  const { base: branch } = workspace.config.forge;
  const { git, objectFormat } = repository;
  const commit = await baseCommit(repository, workspace);
  if (commit === undefined) return [];
  const base = { commit, branch };
  const tree = commitTree(git, base.commit, objectFormat);
  const configured = await configuredGenerators(io, workspace);
  const claims = [...(await claimProposals({ ...workspace, repository }, configured, { base, tree })).values()];
  const present = claims.flatMap(ownersOf);
  const ownerOf = (name: string) => readBranchSlug(name.slice(branchFolder(branch).length)).owner ?? defaultOwner;
  return [...Map.groupBy(branches, ownerOf)].map(([owner, names]) => {
    const list = names.join(', ');
    const claim = claims.find((it) => ownershipOf({ ownedBy: owner }, it).kind === 'own');
    if (claim !== undefined) {
      return ok('branches', `${count(names.length, 'branch', 'branches')} of this config (${claim.owner})`);
    }
    if (present.includes(owner)) return ok('branches', `of the config ${owner}: ${list}`);
    if (owner === defaultOwner) {
      const fix = 'sync adopts those whose files all lie in its output folders; merge or delete the others';
      return warning('branches', `no owner: ${list}`, fix);
    }
    const fix = 'merge or delete them; to keep its branches, set id in a config before you move it';
    return warning('branches', `of ${owner}, which ${branch} does not have: ${list}`, fix);
  });
}

/** The branches of the program for a base, where proposals go. */
export async function listBotBranches(git: Git, remote: string | null, base: string): Promise<readonly string[]> {
  const pattern = `refs/heads/${branchFolder(base)}`;
  const said =
    remote === null
      ? await git.run('listing branches', 'for-each-ref', '--format=%(objectname)%09%(refname)', pattern)
      : await git.run(`reading ${remote}`, 'ls-remote', '--heads', '--', remote, `${pattern}*`);
  return said.split('\n').flatMap((line) => line.split('\trefs/heads/')[1] ?? []);
}
