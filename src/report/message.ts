import type { Scope } from '../core/scope.ts';
import { namesOf, type UnitId } from '../core/unit.ts';
import type { Words } from '../core/words.ts';
import { type Show, someOf } from '../model/text.ts';
import { type Row, toRows } from './rows.ts';
import { withoutCommands } from './runner.ts';
import { visible } from './visible.ts';
import { placeIn, titleOf } from './words.ts';

/** Of the text alone: `visible` takes a limit too, which `names.map(visible)` would make of an index. */
const show: Show = (text) => withoutCommands(visible(text));

/** A message nobody has to scroll through; the note or the pull request has the rest. */
const most = 50;

/**
 * The message of a proposing commit: the title, one line per change, the trailers.
 *
 * @param trailers key and value, both without line breaks
 */
export function renderMessage(
  scope: Scope,
  words: Words<unknown>,
  trailers: readonly (readonly [string, string])[],
): string {
  const { rows, causes } = toRows(scope.changes, words, show);
  const lines = causes.map((line) => `! ${line}`);
  for (const row of rows) {
    if (lines.length === causes.length + most) break;
    lines.push(changeLine(row, words));
  }
  const rest = scope.changes.length - most;
  if (rest > 0) lines.push(`… and ${rest} more`);
  const place = (unit: UnitId) => placeIn(scope, unit);
  for (const { label, places } of words.warnings(scope.notes, place, { show, code: show })) {
    lines.push(`! ${label}: ${someOf(places)}`);
  }
  const body = lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
  return `${titleOf(scope, words)}\n${body}\n${trailers.map(([key, text]) => `${key}: ${text}`).join('\n')}\n`;
}

function changeLine({ sign, part, who, why, change }: Row, words: Words<unknown>): string {
  const heading = words.heading?.(change);
  if (heading !== undefined) return `${sign} ${show(heading)}, ${who}: ${show(part)}, ${why}`;
  return `${sign} ${who} in ${[...namesOf(change), part].map(show).join(' ')}: ${why}`;
}
