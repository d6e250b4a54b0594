import { hash, randomUUID } from 'node:crypto';
import { encodePath } from '../model/path.ts';
import { blobId, type ObjectFormat } from '../model/tree.ts';
import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';
import { differences } from './touched.ts';

export interface CommitFile {
  readonly path: string;
  /** Not set: the file goes. Read when it is written, so it may be made then. */
  readonly text?: string;
  /** git's id of the text, where that is known. */
  readonly oid?: string;
}

export interface CommitRequest {
  /** Parent; not set: the commit begins a branch. */
  readonly base?: string;
  readonly files: readonly CommitFile[];
  /** Subject, body and trailers. */
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Milliseconds since the epoch. */
  readonly when: number;
  /** Text attached to the commit, readable with `git notes`. */
  readonly note?: string;
  /** Files beside the note, by name, for the runs that follow; `git notes` leaves them alone. */
  readonly beside?: Readonly<Record<string, string>>;
}

/** Commits that exist in the repository but that no ref points at yet. */
export interface WrittenCommit {
  readonly commit: string;
  readonly note?: string;
}

/**
 * Writes one commit, and the note on it, without work tree and index: the cost follows what changes, not the size of the
 * tree (`fast-import`, 10 ms for a file among 72,000). No ref is left behind, so that a killed run leaves nothing but
 * unreachable objects, which git clears away by itself.
 *
 * @throws AppError `GIT_FAILED`, also when the commit would hold anything else than was asked for
 */
export async function writeCommit(git: Git, request: CommitRequest): Promise<WrittenCommit> {
  const commit = await fastImport(git, (ref) => commitStream(ref, request));
  await proveCommit(git, request, commit);
  const { note: text, beside } = request;
  if (text === undefined && beside === undefined) return { commit };
  const body = text === undefined ? {} : { body: { commit, text } };
  return { commit, note: await writeNote(git, { ...request, ...body, beside: beside ?? {} }) };
}

/** A note without a commit that it came with. */
export interface NoteRequest extends Pick<CommitRequest, 'author' | 'when' | 'message'> {
  readonly body?: { readonly commit: string; readonly text: string };
  readonly beside: Readonly<Record<string, string>>;
}

/** As `writeCommit`, the note alone: a commit without a parent. @returns its id */
export function writeNote(git: Git, request: NoteRequest): Promise<string> {
  return fastImport(git, (ref) => noteStream(ref, request));
}

/** Reads back what a commit changes: every file that was asked for, as it was asked for, and no other. */
async function proveCommit(git: Git, { base, files }: CommitRequest, commit: string): Promise<void> {
  const before = base ?? emptyTree(commit.length === 40 ? 'sha1' : 'sha256');
  const made = new Map((await differences(git, before, commit)).map(({ path, after }) => [path, after.split(' ')[1]]));
  const format = commit.length === 40 ? 'sha1' : 'sha256';
  const idOf = (file: CommitFile) => {
    if (file.oid !== undefined) return file.oid;
    return file.text === undefined ? '0'.repeat(commit.length) : blobId(file.text, format);
  };
  const missing = files.find((file) => made.get(file.path) !== idOf(file));
  if (missing === undefined && made.size === files.length) return;
  const what = JSON.stringify(missing?.path ?? 'other files too');
  throw gitFailed('writing a commit', `it does not match the plan: ${what}`);
}

/** git knows it without having it. */
function emptyTree(format: ObjectFormat): string {
  return hash(format, 'tree 0\0');
}

/** Commits are made on a ref below this, which is never written. */
export const temporaryRef = 'refs/athenz-gitops/tmp/';

/**
 * Runs one stream that makes the commit `:1` on a ref that is reset before git would write it. (A reset to nothing, `from 0…`,
 * would have git delete a ref that is not there, for which it locks all refs: a git killed there leaves that lock behind.)
 */
async function fastImport(git: Git, stream: (ref: string) => Iterable<string>): Promise<string> {
  const ref = `${temporaryRef}${randomUUID()}`;
  // The names are the commit's, whatever the file system that git has met here makes of them.
  const args = ['-c', 'core.ignoreCase=false', 'fast-import', '--quiet', '--done', '--date-format=raw'];
  const { code, stdout, stderr } = await git.feed(args, wrapped(ref, stream(ref)));
  const id = stdout.toString('latin1').trim();
  if (code !== 0 || !/^[0-9a-f]{40,64}$/.test(id)) throw gitFailed('writing a commit', stderr);
  return id;
}

function* wrapped(ref: string, stream: Iterable<string>): Iterable<string> {
  // In one piece, so that the report of a git whose input ends anywhere behind it names the ref.
  yield `feature done\n# ${ref}\n`;
  yield* stream;
  yield `get-mark :1\nreset ${ref}\n\ndone\n`;
}

function* commitStream(ref: string, { base, files, message, author, when }: CommitRequest): Iterable<string> {
  yield head(ref, author, when, message);
  if (base !== undefined) yield `from ${base}\n`;
  for (const file of files) {
    const { path, text } = file;
    yield text === undefined ? `D ${quotePath(path)}\n` : `M 100644 inline ${quotePath(path)}\n${data(text)}`;
  }
  yield '\n';
}

function* noteStream(ref: string, { author, when, message, body, beside }: NoteRequest): Iterable<string> {
  yield head(ref, author, when, message);
  if (body !== undefined) yield `N inline ${body.commit}\n${data(body.text)}`;
  for (const [name, text] of Object.entries(beside)) yield `M 100644 inline ${quotePath(name)}\n${data(text)}`;
  yield '\n';
}

function head(ref: string, author: CommitRequest['author'], when: number, message: string): string {
  const who = `${author.name} <${author.email}> ${Math.floor(when / 1000)} +0000`;
  return `commit ${ref}\nmark :1\nauthor ${who}\ncommitter ${who}\n${data(message)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** A path as git-fast-import(1) reads it whatever bytes it holds: quoted as a C string. */
function quotePath(path: string): string {
  const plain = (byte: number) => byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
  const units = Array.from(encodePath(path), (byte) =>
    plain(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  return `"${units.join('')}"`;
}
