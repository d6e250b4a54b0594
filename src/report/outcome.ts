import type { Proposal, RunResult } from '../model/result.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { count, shortTime } from './words.ts';

/** What became of a proposal, in Markdown; empty when there was nothing to propose. */
export function outcomeCell(proposal: Proposal, { dryRun, polledAt }: Pick<RunResult, 'dryRun' | 'polledAt'>): string {
  if (proposal.action === 'none') return '';
  const { action, reason, next, removalsSince: since } = proposal;
  const why = reason === undefined ? '' : `: ${show(reason)}`;
  const todo = next === undefined ? '' : `. Next: ${show(next)}`;
  const again = action === 'declined' ? '. Reopen it to have it after all' : '';
  const age = since === undefined ? '' : `. ⏱️ Removals wait since ${shortTime(since)} (${ageOf(since, polledAt)})`;
  return `${outcomeWords(proposal, dryRun)}${why}${todo}${again}${age}`;
}

function outcomeWords(proposal: Proposal, dryRun: boolean): string {
  const { action } = proposal;
  const it = link(proposal);
  switch (action) {
    case 'none':
      return '';
    case 'create':
      return dryRun ? `would be proposed as ${it}` : `proposed: ${it}`;
    case 'update':
      return dryRun ? `${it} would be proposed anew` : `proposed anew: ${it}`;
    case 'up-to-date':
      return `waits to be merged: ${it}`;
    case 'delete':
      return dryRun ? `${it} would be taken away, as it is not needed any more` : `not needed any more: ${it}`;
    case 'leave':
      return `left as it is: ${it}`;
    case 'waiting':
      return 'not proposed yet';
    case 'declined':
      return `**declined**: ${it}`;
    case 'blocked':
      return `**blocked**: ${it}`;
    case 'superseded':
      return `left to a later run: ${it}`;
    case 'failed':
      return `**failed**: ${it}`;
  }
}

/** A pull request by its number, a branch by its name. Only an address that nothing can break out of becomes a link. */
function link({ pull, branch }: Proposal): string {
  if (pull === undefined) return showCode(branch);
  return /^https?:\/\/[A-Za-z0-9.:-]+(\/[A-Za-z0-9._-]+)+$/.test(pull.url)
    ? `[#${pull.number}](${pull.url})`
    : `#${pull.number}`;
}

/** `3 days`, `5 hours`. */
function ageOf(since: string, now: string): string {
  const hours = Math.max(0, Math.floor((Date.parse(now) - Date.parse(since)) / 3_600_000));
  return hours < 48 ? count(hours, 'hour') : count(Math.floor(hours / 24), 'day');
}
