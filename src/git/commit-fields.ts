import type { Git } from './git.ts';
import { linesOf } from './objects.ts';

/** What tells whose a commit is: parents, author, committer and trailers, see `placeholders`. */
export type CommitFields = readonly string[];

/** Commits above it, in bytes, are none of ours. */
export const maxCommitBytes = 1024 ** 2;

/** One for all trailers: git 2.39 answers several, each with a key of its own, with one and the same text. */
const placeholders = ['%P', '<%ae>', '<%ce>', '%(trailers:only,unfold)'];

/**
 * The fields of commits by id.
 *
 * @param commits of which none is larger than `maxCommitBytes`: their texts are others' work
 * @throws AppError `GIT_FAILED`
 */
export async function readCommits(git: Git, commits: readonly string[]): Promise<ReadonlyMap<string, CommitFields>> {
  if (commits.length === 0) return new Map();
  const form = `--format=${['%H', ...placeholders].map((field) => `${field}%x00`).join('')}`;
  const args = ['log', '--no-walk=unsorted', '--stdin', form];
  const said = await git.read('reading commits', args, linesOf(commits));
  const found = rows(said.toString('utf8'), placeholders.length + 1);
  return new Map(found.map(([commit = '', ...fields]) => [commit, fields]));
}

/** As `readCommits`, of one; none where it is not there, or too large to be ours. */
export async function readCommitFields(git: Git, commit: string): Promise<CommitFields> {
  const size = Number((await git.ask('cat-file', '-s', commit)) ?? Number.NaN);
  return size <= maxCommitBytes ? ((await readCommits(git, [commit])).get(commit) ?? []) : [];
}

/** Each field ends with the one character that no commit can hold, so that a message cannot make up a row. */
export function rows(said: string, size: number): readonly (readonly string[])[] {
  const texts = said.split('\0');
  return Array.from({ length: Math.floor(texts.length / size) }, (_, row) =>
    texts.slice(row * size, (row + 1) * size).map((text, field) => (field === 0 ? text.replace(/^\n/, '') : text)),
  );
}
