import type { Scope } from '../core/scope.ts';
import { writeMarker } from '../model/marker.ts';
import { type PullRequest, pullLabels } from '../model/pull.ts';
import type { closingComment } from '../report/closing.ts';
import { lastingText, renderBody } from '../report/markdown.ts';
import { runUrl } from '../report/run-url.ts';
import { titleOf } from '../report/words.ts';
import type { PullText } from './forge.ts';
import { readMarker, withoutMarker } from './read-marker.ts';
import { bodyFactsOf, type Run } from './run.ts';

/**
 * Title and body of a scope's pull request.
 *
 * @param about `pull`: as it is already; `previous`: the closed one that a new one comes after
 */
export function pullText(
  run: Run,
  scope: Scope,
  { pull, previous = previousOf(pull) }: { readonly pull?: PullRequest; readonly previous?: number },
): PullText {
  const url = runUrl(run.io.env);
  const facts = {
    ...bodyFactsOf(run),
    ...(previous === undefined ? {} : { previous }),
    ...(pull !== undefined && startsNoChecks(pull) ? { startsNoChecks: true } : {}),
    workflow: true as const,
    ...(url === undefined ? {} : { runUrl: url, list: 'the run below' }),
    ...(removes(scope) ? { removals: removalsSince(pull, run.io.clock.now()) ?? run.assessment.asOf } : {}),
  };
  const { words } = run.assessment.generator;
  return { title: titleOf(scope, words), body: renderBody(scope, words, facts) };
}

function previousOf(pull: PullRequest | undefined): number | undefined {
  const number = Number(pull && /^Comes after #(\d{1,9}), /m.exec(pull.body)?.[1]);
  // Anybody may have written it: none that was opened later can have come before.
  return pull !== undefined && number > 0 && number < pull.number ? number : undefined;
}

/** What the comment on one that is closed says besides the scope. */
export function closingFacts(run: Run): Parameters<typeof closingComment>[2] {
  const url = runUrl(run.io.env);
  return { ...bodyFactsOf(run), workflow: true, ...(url === undefined ? {} : { list: `[this run](${url})` }) };
}

/** Whether a pull request has exactly this text. */
export function isWritten(pull: PullRequest, { title, body }: PullText): boolean {
  return pull.title === title && unixLines(pull.body).trimEnd() === body.trimEnd();
}

/**
 * Whether a pull request says what this text says: its marker is the same, and the text stands in it as a whole. Around it, and in
 * the title, people may have written what they like.
 *
 * @param now milliseconds since the epoch
 */
export function isCurrent(pull: PullRequest, { body }: PullText, now: number): boolean {
  const [before, after] = [readMarker(pull.body, now), readMarker(body, now)];
  const same = (['text', 'digest', 'removals'] as const).every((it) => before?.[it] === after?.[it]);
  // One that this program had closed, and a person has reopened, is not ours to close any more.
  return same && before?.closed !== true && unixLines(pull.body).includes(lastingText(body));
}

/** Edited on the site, a body has the line ends of the web. */
function unixLines(body: string): string {
  return body.replaceAll('\r\n', '\n');
}

/** Since when the removals of a pull request wait, RFC 3339 UTC. @param now milliseconds since the epoch */
export function removalsSince(pull: PullRequest | undefined, now: number): string | undefined {
  return pull && readMarker(pull.body, now)?.removals;
}

/** A body with the mark that this program has closed the pull request. */
export function markClosed(body: string, now: number): string {
  const marker = readMarker(body, now);
  return `${withoutMarker(body)}\n\n${writeMarker({ ...marker, closed: true })}\n`;
}

/** The labels that a new one begins with. */
export function labelsOf(scope: Scope): readonly string[] {
  return [pullLabels.own, ...(removes(scope) ? [pullLabels.removal] : [])];
}

/** Whether leaving it unmerged leaves standing what the sources no longer have. */
export function removes(scope: Scope | undefined): boolean {
  return scope?.changes.some(({ effect }) => effect === 'remove') === true;
}

/** GitHub starts no workflows for what a workflow's own token does, or they might go on for ever. */
export function startsNoChecks({ author }: PullRequest): boolean {
  return author === 'github-actions[bot]';
}
