import { numberTexts } from '../../model/text-numbers.ts';
import type { Conditions, Content, Remembered } from './remembered.ts';

/**
 * What a file of the memo says: a line with keys, and one for each namespace, its name first. Kept as the bytes it is, and what is read of
 * a namespace is made each time: a part has thousands, of which one at a time is used.
 */
export interface MemoLines {
  /** What signed the documents that namespaces were made from: key id → print. */
  readonly keys: ReadonlyMap<string, string>;
  readonly size: number;
  /** The number of a namespace. */
  find(namespace: string): number | undefined;
  conditions(number: number): Conditions;
  content(number: number): Content;
  /** As it is in the file. */
  line(number: number): string;
}

const [tab, newline, space] = [9, 10, 32] as const;

/** @param bytes of a file that has proven to be written here; not set: it says nothing */
export function readLines(bytes: Buffer = Buffer.from('[]')): MemoLines {
  const names = numberTexts();
  /** Behind the end of the first line, and of each that follows. */
  const starts: number[] = [];
  for (let from = 0; from <= bytes.length; from = starts.at(-1) ?? 0) {
    if (from > 0) names.add(bytes.toString('latin1', from, bytes.indexOf(space, from)));
    const end = bytes.indexOf(newline, from);
    starts.push((end < 0 ? bytes.length : end) + 1);
  }
  const startOf = (number: number) => starts[number] ?? 0;
  const jsonIn = (from: number, to: number) => JSON.parse(bytes.toString('utf8', from, to));
  return {
    keys: new Map(jsonIn(0, startOf(0) - 1) as readonly [string, string][]),
    size: names.size,
    find: names.find,
    conditions: (number) => jsonIn(bytes.indexOf(space, startOf(number)) + 1, bytes.indexOf(tab, startOf(number))),
    content: (number) => jsonIn(bytes.indexOf(tab, startOf(number)) + 1, startOf(number + 1) - 1),
    line: (number) => bytes.toString('utf8', startOf(number), startOf(number + 1) - 1),
  };
}

/** When a namespace is as it was, and what it was: JSON of each, so that the first is read alone while the second waits. */
export function lineOf(namespace: string, { needs, since, until, ...content }: Remembered): string {
  return `${namespace} ${JSON.stringify({ needs, since, until })}\t${JSON.stringify(content)}`;
}

/** A file as `readLines` reads it. */
export function writeLines(keys: ReadonlyMap<string, string>, lines: Iterable<string>): string {
  return [JSON.stringify([...keys]), ...lines].join('\n');
}
