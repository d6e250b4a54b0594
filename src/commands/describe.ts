import type { ForgeConfig } from '../config/types.ts';
import type { Proposal } from '../model/proposal.ts';
import { capital, shortTime } from '../model/text.ts';
import { visible } from '../report/visible.ts';

/** What a run may and does, as far as its sentences depend on it. */
interface Mode {
  readonly kind: ForgeConfig['kind'];
  /** Nothing was done. */
  readonly dryRun: boolean;
}

/** One line of what became of a proposal, or would have; empty when there is nothing to say. */
export function describeProposal(proposal: Proposal, { kind, dryRun }: Mode): string {
  const { action, reason, next, pull, removalsSince } = proposal;
  const branch = visible(proposal.branch, 500);
  const because = reason === undefined ? '' : ` because ${visible(reason, 500)}`;
  const it = pull === undefined ? branch : visible(pull.url, 500);
  const since = removalsSince === undefined ? '' : `, with removals since ${shortTime(removalsSince)}`;
  switch (action) {
    case 'none':
      return '';
    case 'commit':
      return dryRun
        ? `Would commit to branch ${branch}.`
        : `Committed to branch ${branch}: review it with git show ${(proposal.commit ?? '').slice(0, 12)}`;
    case 'create':
    case 'update':
      return dryRun ? `Would ${action} ${what(proposal, kind)}.` : describeWritten(proposal, action, kind);
    case 'up-to-date':
      return `Up to date: ${it} (awaiting merge${since}).`;
    case 'delete': {
      const done = pull === undefined ? `delete branch ${branch}` : `close ${it}`;
      const why = reason === undefined ? ': no longer needed' : `; ${visible(reason, 500)}`;
      return `${dryRun ? `Would ${done}` : past(done)}${why}.`;
    }
    case 'leave':
    case 'waiting':
    case 'blocked':
    case 'superseded':
      return `Skipped ${action === 'waiting' ? branch : it}${because}.`;
    case 'declined':
      return `Skipped ${branch}${because}${since}. Reopen ${pull === undefined ? 'it' : it} to propose it again.`;
    case 'failed': {
      // A server's words may end their sentence themselves.
      const why = reason === undefined ? '' : `: ${visible(reason, 500).replace(/\.$/, '')}`;
      return `Failed to propose ${branch}${why}.${next === undefined ? '' : ` Next: ${visible(next, 500)}.`}`;
    }
  }
}

function describeWritten(proposal: Proposal, action: 'create' | 'update', kind: Mode['kind']): string {
  const done = `${past(action)} ${what(proposal, kind)}`;
  if (proposal.pull !== undefined) return `${done}.`;
  const notes = kind === 'local' ? " --notes='*'" : '';
  return `${done}: review it with git log -1 -p${notes} ${visible(proposal.branch, 500)}`;
}

function what({ pull, branch }: Proposal, kind: Mode['kind']): string {
  if (pull !== undefined) return visible(pull.url, 500);
  return `${kind === 'github' ? 'a pull request from' : 'branch'} ${visible(branch, 500)}`;
}

/** `Deleted branch …` of `delete branch …`; each verb ends in an "e". */
function past(words: string): string {
  const [verb = '', ...rest] = words.split(' ');
  return [`${capital(verb)}d`, ...rest].join(' ');
}
