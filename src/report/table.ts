import type { Change } from '../core/change.ts';
import { isSameUnit, namesOf } from '../core/unit.ts';
import type { Words } from '../core/words.ts';
import { capital, count } from '../model/text.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { type Row, toRows } from './rows.ts';

/** How much of the changes a table shows. */
export interface TableLevel {
  /** Names in one row; 0: they are counted. */
  readonly gainNames: number;
  readonly lossNames: number;
  readonly rows: number;
}

/** What a part allows stands beside it up to this length; longer ones below the table, once. */
const longestWhat = 40;
const mostLegends = 20;

/** One line of the table: all subjects of the same change in one part of one unit for the same reason. */
interface Line {
  readonly sign: Row['sign'];
  readonly place: string;
  readonly part: string;
  /** Those that a level may name, and how many there are. */
  readonly who: string[];
  amount: number;
  readonly why: string;
}

/** Changes as lines, from which the table of each level is made. */
export interface TableLines {
  readonly lines: readonly Line[];
  /** What parts allow, for which a cell is too small. */
  readonly legend: readonly string[];
  readonly causes: readonly string[];
}

/** Names that any of some levels shows in one row. */
export type MostNames = Pick<TableLevel, 'gainNames' | 'lossNames'>;

const marks = { '+': '➕', '-': '➖', '~': '✎' } as const;

/**
 * The table of what is added and removed. When there are more lines than a level has, those that remove or modify are kept first.
 *
 * @param options `elsewhere`: in Markdown, where the other lines are found; `several`: clusters are named; `told`: the changes as
 *   lines, where several tables are made from them
 */
export function changeTable(
  changes: readonly Change[],
  words: Words<unknown>,
  level: TableLevel,
  {
    elsewhere = 'see the files',
    several = areSeveral(changes),
    told = tableLines(changes, words, level, several),
  }: { readonly elsewhere?: string; readonly several?: boolean; readonly told?: TableLines } = {},
): string {
  if (changes.length === 0) return '';
  const { nouns, headings } = words;
  const { causes, legend } = told;
  const lines = atLevel(told.lines, level);
  const shown = choose(lines, level.rows);
  const head = [
    '',
    ...(several ? ['Cluster'] : []),
    capital(nouns.unit),
    capital(nouns.part),
    headings.who,
    headings.why,
  ];
  const hidden = lines.length - shown.length;
  return [
    ...(causes.length === 0 ? [] : [...causes.map((line) => `- ${line}`), '']),
    `| ${head.join(' | ')} |`,
    `|${' --- |'.repeat(head.length)}`,
    ...shown.map(
      (it) => `| ${marks[it.sign]} | ${it.place} | ${it.part} | ${names(it, level, nouns.subject)} | ${it.why} |`,
    ),
    ...(legend.length === 0 ? [] : ['', ...legend]),
    ...(hidden > 0 ? [`\n… and ${count(hidden, 'more row')}: ${elsewhere}.`] : []),
  ].join('\n');
}

/** The changes as lines of a table. @param several clusters are named */
export function tableLines(
  changes: readonly Change[],
  words: Words<unknown>,
  names: MostNames,
  several = areSeveral(changes),
): TableLines {
  const { rows, causes } = toRows(changes, words, show);
  const lines = new Map<string, Line>();
  const legend = new Set<string>();
  const lineOf = (row: Row) => {
    const { sign, change, what = '', why } = row;
    const place = `${several ? `${show(change.cluster)} | ` : ''}${placeCell(change, words)}`;
    const part = partCell(row);
    if (what.length > longestWhat && legend.size < mostLegends) legend.add(`- ${showCode(row.part)}: ${what}`);
    return lineIn(lines, { sign, place, part, why });
  };
  let last: { readonly row: Row; readonly line: Line } | undefined;
  for (const row of rows) {
    // Changes of one part follow each other, and a first run has one for each grant of a fleet.
    const line: Line = last !== undefined && isAlike(last.row, row) ? last.line : lineOf(row);
    last = { row, line };
    line.amount++;
    if (line.who.length < mostNames(line.sign, names)) line.who.push(row.who);
  }
  return { lines: [...lines.values()], legend: [...legend], causes };
}

function areSeveral(changes: readonly Change[]): boolean {
  return new Set(changes.map((change) => change.cluster)).size > 1;
}

/** Whether two rows are of one line. */
function isAlike(a: Row, b: Row): boolean {
  const isSame = a.sign === b.sign && a.part === b.part && a.what === b.what && a.why === b.why;
  return isSame && isSameUnit(a.change, b.change);
}

function lineIn(lines: Map<string, Line>, it: Omit<Line, 'who' | 'amount'>): Line {
  const key = `${it.sign}|${it.place}|${it.part}|${it.why}`;
  const line = lines.get(key) ?? { ...it, who: [], amount: 0 };
  lines.set(key, line);
  return line;
}

/** Where nobody is named there is no reason either: lines that it told apart become one. */
function atLevel(lines: readonly Line[], level: TableLevel): readonly Line[] {
  if (level.gainNames > 0 && level.lossNames > 0) return lines;
  const merged = new Map<string, Line>();
  for (const line of lines) {
    const most = mostNames(line.sign, level);
    const into = lineIn(merged, most > 0 ? line : { ...line, why: '' });
    into.amount += line.amount;
    for (const who of line.who.slice(0, Math.max(0, most - into.who.length))) into.who.push(who);
  }
  return [...merged.values()];
}

function placeCell(change: Change, { heading }: Words<unknown>): string {
  return heading === undefined ? namesOf(change).map(show).join('/') : show(heading(change));
}

function partCell({ part, what }: Row): string {
  return what !== undefined && what.length <= longestWhat ? `${showCode(part)} (${what})` : showCode(part);
}

function names({ sign, who, amount }: Line, level: TableLevel, noun: string): string {
  const most = mostNames(sign, level);
  if (most === 0) return count(amount, noun);
  return amount > most ? `${who.slice(0, most).join(', ')} and ${amount - most} more` : who.join(', ');
}

function mostNames(sign: Row['sign'], { gainNames, lossNames }: MostNames): number {
  return sign === '+' ? gainNames : sign === '-' ? lossNames : Number.POSITIVE_INFINITY;
}

function choose(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  const byWeight = [...lines.filter(({ sign }) => sign !== '+'), ...lines.filter(({ sign }) => sign === '+')];
  const chosen = new Set(byWeight.slice(0, most));
  return lines.filter((line) => chosen.has(line));
}
