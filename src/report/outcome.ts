import type { Proposal } from '../model/proposal.ts';
import { count, shortTime } from '../model/text.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';

/** What became of a proposal, in Markdown; empty when there was nothing to propose. @param facts `asOf`: RFC 3339 UTC */
export function outcomeCell(
  proposal: Proposal,
  { dryRun, asOf }: { readonly dryRun: boolean; readonly asOf: string },
): string {
  if (proposal.action === 'none') return '';
  const { action, reason, next, removalsSince: since } = proposal;
  const why = reason === undefined ? '' : `${action === 'delete' ? '; ' : ': '}${show(reason)}`;
  const todo = next === undefined ? '' : `. Next: ${show(next)}`;
  const again = action === 'declined' ? '. Reopen it to propose it again' : '';
  const age = since === undefined ? '' : `. ⏱️ Removals wait since ${shortTime(since)} (${ageOf(since, asOf)})`;
  return `${outcomeWords(proposal, dryRun)}${why}${todo}${again}${age}`;
}

function outcomeWords(proposal: Proposal, dryRun: boolean): string {
  const { action, pull, reason } = proposal;
  const it = link(proposal);
  switch (action) {
    case 'none':
      return '';
    case 'commit':
      return `${dryRun ? 'would commit to' : 'committed to'} ${it}`;
    case 'create':
    case 'update':
      return dryRun ? `would ${action} ${it}` : `${action}d: ${it}`;
    case 'up-to-date':
      return `up to date, awaiting merge: ${it}`;
    case 'delete': {
      const verb = pull === undefined ? 'delete' : 'close';
      return `${dryRun ? `would ${verb}` : `${verb}d`} ${it}${reason === undefined ? ', no longer needed' : ''}`;
    }
    case 'leave':
    case 'superseded':
      return `skipped: ${it}`;
    case 'waiting':
      return 'not proposed yet';
    case 'declined':
      return `**declined**: ${it}`;
    case 'blocked':
      return `**blocked**: ${it}`;
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
