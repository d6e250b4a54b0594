import type { AccessChange, Scope } from '../model/change.ts';
import { unreachable } from '../model/outcome.ts';
import { type Causes, causeLines, causesOf, whyOf } from './causes.ts';
import { emptiedPlaces } from './held.ts';
import { withoutCommands } from './runner.ts';
import { visible } from './visible.ts';
import { describePermissionChange, describeSubject, type Show, someOf, titleOf, whyGain } from './words.ts';

/** Of the text alone: `visible` takes a limit too, which `names.map(visible)` would make of an index. */
const show: Show = (text) => withoutCommands(visible(text));

/** A message nobody has to scroll through; the note or the pull request has the rest. */
const most = 50;

/**
 * The message of a proposing commit: the title, one line per change, the trailers.
 *
 * @param trailers key and value, both without line breaks
 */
export function renderMessage(scope: Scope, trailers: readonly (readonly [string, string])[]): string {
  const causes = causesOf(scope.changes, show);
  const lines = scope.changes.slice(0, most).map((change) => changeLine(change, causes));
  const named = causeLines(causes).map((line) => `! ${line}`);
  const rest = scope.changes.length - lines.length;
  if (rest > 0) lines.push(`… and ${rest} more`);
  const left = emptiedPlaces(scope, show);
  if (left.length > 0) lines.push(`! left without anyone: ${someOf(left)}`);
  lines.unshift(...named);
  const body = lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
  return `${titleOf(scope)}\n${body}\n${trailers.map(([key, text]) => `${key}: ${text}`).join('\n')}\n`;
}

function changeLine(change: AccessChange, causes: Causes): string {
  const place = `${show(change.namespace)} ${show(change.role)}`;
  switch (change.kind) {
    case 'gain':
      return `+ ${describeSubject(change.subject, show)} in ${place}: ${whyGain(change, show)}`;
    case 'lose':
      return `- ${describeSubject(change.subject, show)} in ${place}: ${whyOf(change, causes, show)}`;
    case 'permission':
      return `~ ${place}: ${describePermissionChange(change, show)}`;
    case 'mapping':
      return `~ ${place}: from domain ${show(change.after)} instead of ${show(change.before)}`;
    default:
      return unreachable(change);
  }
}
