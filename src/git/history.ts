import type { FileCommit } from '../model/drift.ts';
import { decodePath } from '../model/path.ts';
import { type Git, gitFailed } from './git.ts';
import { trailerKeys } from './trailers.ts';

/** A file as one commit of the base branch left it. */
export interface FileVersion extends FileCommit {
  /** git's id of its content; not set where the file was not there. */
  readonly oid?: string;
}

/** How far back it is looked, and how many versions of one file are of use. */
export interface Reach {
  readonly commits: number;
  readonly versions: number;
}

const recent: Reach = { commits: 2000, versions: 5 };
/** More paths than this go unnamed, as do names that no argument can hold: git compares whole folders then. */
const mostPaths = 200;

/** A file as one commit of the base branch left it, before anybody has asked whose commit that is. */
export interface FileRevision {
  readonly commit: string;
  readonly parents: readonly string[];
  /** RFC 3339: when it came to the base branch. */
  readonly at: string;
  readonly author: string;
  /** Of our trailers, empty without. */
  readonly scope: string;
  readonly polled: string;
  /** git's id of its content; not set where the file was not there. */
  readonly oid?: string;
  /** There was no file before the next newer revision; in a shallow clone that may be cut off. */
  readonly beginning?: true;
}

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
  const ours = new Map<string, Promise<Maker>>();
  const histories = new Map<string, readonly FileVersion[]>();
  for (const [path, revisions] of await readRevisions(git, commit, paths, folders, recent)) {
    const versions: FileVersion[] = [];
    for (const revision of revisions) {
      const { commit: id, at, author, oid } = revision;
      // What was there before a commit is said of the commit that changed it.
      const maker = ours.get(id.replace(/\^$/, '')) ?? makerOf(git, revision);
      ours.set(id, maker);
      const version = { commit: id, at, author, ours: (await maker).ours };
      versions.push(oid === undefined ? version : { ...version, oid });
    }
    histories.set(path, versions);
  }
  return histories;
}

/** As `readHistory`, further back, and without asking whose commits they are. */
export async function readRevisions(
  git: Git,
  commit: string,
  paths: readonly string[],
  folders: readonly string[],
  reach: Reach,
): Promise<ReadonlyMap<string, readonly FileRevision[]>> {
  const histories = new Map(paths.map((path) => [path, [] as FileRevision[]]));
  if (paths.length === 0) return histories;
  const named = paths.length <= mostPaths && paths.every((path) => path.isWellFormed());
  const asked = named ? paths : folders;
  const args = ['--first-parent', '-m', '--raw', '--no-abbrev', '--no-renames', '-z', `--max-count=${reach.commits}`];
  const said = await git.feed(['--literal-pathspecs', 'log', ...args, format, commit, '--', ...asked]);
  if (said.code !== 0) throw gitFailed('reading history', said.stderr);
  for (const { head, changes } of parseLog(decodePath(said.stdout))) {
    for (const { path, before, after } of changes) {
      const revisions = histories.get(path);
      if (revisions === undefined || revisions.length > reach.versions) continue;
      // The commit before has left what this one found; it gives its own name when the loop comes to it.
      if (revisions.at(-1)?.commit !== head.commit)
        revisions.push(after === undefined ? head : { ...head, oid: after });
      if (before === undefined) revisions.push({ ...head, commit: `${head.commit}^`, beginning: true });
    }
  }
  return histories;
}

const trailer = (key: string) => `%(trailers:key=${key},valueonly)`;
const format = `--format=%x01%H%x00%P%x00%cI%x00%an%x00${trailer(trailerKeys.scope)}%x00${trailer(trailerKeys.polled)}%x00`;

type Head = Omit<FileRevision, 'oid' | 'beginning'>;

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
      const [parents = '', time = '', author = '', scope = '', polled = ''] = texts.slice(at + 1, at + 6);
      const said = { scope: scope.trim(), polled: latestOf(polled) };
      commits.push({
        head: { commit: text.slice(1), parents: parents.split(' '), at: time, author, ...said },
        changes: [],
      });
      at += 5;
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

/** Of several commits in one, the last. */
function latestOf(times: string): string {
  return times.split(/\s+/).sort().at(-1) ?? '';
}

/** Who made a commit; of ours, when Athenz was polled for it. */
export interface Maker {
  readonly ours: boolean;
  readonly polled?: string;
}

/**
 * Whether this program made a commit: its own, squashed or not, or a merge of nothing but its own. That a person could write
 * the same trailer is of no use to them here: a difference is told either way, and limits hold what ours had granted.
 */
export async function makerOf(
  git: Git,
  { commit, parents, scope, polled }: Omit<Head, 'at' | 'author'>,
): Promise<Maker> {
  if (scope !== '') return { ours: true, polled };
  if (parents.length < 2) return { ours: false };
  const trailers = `--format=${trailer(trailerKeys.scope)}%x00${trailer(trailerKeys.polled)}%x00`;
  const said = await git.ask('log', '--no-merges', trailers, `${commit}^1..${commit}^2`);
  const texts = (said ?? '').split('\0').slice(0, -1);
  const scopes = texts.filter((_, index) => index % 2 === 0);
  const times = texts.filter((_, index) => index % 2 === 1);
  const ours = scopes.length > 0 && scopes.every((it) => it.trim() !== '');
  return ours ? { ours, polled: latestOf(times.join('\n')) } : { ours };
}

/** Whether a clone's history ends early: what is older may have been cut off. */
export async function isShallow(git: Git): Promise<boolean> {
  return (await git.ask('rev-parse', '--is-shallow-repository'))?.trim() === 'true';
}
