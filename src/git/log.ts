import { trailerKeys } from './trailers.ts';

const trailer = (key: string) => `%(trailers:key=${key},valueonly)`;
const fields = ['%P', '%cI', '%an', trailer(trailerKeys.scope), trailer(trailerKeys.polled), '%s'];
const format = `--format=%x01%H%x00${fields.map((field) => `${field}%x00`).join('')}`;

/** What makes `git log` print what `parseLog` reads. */
export const logArgs = ['--raw', '--no-abbrev', '--no-renames', '-z', format] as const;

/** A commit, with what tells whose it is. */
export interface LoggedCommit {
  readonly commit: string;
  readonly parents: readonly string[];
  /** RFC 3339: when it was made, or came to the base branch. */
  readonly at: string;
  readonly author: string;
  /** Of our trailers, empty without. */
  readonly scope: string;
  readonly polled: string;
  /** The first line of its message. */
  readonly subject: string;
}

/** A path, and git's ids of its content before and after; undefined for no file. */
export interface LoggedChange {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** `\x01<fields>\0…\0:<mode> <mode> <oid> <oid> <status>\0<path>\0…`: no field can hold a NUL (git-log(1), `-z`). */
export function parseLog(
  said: string,
): readonly { readonly head: LoggedCommit; readonly changes: readonly LoggedChange[] }[] {
  const texts = said.split('\0');
  const commits: { readonly head: LoggedCommit; readonly changes: LoggedChange[] }[] = [];
  for (let at = 0; at < texts.length; at++) {
    const text = (texts[at] ?? '').replace(/^\n+/, '');
    if (text.startsWith('\u0001')) {
      const [parents = '', time = '', author = '', scope = '', polled = '', subject = ''] = texts.slice(
        at + 1,
        at + 1 + fields.length,
      );
      const ours = { scope: scope.trim(), polled: latestOf(polled) };
      const head = { commit: text.slice(1), parents: parents.split(' '), at: time, author, subject, ...ours };
      commits.push({ head, changes: [] });
      at += fields.length;
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
export function latestOf(times: string): string {
  return times.split(/\s+/).sort().at(-1) ?? '';
}
