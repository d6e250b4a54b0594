import type { Git } from './git.ts';
import { readObjects } from './objects.ts';
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

/**
 * Reads what earlier runs have left. A note counts only when this program made it: its e-mail address, our trailers, with an owner,
 * and no commit below it. Whoever may push to these refs can imitate that.
 *
 * @param notes commit ids by ref
 * @param botEmail of `forge.commit.email`
 * @returns by ref, those that have one
 * @throws AppError `GIT_FAILED`
 */
export async function readMemories(
  git: Git,
  notes: ReadonlyMap<string, string>,
  botEmail: string,
): Promise<ReadonlyMap<string, Memory>> {
  const names = [...notes.values()].flatMap((commit) => [commit, `${commit}:${memoryFile}`]);
  const objects = await readObjects(git, 'reading notes', names);
  const textOf = (index: number) => {
    const object = objects[index];
    return object === undefined ? undefined : Buffer.from(object.content).toString('utf8');
  };
  const memories = new Map<string, Memory>();
  [...notes.keys()].forEach((ref, index) => {
    const [commit, text] = [textOf(2 * index), textOf(2 * index + 1)];
    const made = commit === undefined ? undefined : madeBy(commit, botEmail);
    if (made !== undefined && text !== undefined) memories.set(ref, { ...made, text });
  });
  return memories;
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
