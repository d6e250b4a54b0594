import type { ProposalAction, RunResult } from '../model/result.ts';
import { showCode } from './escape.ts';
import { count, shortTime, someOf } from './words.ts';

/** One sentence about a run, in Markdown: whether it needs action, and why. */
export function conclusion(result: RunResult): string {
  const found = troubles(result);
  if (found.length === 0) return '✅ No changes held; all sources read.';
  return `⚠️ **Action required** (exit code ${result.exitCode}): ${found.join('; ')}.`;
}

/** What keeps a run from having done everything: `2 held (needs approval)`. */
export function troubles({ plan, proposals, domains }: RunResult): readonly string[] {
  const said = (action: ProposalAction) => proposals.filter((proposal) => proposal.action === action).length;
  const kept = new Set(plan.kept.map(({ cluster, namespace }) => `${cluster}/${namespace}`));
  const facts: readonly (readonly [amount: number, words: string])[] = [
    [said('failed'), 'could not be proposed'],
    [said('blocked'), 'blocked by a change that is not from athenz-gitops'],
    [said('declined'), 'declined'],
    [plan.held.length, 'held (needs approval)'],
    [kept.size, 'unchanged (read failed)'],
    [domains.unknown, `of ${count(domains.needed, 'domain')} not read`],
  ];
  return facts.filter(([amount]) => amount > 0).map(([amount, words]) => `${amount} ${words}`);
}

/** Pull requests whose checks will not come. */
export function checksNote({ proposals }: RunResult): string {
  const silent = proposals.flatMap(({ pull }) => (pull?.startsNoChecks ? [`#${pull.number}`] : []));
  if (silent.length === 0) return '';
  const are = silent.length === 1 ? 'was' : 'were';
  return `ℹ️ ${someOf(silent, 20)} ${are} opened with the workflow token, which starts no checks: use a GitHub App, or close and reopen.`;
}

export function footer({ polledAt, domains, base, pullRequest }: RunResult): string {
  const of =
    base === undefined ? '' : `, compared with ${showCode(base.branch)} at ${showCode(base.commit.slice(0, 12))}`;
  const own =
    pullRequest === undefined
      ? ''
      : ` Config, namespaces and templates are those of this pull request (${showCode(pullRequest.commit.slice(0, 12))}).`;
  return `Polled ${shortTime(polledAt)}: ${domains.read} of ${count(domains.needed, 'domain')} read${of}.${own}`;
}
