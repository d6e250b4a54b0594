import type { ProposalAction, ProposedPull } from '../model/proposal.ts';
import { plansOf, type RunReport } from './run-report.ts';

/** What happened to pull requests (or branches, where those are all there is), in the words other actions use. */
export type Operation = 'created' | 'updated' | 'closed' | 'none';

/** The outputs of a step that ran the program, by name. A step or job that follows may decide by them. */
export type Outputs = Readonly<
  Record<'pull-request-number' | 'pull-request-url' | 'pull-requests' | 'operation' | 'changed' | 'held', string>
>;

/** Of several proposals, the one that matters most gives the operation, and the first open one the number and URL. */
export function outputsOf(report: RunReport): Outputs {
  const { proposals, dryRun } = report;
  const plans = plansOf(report);
  const operations = proposals.map(({ action }) => (dryRun ? 'none' : operationOf(action)));
  const pulls = proposals.flatMap(({ scope, pull }, at) =>
    pull === undefined ? [] : [{ scope, ...basics(pull), operation: operations[at] }],
  );
  const open = pulls.find(({ state }) => state === 'open');
  return {
    'pull-request-number': open === undefined ? '' : String(open.number),
    'pull-request-url': open?.url ?? '',
    'pull-requests': JSON.stringify(pulls),
    operation: (['created', 'updated', 'closed'] as const).find((it) => operations.includes(it)) ?? 'none',
    changed: String(plans.some(({ files }) => files.length > 0)),
    held: String(plans.reduce((sum, { held }) => sum + held.length, 0)),
  };
}

function basics({ number, url, state }: ProposedPull): Omit<ProposedPull, 'startsNoChecks'> {
  return { number, url, state };
}

function operationOf(action: ProposalAction): Operation {
  switch (action) {
    case 'create':
      return 'created';
    case 'update':
      return 'updated';
    case 'delete':
      return 'closed';
    case 'none':
    case 'commit':
    case 'up-to-date':
    case 'leave':
    case 'waiting':
    case 'declined':
    case 'blocked':
    case 'superseded':
    case 'failed':
      return 'none';
  }
}

/**
 * Outputs as lines of the file that `GITHUB_OUTPUT` names. A value ends at the delimiter alone, whatever lines it has.
 *
 * @param delimiter that nobody could have known when the values came to be
 */
export function writeOutputs(outputs: Readonly<Record<string, string>>, delimiter: string): string {
  return Object.entries(outputs)
    .map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
    .join('');
}
