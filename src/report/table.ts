import type { Change } from '../core/change.ts';
import { namesOf } from '../core/unit.ts';
import type { Words } from '../core/words.ts';
import { capital, count } from '../model/text.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { type Row, type Rows, toRows } from './rows.ts';

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
  /** Those that are named, and how many there are. */
  readonly who: string[];
  amount: number;
  readonly why: string;
}

const marks = { '+': '➕', '-': '➖', '~': '✎' } as const;

/**
 * The table of what is added and removed. When there are more lines than a level has, those that remove or modify are kept first.
 *
 * @param options `elsewhere`: in Markdown, where the other lines are found; `several`: clusters are named; `told`: the changes in
 *   words, where they are put into several tables
 */
export function changeTable(
  changes: readonly Change[],
  words: Words<unknown>,
  level: TableLevel,
  {
    elsewhere = 'see the files',
    several = new Set(changes.map((change) => change.cluster)).size > 1,
    told = tableRows(changes, words),
  }: { readonly elsewhere?: string; readonly several?: boolean; readonly told?: Rows } = {},
): string {
  if (changes.length === 0) return '';
  const { nouns, headings } = words;
  const { rows, causes } = told;
  const { lines, legend } = toLines(rows, words, level, several);
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

/** The changes in the words of a table. */
export function tableRows(changes: readonly Change[], words: Words<unknown>): Rows {
  return toRows(changes, words, show);
}

/** @returns with what the parts allow for which a cell is too small */
function toLines(
  rows: Iterable<Row>,
  words: Words<unknown>,
  level: TableLevel,
  several: boolean,
): { readonly lines: readonly Line[]; readonly legend: readonly string[] } {
  const lines = new Map<string, Line>();
  const legend = new Set<string>();
  for (const row of rows) {
    const { sign, who, change, what = '' } = row;
    const place = `${several ? `${show(change.cluster)} | ` : ''}${placeCell(change, words)}`;
    const most = mostNames(sign, level);
    const why = most > 0 ? row.why : '';
    const part = partCell(row);
    const key = `${sign}|${place}|${part}|${why}`;
    const line = lines.get(key) ?? { sign, place, part, who: [], amount: 0, why };
    lines.set(key, line);
    line.amount++;
    if (line.who.length < most) line.who.push(who);
    if (what.length > longestWhat && legend.size < mostLegends) legend.add(`- ${showCode(row.part)}: ${what}`);
  }
  return { lines: [...lines.values()], legend: [...legend] };
}

function placeCell(change: Change, { heading }: Words<unknown>): string {
  return heading === undefined ? namesOf(change).map(show).join('/') : show(heading(change));
}

function partCell({ part, what }: Row): string {
  return what !== undefined && what.length <= longestWhat ? `${showCode(part)} (${what})` : showCode(part);
}

function names({ sign, who, amount }: Line, level: TableLevel, noun: string): string {
  if (mostNames(sign, level) === 0) return count(amount, noun);
  return amount > who.length ? `${who.join(', ')} and ${amount - who.length} more` : who.join(', ');
}

function mostNames(sign: Row['sign'], { gainNames, lossNames }: TableLevel): number {
  return sign === '+' ? gainNames : sign === '-' ? lossNames : Number.POSITIVE_INFINITY;
}

function choose(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  const byWeight = [...lines.filter(({ sign }) => sign !== '+'), ...lines.filter(({ sign }) => sign === '+')];
  const chosen = new Set(byWeight.slice(0, most));
  return lines.filter((line) => chosen.has(line));
}
