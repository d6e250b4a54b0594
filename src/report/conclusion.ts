import { unitKey } from '../core/unit.ts';
import type { ProposalAction } from '../model/proposal.ts';
import { count, shortTime, someOf } from '../model/text.ts';
import { showCode } from './escape.ts';
import { plansOf, type RunReport, sourcesOf } from './run-report.ts';

/** One sentence about a run, in Markdown: whether it needs action, and why. */
export function conclusion(report: RunReport): string {
  const found = troubles(report);
  if (found.length === 0) return '✅ No changes held; all sources read.';
  return `⚠️ **Action required** (exit code ${report.exitCode}): ${found.join('; ')}.`;
}

/** What keeps a run from having done everything: `2 held (needs approval)`. */
export function troubles(report: RunReport): readonly string[] {
  const { proposals, failed } = report;
  const said = (action: ProposalAction) => proposals.filter((proposal) => proposal.action === action).length;
  const kept = plansOf(report).map((plan) => new Set(plan.kept.map(unitKey)).size);
  const held = plansOf(report).map((plan) => plan.held.length);
  const facts: readonly (readonly [amount: number, words: string])[] = [
    [said('failed'), 'could not be proposed'],
    [said('blocked'), 'blocked by a change that is not from athenz-gitops'],
    [said('declined'), 'declined'],
    [sum(held), 'held (needs approval)'],
    [sum(kept), 'unchanged (read failed)'],
    ...sourcesOf(report).map(({ unknown, needed, noun }) => [unknown, `of ${count(needed, noun)} not read`] as const),
  ];
  return [
    ...failed.map(({ generator, problem }) => `${generator} was not planned (${problem.code})`),
    ...facts.filter(([amount]) => amount > 0).map(([amount, words]) => `${amount} ${words}`),
  ];
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

/** Pull requests whose checks will not come. */
export function checksNote({ proposals }: RunReport): string {
  const silent = proposals.flatMap(({ pull }) => (pull?.startsNoChecks ? [`#${pull.number}`] : []));
  if (silent.length === 0) return '';
  const are = silent.length === 1 ? 'was' : 'were';
  return `ℹ️ ${someOf(silent, 20)} ${are} opened with the workflow token, which starts no checks: use a GitHub App, or close and reopen.`;
}

export function footer(report: RunReport): string {
  const { generators, base, pullRequest } = report;
  const of =
    base === undefined ? '' : `, compared with ${showCode(base.branch)} at ${showCode(base.commit.slice(0, 12))}`;
  const own =
    pullRequest === undefined
      ? ''
      : ` Config, namespaces and templates are those of this pull request (${showCode(pullRequest.commit.slice(0, 12))}).`;
  const read = sourcesOf(report).map(({ read, needed, noun }) => `${read} of ${count(needed, noun)} read`);
  return `Polled ${shortTime(generators[0].asOf)}: ${read.join(', ')}${of}.${own}`;
}
