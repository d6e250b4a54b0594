import { branchSlug, readBranchSlug } from '../model/owner.ts';
import type { Git } from './git.ts';
import { type Base, branchPrefix, type Remote, trackingRef } from './repository.ts';
import { isOwnCommit, readTrailers } from './trailers.ts';
import { belowUpdateMerges, isAncestor, isConflicted } from './update-merges.ts';

/** One of our branches as it is. */
export interface BotBranch {
  /** Without `refs/heads/`. */
  readonly name: string;
  readonly tip: string;
  readonly owner: 'bot' | 'merged' | 'human';
  readonly digest?: string;
  readonly polledAt?: string;
  /** Digests of what a person let through a limit when it was made. */
  readonly letThrough?: readonly string[];
  /** It cannot be merged into the base as that is now. */
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

/** What the names of all of a base's branches begin with. */
export function branchFolder(base: string): string {
  return `${branchPrefix}/${base}/`;
}

/** Where the body of a branch's proposal is noted; one ref per branch, so that scopes do not contend for one. */
export function noteRef(branch: string): string {
  return `refs/notes/${branch}`;
}

/**
 * Lists the branches below `athenz-gitops/<base>/`, by name, and finds out whose they are.
 *
 * A branch is ours alone when its tip is, or what lies below GitHub's "Update branch": committer and author are the bot,
 * the trailers are there, and its one parent is the base commit it names. (Walking `base..branch` would take old base
 * commits for somebody's in a shallow clone.)
 *
 * @param botEmail of `forge.commit.email`
 */
export async function readBotBranches(
  git: Git,
  base: Base,
  remote: Remote,
  botEmail: string,
): Promise<ReadonlyMap<string, BotBranch>> {
  const prefix = trackingRef(remote, branchFolder(base.branch));
  const said = await git.run('listing branches', 'for-each-ref', `--format=${format}`, prefix);
  const branches = new Map<string, BotBranch>();
  for (const [ref = '', tip = '', worktree = '', ...commit] of rows(said, fields.length)) {
    const slug = ref.slice(prefix.length);
    const name = branchFolder(base.branch) + slug;
    const work = ownWork(tip, commit, botEmail) ?? (await workBelow(git, tip, base.commit, botEmail));
    const merged = work?.parent === base.commit ? false : await isAncestor(git, tip, base.commit);
    const conflicted =
      work !== undefined && !merged && work.parent !== base.commit && (await isConflicted(git, base.commit, tip));
    branches.set(name, {
      name,
      tip,
      owner: merged ? 'merged' : work === undefined ? 'human' : 'bot',
      ...(work?.digest === undefined ? {} : { digest: work.digest }),
      ...(work?.polled === undefined ? {} : { polledAt: work.polled }),
      ...(work?.letThrough === undefined ? {} : { letThrough: work.letThrough.split(' ') }),
      ...(conflicted ? { conflicted } : {}),
      ...(worktree === '' ? {} : { checkedOutAt: worktree }),
      ...(await belonging(git, { slug, tip, work, base: base.commit, botEmail })),
    });
  }
  return branches;
}

/**
 * Whether a commit is ours and stands on a commit of the base. Unlike `readBotBranches` it looks at the base's history, which
 * has to be whole.
 *
 * @param commit id
 * @param base commit id
 */
export async function isOwnWork(git: Git, commit: string, base: string, botEmail: string): Promise<boolean> {
  const work = ownWork(commit, await readCommit(git, commit), botEmail);
  return work !== undefined && (await isAncestor(git, work.parent, base));
}

/** The commit of ours below GitHub's "Update branch", if that is all there is above it. */
async function workBelow(git: Git, tip: string, base: string, botEmail: string): Promise<OwnWork | undefined> {
  const commit = await belowUpdateMerges(git, tip, base);
  return ownWork(commit, await readCommit(git, commit), botEmail);
}

interface Found {
  readonly slug: string;
  readonly tip: string;
  readonly work: OwnWork | undefined;
  readonly base: string;
  readonly botEmail: string;
}

/** Whose a branch is, and where nothing says so, what it changes. */
async function belonging(git: Git, found: Found): Promise<Pick<BotBranch, 'ownedBy' | 'files'>> {
  const { slug, work, tip, base } = found;
  const ownedBy = work === undefined ? await ownerBelow(git, found) : work.owner;
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

/** One atom for all trailers: git 2.39 answers several, each with a key of its own, with one and the same text. */
const commitFields = ['parent', 'authoremail', 'committeremail', 'contents:trailers:only,unfold'];
const fields = ['refname', 'objectname', 'worktreepath', ...commitFields];
const format = fields.map((field) => `%(${field})%00`).join('');

/** The same fields of any commit. */
async function readCommit(git: Git, commit: string): Promise<readonly string[]> {
  const form = '--format=%P%x00<%ae>%x00<%ce>%x00%(trailers:only,unfold)%x00';
  return rows((await git.ask('show', '--no-patch', form, commit)) ?? '', commitFields.length)[0] ?? [];
}

/** Each field ends with the one character that no commit can hold, so that a message cannot make up a branch. */
function rows(said: string, size: number): readonly (readonly string[])[] {
  const texts = said.split('\0');
  return Array.from({ length: Math.floor(texts.length / size) }, (_, row) =>
    texts.slice(row * size, (row + 1) * size).map((text, field) => (field === 0 ? text.replace(/^\n/, '') : text)),
  );
}

/** What a commit of ours says it was made from. */
interface OwnWork {
  readonly commit: string;
  readonly parent: string;
  readonly owner: string | undefined;
  readonly digest: string | undefined;
  readonly polled: string | undefined;
  readonly letThrough: string | undefined;
}

/** Undefined for anybody else's commit. */
function ownWork(
  commit: string,
  [parents = '', author = '', committer = '', trailers = '']: readonly string[],
  botEmail: string,
): OwnWork | undefined {
  const { owner, digest, polled, letThrough, base: parent } = readTrailers(trailers);
  if (!isOwnCommit(author, committer, trailers, botEmail) || parents === '' || parents !== parent) return undefined;
  return { commit, parent, owner, digest, polled, letThrough };
}

/** The note refs of a base and their commits. A note outlives its branch where somebody deletes only that. */
export async function readNotes(git: Git, base: string): Promise<ReadonlyMap<string, string>> {
  const said = await git.run(
    'listing notes',
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    `refs/notes/${branchPrefix}/${base}/`,
  );
  const pairs = said.split('\n').filter((line) => line !== '');
  return new Map(pairs.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
}
