import type { ForgeConfig } from '../config/types.ts';
import type { Proposal } from '../model/result.ts';
import { visible } from '../report/visible.ts';
import { shortTime } from '../report/words.ts';

/** One line of what became of a proposal; empty when there is nothing to say. */
export function describeProposal(proposal: Proposal, kind: ForgeConfig['kind']): string {
  const { action, reason, next, commit, pull, removalsSince } = proposal;
  const branch = visible(proposal.branch, 500);
  const why = reason === undefined ? '' : `: ${visible(reason, 500)}`;
  const url = pull === undefined ? '' : visible(pull.url, 500);
  const since = removalsSince === undefined ? '' : `, with removals since ${shortTime(removalsSince)}`;
  switch (action) {
    case 'none':
      return '';
    case 'create':
    case 'update': {
      const done = action === 'create' ? 'Proposed' : 'Proposed anew';
      if (pull !== undefined) return `${done}: ${url}`;
      if (commit === undefined) return `Would propose ${branch}.`;
      const notes = kind === 'local' ? " --notes='*'" : '';
      return `${done} as ${branch}: look at it with git log -1 -p${notes} ${branch}`;
    }
    case 'up-to-date':
      return `Proposed already as ${url || branch}, waiting to be merged${since}.`;
    case 'delete':
      return `Took ${url || branch} away: it is not needed any more${why}.`;
    case 'leave':
      return `Left ${url || branch} as it is${why}.`;
    case 'waiting':
      return `Did not propose ${branch} yet${why}.`;
    case 'declined':
      return `Did not propose ${branch} again${why}${since}. Reopen ${url || 'it'} to have it after all.`;
    case 'blocked':
      return `Did not touch ${url || branch}${why}.`;
    case 'superseded':
      return `Left ${branch} to a later run${why}.`;
    case 'failed':
      return `Could not propose ${branch}${why}.${next === undefined ? '' : ` Next: ${visible(next, 500)}.`}`;
  }
}
