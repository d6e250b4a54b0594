import type { Doubt, EntryReader, Origin } from '../core/evidence.ts';
import { readBlobs } from '../git/commit-tree.ts';
import type { Git } from '../git/git.ts';
import { type FileRevision, readRevisions } from '../git/history.ts';
import { type Maker, openMakers } from '../git/maker.ts';
import { isShallow } from '../git/shallow.ts';

/** A doubt, and from when on nothing older matters: a proof of then decides. */
export interface Question extends Doubt {
  /** RFC 3339 UTC. */
  readonly proven?: string;
}

/** How far back the commit of a grant is searched for, and in how many files where no proof depends on it. */
const reach = { commits: 20_000, versions: 500 };
const mostFiles = 200;
/** Versions of a file that are read at once. */
const chunk = 8;

/**
 * Finds out of a branch's history how entries came into its files.
 *
 * @param commit tip of the branch
 * @param folders that hold all files
 * @param reader how entries of files are named
 * @returns by `Doubt.key`; those that were not looked for are left out
 * @throws AppError `GIT_FAILED`
 */
export async function readOrigins(
  git: Git,
  commit: string,
  folders: readonly string[],
  reader: EntryReader,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, Origin>> {
  const asked = choose(questions);
  const origins = new Map<string, Origin>();
  if (asked.length === 0) return origins;
  const paths = [...new Set(asked.map(({ path }) => path))];
  const revisions = await readRevisions(git, commit, paths, folders, reach);
  const shallow = await isShallow(git);
  const history: History = { git, reader, shallow, makerOf: openMakers(git, folders), unwritten: new Map() };
  let open = asked.map((question): Search => ({ question, revisions: revisions.get(question.path) ?? [] }));
  for (let from = 0; open.length > 0; from += chunk) {
    const entries = await readEntries(history, open, from);
    const next: Search[] = [];
    for (const search of open) {
      const found = look(search, entries, from, shallow);
      if (found === 'further') next.push(search);
      else origins.set(search.question.key, await originOf(history, search, found));
    }
    open = next;
  }
  return origins;
}

/** All that a proof hangs on, and of the others as many files as can be read in reasonable time. */
function choose(questions: readonly Question[]): readonly Question[] {
  const files = new Set<string>();
  for (const { path, proven } of questions) if (proven !== undefined || files.size < mostFiles) files.add(path);
  return questions.filter(({ path }) => files.has(path));
}

interface Search {
  readonly question: Question;
  /** Newest first. */
  readonly revisions: readonly FileRevision[];
}

/** The revision that granted it; or the oldest that is known to have it; or nothing at all. */
type Found = { readonly granted: number } | { readonly since: number } | 'nothing';

/** Goes back through the revisions of one chunk until one lacks the entry. */
function look(
  { question, revisions }: Search,
  entries: ReadonlyMap<string, ReadonlySet<string> | undefined>,
  from: number,
  shallow: boolean,
): Found | 'further' {
  const older = (index: number): Found => (index === 0 ? 'nothing' : { since: index - 1 });
  // The file that was read is another one, as in a work tree.
  if (revisions[0]?.oid !== question.oid) return 'nothing';
  for (let index = from; index < from + chunk; index++) {
    const revision = revisions[index];
    if (revision === undefined || (revision.beginning && shallow)) return older(index);
    const has = revision.oid === undefined ? new Set<string>() : entries.get(revision.oid);
    if (has === undefined) return older(index);
    if (!has.has(question.entry)) {
      return index === 0 ? 'nothing' : { granted: index - 1 };
    }
    // Whatever granted it is older than this.
    if (question.proven !== undefined && Date.parse(revision.at) < Date.parse(question.proven)) return { since: index };
  }
  return 'further';
}

/** What is read of versions once the one that granted access is found. */
interface History {
  readonly git: Git;
  readonly reader: EntryReader;
  readonly shallow: boolean;
  makerOf(revision: FileRevision, path: string): Promise<Maker>;
  /** `unwrittenIn` of contents, by git's id: one commit may have added many. */
  readonly unwritten: Map<string, Promise<ReadonlySet<string>>>;
}

async function originOf(history: History, { question, revisions }: Search, found: Found): Promise<Origin> {
  if (found === 'nothing') return { by: 'unknown' };
  const revision = revisions['granted' in found ? found.granted : found.since];
  if (revision === undefined) return { by: 'unknown' };
  const { commit, author, at, oid } = revision;
  const unknown: Origin = { by: 'unknown', since: at };
  if ('since' in found) return unknown;
  const { path, entry } = question;
  const maker = await history.makerOf(revision, path);
  if (maker.by === 'program') return { by: 'program', since: isTime(maker.polled) ? maker.polled : at };
  // What is cut off may have been ours.
  if (maker.by === 'unknown' || history.shallow || oid === undefined) return unknown;
  const below = revisions[found.granted + 1];
  if (below?.oid === undefined || (await history.makerOf(below, path)).by !== 'program') return unknown;
  const unwritten = history.unwritten.get(oid) ?? readUnwritten(history, oid);
  history.unwritten.set(oid, unwritten);
  const by = (await unwritten).has(entry) ? 'person' : 'unsigned';
  return { by, since: at, commit, author };
}

async function readUnwritten({ git, reader }: History, oid: string): Promise<ReadonlySet<string>> {
  const content = (await readBlobs(git, [{ path: oid, mode: '100644', oid }])).get(oid);
  return content === undefined ? new Set() : reader.unwrittenIn(content);
}

function isTime(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}

/** The entries of the contents of one chunk, by git's id; undefined for one that cannot be read back. */
async function readEntries(
  { git, reader }: History,
  searches: readonly Search[],
  from: number,
): Promise<ReadonlyMap<string, ReadonlySet<string> | undefined>> {
  const ids = new Set(
    searches.flatMap(({ revisions }) => revisions.slice(from, from + chunk).flatMap(({ oid }) => oid ?? [])),
  );
  const files = [...ids].map((oid) => ({ path: oid, mode: '100644', oid }) as const);
  const blobs = await readBlobs(git, files);
  return new Map([...blobs].map(([oid, content]) => [oid, reader.entriesIn(content)]));
}
