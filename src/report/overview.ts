import type { Scope } from '../core/scope.ts';
import { unitKey } from '../core/unit.ts';
import type { Words } from '../core/words.ts';
import type { Show } from '../model/text.ts';
import { tallyHeld } from './held.ts';
import type { RunReport } from './run-report.ts';
import { describeUnplanned, headline, isWorthTelling } from './words.ts';

/** What a run found in counts alone: one line a scope, and one for each generator that was not planned. */
export function renderOverview({ generators, failed }: RunReport, show: Show): string {
  const scopes = generators.flatMap(({ generator: { words }, scopes: all }) =>
    all.filter(isWorthTelling).map((scope) => scopeLine(scope, words)),
  );
  const lines = [...scopes, ...failed.map((it) => `held: ${describeUnplanned(it, show)}`)];
  if (lines.length === 0) return `No changes. Git matches ${generators[0].generator.words.nouns.source}.\n`;
  return lines.map((line) => `${line}\n`).join('');
}

function scopeLine(scope: Scope, words: Words<unknown>): string {
  const unread = new Set(scope.kept.map(unitKey)).size;
  return [
    `${scope.label}  ${headline(scope, words)}`,
    ...(scope.held.length === 0 ? [] : [`held: ${tallyHeld(scope)}`]),
    ...(unread === 0 ? [] : [`${unread} unchanged (read failed)`]),
  ].join('; ');
}
