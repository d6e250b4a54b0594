import type { FileCommit } from '../model/drift.ts';
import { decodePath } from '../model/path.ts';
import { trailerKeys } from './branches.ts';
import { type Git, gitFailed } from './git.ts';

/** A file as one commit of the base branch left it. */
export interface FileVersion extends FileCommit {
  /** git's id of its content; not set where the file was not there. */
  readonly oid?: string;
}

/** How far back it is looked, and how many versions of one file are of use. */
const reach = { commits: 2000, versions: 5 };
/** More paths than this go unnamed, as do names that no argument can hold: git compares whole folders then. */
const mostPaths = 200;

/**
 * The versions of files on a branch, newest first, as merges and direct commits brought them there (`--first-parent`): the
 * time of a version is when it came to the branch. In a shallow clone the history ends early.
 *
 * @param commit tip of the branch
 * @param paths of the files
 * @param folders that hold them all
 * @returns by path; a last version without content stands for the file not being there yet
 * @throws AppError `GIT_FAILED`
 */
export async function readHistory(
  git: Git,
  commit: string,
  paths: readonly string[],
  folders: readonly string[],
): Promise<ReadonlyMap<string, readonly FileVersion[]>> {
  const histories = new Map(paths.map((path) => [path, [] as FileVersion[]]));
  if (paths.length === 0) return histories;
  const named = paths.length <= mostPaths && paths.every((path) => path.isWellFormed());
  const asked = named ? paths : folders;
  const args = ['--first-parent', '-m', '--raw', '--no-abbrev', '--no-renames', '-z', `--max-count=${reach.commits}`];
  const said = await git.feed(['--literal-pathspecs', 'log', ...args, format, commit, '--', ...asked]);
  if (said.code !== 0) throw gitFailed('reading history', said.stderr);
  const ours = new Map<string, Promise<boolean>>();
  for (const { head, changes } of parseLog(decodePath(said.stdout))) {
    for (const { path, before, after } of changes) {
      const versions = histories.get(path);
      if (versions === undefined || versions.length > reach.versions) continue;
      const isOurs = ours.get(head.commit) ?? isOwn(git, head);
      ours.set(head.commit, isOurs);
      const { commit: id, at, author } = head;
      const version = { commit: id, at, author, ours: await isOurs };
      // The commit before has left what this one found; it gives its own name when the loop comes to it.
      if (versions.at(-1)?.commit !== id) versions.push(after === undefined ? version : { ...version, oid: after });
      if (before === undefined) versions.push({ ...version, commit: `${id}^` });
    }
  }
  return histories;
}

const format = `--format=%x01%H%x00%P%x00%cI%x00%an%x00%(trailers:key=${trailerKeys.scope},valueonly)%x00`;

interface Head {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly at: string;
  readonly author: string;
  readonly scope: string;
}

interface Change {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** `\x01<fields>\0…\0:<mode> <mode> <oid> <oid> <status>\0<path>\0…`: no field can hold a NUL (git-log(1), `-z`). */
function parseLog(said: string): readonly { readonly head: Head; readonly changes: readonly Change[] }[] {
  const texts = said.split('\0');
  const commits: { readonly head: Head; readonly changes: Change[] }[] = [];
  for (let at = 0; at < texts.length; at++) {
    const text = (texts[at] ?? '').replace(/^\n+/, '');
    if (text.startsWith('\u0001')) {
      const [parents = '', time = '', author = '', scope = ''] = texts.slice(at + 1, at + 5);
      const head = { commit: text.slice(1), parents: parents.split(' '), at: time, author, scope: scope.trim() };
      commits.push({ head, changes: [] });
      at += 4;
    } else if (text.startsWith(':')) {
      const [, , before = '', after = ''] = text.split(' ');
      commits.at(-1)?.changes.push({ path: texts[at + 1] ?? '', before: present(before), after: present(after) });
      at++;
    }
  }
  return commits;
}

function present(oid: string): string | undefined {
  return /^0+$/.test(oid) ? undefined : oid;
}

/**
 * Whether this program made a commit: its own, squashed or not, or a merge of nothing but its own. That a person could write
 * the same trailer is of no use to them here: a difference is told either way.
 */
async function isOwn(git: Git, { commit, parents, scope }: Head): Promise<boolean> {
  if (scope !== '') return true;
  if (parents.length < 2) return false;
  const trailers = `--format=%(trailers:key=${trailerKeys.scope},valueonly,separator=%x20)%x00`;
  const said = await git.ask('log', '--no-merges', trailers, `${commit}^1..${commit}^2`);
  const merged = (said ?? '').split('\0').slice(0, -1);
  return merged.length > 0 && merged.every((it) => it.trim() !== '');
}

/** Whether a clone's history ends early: what is older may have been cut off. */
export async function isShallow(git: Git): Promise<boolean> {
  return (await git.ask('rev-parse', '--is-shallow-repository'))?.trim() === 'true';
}
