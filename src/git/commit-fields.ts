import type { Git } from './git.ts';

/** What tells whose a commit is: the values of `commitFields`, in that order. */
export type CommitFields = readonly string[];

/**
 * As git-for-each-ref(1) calls them. One atom for all trailers: git 2.39 answers several, each with a key of its own, with one
 * and the same text.
 */
export const commitFields = ['parent', 'authoremail', 'committeremail', 'contents:trailers:only,unfold'];

/** The same fields of any commit; none where there is no such commit. */
export async function readCommitFields(git: Git, commit: string): Promise<CommitFields> {
  const form = '--format=%P%x00<%ae>%x00<%ce>%x00%(trailers:only,unfold)%x00';
  return rows((await git.ask('show', '--no-patch', form, commit)) ?? '', commitFields.length)[0] ?? [];
}

/** Each field ends with the one character that no commit can hold, so that a message cannot make up a row. */
export function rows(said: string, size: number): readonly (readonly string[])[] {
  const texts = said.split('\0');
  return Array.from({ length: Math.floor(texts.length / size) }, (_, row) =>
    texts.slice(row * size, (row + 1) * size).map((text, field) => (field === 0 ? text.replace(/^\n/, '') : text)),
  );
}
