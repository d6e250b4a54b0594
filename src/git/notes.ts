import { maxCommitBytes } from './commit-fields.ts';
import type { Git } from './git.ts';
import { readSmallObjects, type SizedObject } from './objects.ts';
import { isOwnCommit, readTrailers } from './trailers.ts';

/** What a run has left for those that follow, beside the note on a branch. */
export interface Memory {
  /** Whose it is, see `ownerText`. */
  readonly owner: string;
  /** When Athenz was polled, as the note's commit says. */
  readonly polled: string;
  /** As it was written. */
  readonly text: string;
}

/** The file of a note that holds it; no name of a commit, so that `git notes` leaves it alone. */
export const memoryFile = 'proofs.json';

/** A note of ours with more in it is not read; a proof takes some hundred bytes. */
const maxMemoryBytes = 8 * 1024 ** 2;

/** What notes hold. */
export interface Memories {
  /** By ref, those that have one. */
  readonly memories: ReadonlyMap<string, Memory>;
  /** Refs of ours that hold more than is read. */
  readonly tooLarge: readonly string[];
}

/**
 * Reads what earlier runs have left. A note counts only when this program made it: its e-mail address, our trailers, with an owner,
 * and no commit below it. Whoever may push to these refs can imitate that, and choose how large a note is: its size is looked at
 * before it is read.
 *
 * @param notes commit ids by ref
 * @param botEmail of `forge.commit.email`
 * @param name of the file that holds it
 * @throws AppError `GIT_FAILED`
 */
export async function readMemories(
  git: Git,
  notes: ReadonlyMap<string, string>,
  botEmail: string,
  name = memoryFile,
): Promise<Memories> {
  const names = [...notes.values()].flatMap((commit) => [commit, `${commit}:${name}`]);
  const objects = await readSmallObjects(git, 'reading notes', names, maxMemoryBytes);
  const memories = new Map<string, Memory>();
  const tooLarge: string[] = [];
  for (const [index, ref] of [...notes.keys()].entries()) {
    const [commit, file] = [objects[2 * index], objects[2 * index + 1]];
    const head = textOf(commit, 'commit');
    const made = head === undefined || head.length > maxCommitBytes ? undefined : madeBy(head, botEmail);
    if (made === undefined) continue;
    const text = textOf(file, 'blob');
    if (text !== undefined) memories.set(ref, { ...made, text });
    if (file === 'too large') tooLarge.push(ref);
  }
  return { memories, tooLarge };
}

function textOf(object: SizedObject | undefined, type: string): string | undefined {
  if (object === undefined || object === 'too large' || object.type !== type) return undefined;
  return Buffer.from(object.content).toString('utf8');
}

/** Whose run made a note of ours, and when it polled. */
function madeBy(commit: string, botEmail: string): Omit<Memory, 'text'> | undefined {
  const [headers = '', ...message] = commit.split('\n\n');
  if (/^parent /m.test(headers)) return undefined;
  const [author = '', committer = ''] = ['author', 'committer'].map(
    (name) => new RegExp(`^${name} .*(<[^<>\\n]*>) \\d+ [+-]\\d{4}$`, 'm').exec(headers)?.[1] ?? '',
  );
  const trailers = message.at(-1) ?? '';
  if (!isOwnCommit(author, committer, trailers, botEmail)) return undefined;
  const { owner, polled } = readTrailers(trailers);
  return owner === undefined || polled === undefined ? undefined : { owner, polled };
}
