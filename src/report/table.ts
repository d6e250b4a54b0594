import type { AccessChange, Permission } from '../model/change.ts';
import { unreachable } from '../model/outcome.ts';
import { type Causes, causeLines, causesOf, whyOf } from './causes.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { count, describePermission, describePermissionChange, describeSubject, someOf, whyGain } from './words.ts';

/** How much of the changes a table shows. */
export interface TableLevel {
  /** Names in one row; 0: people are counted. */
  readonly gainNames: number;
  readonly lossNames: number;
  readonly rows: number;
}

/** Rules up to this long stand beside the role; longer ones below the table, once. */
const shortPermission = 40;

/** One row: everybody to whom the same happens in one role of one namespace for the same reason. */
interface Row {
  readonly sign: '➕' | '➖' | '✎';
  readonly place: string;
  readonly role: string;
  readonly who: string[];
  readonly why: string;
}

/**
 * The table of who gains and who loses what. When there are more rows than a level has, those that remove access or
 * change what a role allows are kept first.
 *
 * @param options `elsewhere`: in Markdown, where the other rows are found; `several`: clusters are named
 */
export function changeTable(
  changes: readonly AccessChange[],
  level: TableLevel,
  { elsewhere = 'see the files', several = new Set(changes.map((change) => change.cluster)).size > 1 } = {},
): string {
  if (changes.length === 0) return '';
  const causes = causesOf(changes, show);
  const rows = toRows(changes, level, several, causes);
  const shown = choose(rows, level.rows);
  const head = ['', ...(several ? ['Cluster'] : []), 'Namespace', 'Role', 'Who', 'Why'];
  const lines = shown.map((row) => `| ${row.sign} | ${row.place} | ${row.role} | ${names(row, level)} | ${row.why} |`);
  const hidden = rows.length - shown.length;
  const rest = hidden > 0 ? [`\n… and ${count(hidden, 'more row')}: ${elsewhere}.`] : [];
  const named = causeLines(causes).map((line) => `- ${line}`);
  const above = named.length === 0 ? [] : [...named, ''];
  return [
    ...above,
    `| ${head.join(' | ')} |`,
    `|${' --- |'.repeat(head.length)}`,
    ...lines,
    ...legend(changes),
    ...rest,
  ].join('\n');
}

function toRows(changes: readonly AccessChange[], level: TableLevel, several: boolean, causes: Causes): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const change of changes) {
    const place = `${several ? `${show(change.cluster)} | ` : ''}${show(change.namespace)}`;
    const row = toRow(change, place, level, causes);
    const key = `${row.sign}|${row.place}|${row.role}|${row.why}`;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, row);
    else known.who.push(...row.who);
  }
  return [...rows.values()];
}

function toRow(change: AccessChange, place: string, level: TableLevel, causes: Causes): Row {
  switch (change.kind) {
    case 'gain': {
      const why = level.gainNames > 0 ? whyGain(change, show) : '';
      return { sign: '➕', place, role: roleCell(change), who: [describeSubject(change.subject, show)], why };
    }
    case 'lose': {
      const why = level.lossNames > 0 ? whyOf(change, causes, show) : '';
      return { sign: '➖', place, role: roleCell(change), who: [describeSubject(change.subject, show)], why };
    }
    case 'permission': {
      const who = `everyone who stays in it (${change.subjects})`;
      return { sign: '✎', place, role: showCode(change.role), who: [who], why: describePermissionChange(change, show) };
    }
    case 'mapping': {
      const why = `comes from domain ${show(change.after)} instead of ${show(change.before)}`;
      return { sign: '✎', place, role: showCode(change.role), who: ['everyone in it'], why };
    }
    default:
      return unreachable(change);
  }
}

function roleCell({ role, permission }: { readonly role: string; readonly permission: Permission }): string {
  const may = describePermission(permission, show);
  return may.length <= shortPermission ? `${showCode(role)} (${may})` : showCode(role);
}

/** What the roles allow whose rules are too long for a cell. */
function legend(changes: readonly AccessChange[]): readonly string[] {
  const roles = new Map<string, string>();
  for (const change of changes) {
    if (change.kind !== 'gain' && change.kind !== 'lose') continue;
    const may = describePermission(change.permission, show);
    if (may.length > shortPermission) roles.set(`${showCode(change.role)}: ${may}`, '');
  }
  return roles.size === 0 ? [] : ['', ...[...roles.keys()].slice(0, 20).map((line) => `- ${line}`)];
}

function names({ sign, who }: Row, level: TableLevel): string {
  const most = sign === '➕' ? level.gainNames : sign === '➖' ? level.lossNames : Number.POSITIVE_INFINITY;
  if (most === 0) return count(who.length, 'subject');
  return someOf(who, most);
}

function choose(rows: readonly Row[], most: number): readonly Row[] {
  if (rows.length <= most) return rows;
  const byWeight = [...rows.filter((row) => row.sign !== '➕'), ...rows.filter((row) => row.sign === '➕')];
  const chosen = new Set(byWeight.slice(0, most));
  return rows.filter((row) => chosen.has(row));
}
