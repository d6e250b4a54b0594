import picomatch from 'picomatch';
import { isExclusion } from '../config/globs.ts';

/** What one part of a glob, between slashes, takes of a path. */
type Part =
  /** One folder. */
  | { readonly kind: 'one'; readonly matches: (name: string) => boolean }
  /** `**`: any number of folders. */
  | { readonly kind: 'any' }
  /** It cannot be told apart from its neighbours: anything may follow. */
  | { readonly kind: 'open' };

/**
 * Tells of a path whether something below it may match a glob: whether its folders are a beginning of a match. Goes part
 * by part; a part that cannot be decided by itself counts as a match, so that the answer is never wrongly no.
 *
 * @param glob as picomatch reads it, without a leading `!`
 */
export function mayMatchBelow(glob: string): (path: string) => boolean {
  const bare = glob.replace(/^\.\//, '');
  if (isWhole(bare)) return () => true;
  const parts = bare.split('/').map(partOf);
  return (path) => {
    let places = skipping(parts, [0]);
    for (const name of path.split('/')) {
      if (places.some((place) => parts[place]?.kind === 'open')) return true;
      places = skipping(parts, [...new Set(places.flatMap((place) => after(parts[place], place, name)))]);
    }
    return places.some((place) => place < parts.length);
  };
}

/** Whether a glob cannot be taken apart: its parts mean something else in it than each by itself. */
function isWhole(glob: string): boolean {
  // A `!` negates behind `./` too, a `|` outside of groups divides the whole glob, and where picomatch rewrites a part
  // (`{1..3}`, `[[:alpha:]]`, `***`), a dot in any other takes every character.
  const { backtrack } = picomatch.parse(glob);
  return isExclusion(glob) || (glob.includes('|') && !isClosed(glob)) || backtrack;
}

/** The places that are reached as well when each `**` stands for no folder. */
function skipping(parts: readonly Part[], places: readonly number[]): readonly number[] {
  const reached = new Set<number>();
  for (let place of places) {
    reached.add(place);
    while (parts[place]?.kind === 'any') reached.add(++place);
  }
  return [...reached];
}

/** Where a match goes on behind one folder. */
function after(part: Part | undefined, place: number, name: string): readonly number[] {
  // As with `*`, names that start with a dot are no part of `**`.
  if (part?.kind === 'any') return name.startsWith('.') ? [] : [place];
  return part?.kind === 'one' && part.matches(name) ? [place + 1] : [];
}

function partOf(part: string): Part {
  if (part === '**') return { kind: 'any' };
  if (part === '') return { kind: 'one', matches: (name) => name === '' };
  if (part.includes('**') || /["'`\\]/.test(part) || !isClosed(part)) return { kind: 'open' };
  return { kind: 'one', matches: picomatch(part, { nonegate: true }) };
}

/** Whether all groups of a text end in it, and no `|` is outside of them: not so with a part of `{a/b,c}`, torn by its slash. */
function isClosed(part: string): boolean {
  const closing: string[] = [];
  for (const character of part) {
    const close = { '(': ')', '[': ']', '{': '}' }[character];
    if (close !== undefined) closing.push(close);
    else if (/[)\]}]/.test(character) && closing.pop() !== character) return false;
    else if (character === '|' && closing.length === 0) return false;
  }
  return closing.length === 0;
}
