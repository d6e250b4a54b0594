import { branchSlug, readBranchSlug } from '../model/owner.ts';
import { type BaseRefs, type BranchRef, branchFolder } from './base-refs.ts';
import { maxCommitBytes, readCommits, rows } from './commit-fields.ts';
import type { Git } from './git.ts';
import { type OwnWork, ownWork, workBelow } from './own-work.ts';
import { isOwnCommit, readTrailers } from './trailers.ts';
import { isAncestor, isConflicted, isDropped } from './update-merges.ts';

/** One of our branches as it is. */
export interface BotBranch {
  /** Without `refs/heads/`. */
  readonly name: string;
  readonly tip: string;
  readonly owner: 'bot' | 'merged' | 'human';
  readonly digest?: string;
  readonly polledAt?: string;
  /** Digests of what a person approved when it was made. */
  readonly letThrough?: readonly string[];
  /** It cannot be merged into the base as that is now, or would bring back what the base has dropped. */
  readonly conflicted?: boolean;
  readonly checkedOutAt?: string;
  /** Whose proposal it is, see `ownerText`: by the trailers of our commit, else by its name. */
  readonly ownedBy?: string;
  /** Where nothing says whose it is: the files that it changes. Not set where git cannot tell. */
  readonly files?: readonly string[];
}

/** The branch of an owner's scope, by the scope's key. */
export function branchName(base: string, owner: string, scope: string): string {
  return branchFolder(base) + branchSlug(owner, scope);
}

/**
 * Finds out whose the branches of a base are, by name.
 *
 * A branch is ours alone when its tip is, or what lies below GitHub's "Update branch": committer and author are the bot,
 * the trailers are there, and its one parent is the base commit it names. (Walking `base..branch` would take old base
 * commits for a person's in a shallow clone.)
 *
 * @param botEmail of `forge.commit.email`
 */
export async function readBotBranches(
  git: Git,
  { base, branches: refs }: Pick<BaseRefs, 'base' | 'branches'>,
  botEmail: string,
): Promise<ReadonlyMap<string, BotBranch>> {
  const isSmall = ({ size }: BranchRef) => size <= maxCommitBytes;
  const fields = await readCommits(
    git,
    refs.filter(isSmall).map(({ tip }) => tip),
  );
  const branches = new Map<string, BotBranch>();
  for (const ref of refs) {
    const { name, tip, checkedOutAt } = ref;
    const slug = name.slice(branchFolder(base.branch).length);
    const own = ownWork(tip, fields.get(tip) ?? [], botEmail);
    const work = own ?? (isSmall(ref) ? await workBelow(git, tip, base.commit, botEmail) : undefined);
    const merged = work?.parent === base.commit ? false : await isAncestor(git, tip, base.commit);
    const stands = merged || work === undefined || work.parent === base.commit ? undefined : work.parent;
    const conflicted =
      stands !== undefined &&
      ((await isConflicted(git, base.commit, tip)) || (await isDropped(git, stands, base.commit)));
    branches.set(name, {
      name,
      tip,
      owner: merged ? 'merged' : work === undefined ? 'human' : 'bot',
      ...(work?.digest === undefined ? {} : { digest: work.digest }),
      ...(work?.polled === undefined ? {} : { polledAt: work.polled }),
      ...(work?.letThrough === undefined ? {} : { letThrough: work.letThrough.split(' ') }),
      ...(conflicted ? { conflicted } : {}),
      ...(checkedOutAt === undefined ? {} : { checkedOutAt }),
      ...(await belonging(git, { slug, tip, isSmall: isSmall(ref), work, base: base.commit, botEmail })),
    });
  }
  return branches;
}

interface Found {
  readonly slug: string;
  readonly tip: string;
  /** Its commit is no larger than one of ours may be. */
  readonly isSmall: boolean;
  readonly work: OwnWork | undefined;
  readonly base: string;
  readonly botEmail: string;
}

/** Whose a branch is, and where nothing says so, what it changes. */
async function belonging(git: Git, found: Found): Promise<Pick<BotBranch, 'ownedBy' | 'files'>> {
  const { slug, work, tip, base, isSmall } = found;
  const ownedBy = work !== undefined ? work.owner : isSmall ? await ownerBelow(git, found) : undefined;
  const named = ownedBy ?? readBranchSlug(slug).owner;
  if (named !== undefined) return { ownedBy: named };
  const range = work === undefined ? [`${base}...${tip}`] : [work.parent, work.commit];
  const args = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'];
  const said = await git.ask(...args, ...range, '--');
  return said === undefined ? {} : { files: said.split('\0').filter((path) => path !== '') };
}

/** Commits of people on a branch of ours: more than this are looked through for ours. */
const mostOnTop = 100;

/** Whose the newest commit of ours is that a person has committed on top of. */
async function ownerBelow(git: Git, { tip, base, botEmail }: Found): Promise<string | undefined> {
  const form = '--format=<%ae>%x00<%ce>%x00%(trailers:only,unfold)%x00';
  const said = await git.ask('log', `--max-count=${mostOnTop}`, form, tip, `^${base}`);
  for (const [author = '', committer = '', trailers = ''] of rows(said ?? '', 3)) {
    const { owner } = readTrailers(trailers);
    if (owner !== undefined && isOwnCommit(author, committer, trailers, botEmail)) return owner;
  }
  return undefined;
}
