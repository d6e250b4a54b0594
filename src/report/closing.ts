import type { Scope } from '../core/scope.ts';
import type { Words } from '../core/words.ts';
import { shortTime } from '../model/text.ts';
import { approvalSentences, approvalsIn, needsApproval } from './approval.ts';
import { escapeMarkdown as show, showCode } from './escape.ts';
import { describeCause, emptiedSentences, groupHeld, tallyHeld } from './held.ts';
import type { BodyFacts } from './markdown.ts';
import type { Approvable } from './sections.ts';

/** Causes that are named; the rest is counted. */
const most = 10;

/**
 * Why a pull request is closed, in Markdown: that nothing is left to propose does not mean that git matches Athenz.
 *
 * @param subject `scope`: not set if the scope no longer exists
 */
export function closingComment(
  { key, scope }: { readonly key: string; readonly scope?: Scope },
  words: Words<unknown>,
  facts: Pick<BodyFacts, 'base' | 'asOf'> & Approvable,
): string {
  const { nouns } = words;
  const asOf = `as of ${shortTime(facts.asOf)}`;
  const closed = `Closed by athenz-gitops, ${asOf}: `;
  if (scope === undefined) {
    return `No longer needed: ${asOf}, nothing is proposed for ${showCode(key)} now. The config covers other clusters, groups changes differently, or has another id; what is left to propose is in other pull requests.`;
  }
  if (scope.held.length === 0) return `${closed}no changes are left. ${showCode(facts.base)} matches ${nouns.source}.`;
  const lines = groupHeld(scope).flatMap((group) => [
    ...group.causes.map((cause) => `- ${describeCause(cause, show)} (${group.code})`),
    ...emptiedSentences(group, scope, words, show, most).map((sentence) => `- ${sentence}`),
  ]);
  const rest = lines.length - most;
  return [
    `${closed}what is left is held${needsApproval(scope) ? ' and needs approval' : ''}, so ${showCode(facts.base)} does not match ${nouns.source}. Held: ${tallyHeld(scope)}.`,
    [...lines.slice(0, most), ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n'),
    ...approvalSentences(approvalsIn(scope, facts.approvals), facts, scope),
  ].join('\n\n');
}
