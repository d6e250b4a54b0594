import { stripVTControlCharacters } from 'node:util';
import { wrapAnsi } from 'fast-wrap-ansi';

/** A terminal that is narrower wraps by itself. */
const narrowest = 40;

/**
 * Breaks lines between words so that they fit. What goes on in the next line begins below the last column of a table, which has two
 * blanks or more before it, and else two blanks further in than the line. A word that is too long stays whole, to be copied.
 *
 * @param width columns of the terminal; undefined: not a terminal, and nothing is broken
 */
export function wrapText(text: string, width: number | undefined): string {
  if (width === undefined || width < narrowest) return text;
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width || line.trim() === '') return line;
  const plain = stripVTControlCharacters(line);
  const column = lastColumn(plain, Math.floor(width * 0.6));
  const start = column ?? plain.search(/\S|$/);
  const indent = column ?? start + 2;
  const [before, after] = splitAt(line, start);
  // Colours that began before go on in each line.
  const styles = before.match(style)?.join('') ?? '';
  return before + wrapAnsi(styles + after, width - indent).replaceAll('\n', `\n${' '.repeat(indent)}`);
}

/** Where the last column of a table begins; undefined for a sentence, and where too little would be left of the width. */
function lastColumn(plain: string, furthest: number): number | undefined {
  const columns = [...plain.matchAll(/\S {2,}(?=\S)/g)].map(({ index, 0: gap }) => index + gap.length);
  return columns.findLast((at) => at <= furthest);
}

const style = /\u001b\[[\d;]*m/g;

/** Splits a line behind so many visible characters. */
function splitAt(line: string, visible: number): readonly [before: string, after: string] {
  let at = 0;
  let seen = 0;
  for (const [part] of line.matchAll(/\u001b\[[\d;]*m|[^\u001b]|\u001b/gs)) {
    const isStyle = part.length > 1;
    if (seen === visible && !isStyle) break;
    at += part.length;
    if (!isStyle) seen++;
  }
  return [line.slice(0, at), line.slice(at)];
}
