import { z } from 'zod';
import type { PullRequest } from '../model/pull.ts';
import { badAnswer } from './github-errors.ts';

/* What of GitHub's answers about pull requests is used. Servers that only resemble GitHub leave lists and texts out, or null. */

const text = z.string();
const label = z.union([text, z.object({ name: text.nullish() })]);
const repository = z.object({ full_name: text }).nullish();
const answer = z.object({
  number: z.int(),
  html_url: text,
  state: text,
  merged_at: text.nullish(),
  head: z.object({ ref: text, sha: text, repo: repository }),
  base: z.object({ ref: text }),
  title: text,
  body: text.nullish(),
  labels: z.array(label.nullable()).nullish(),
  user: z.object({ login: text }).nullish(),
  created_at: text,
});

/**
 * The pull requests of a list whose branch is in the repository itself: not one that a fork proposes from a branch of the
 * same name.
 *
 * @param whole owner/name; GitHub does not care for the case of names
 * @throws AppError `FORGE_BAD_RESPONSE`
 */
export function parsePulls(data: unknown, whole: string): readonly PullRequest[] {
  const { data: list, error } = z.array(answer).safeParse(data);
  if (error !== undefined) throw badAnswer('listing pull requests', error);
  return list.filter(({ head }) => head.repo?.full_name.toLowerCase() === whole.toLowerCase()).map(toPull);
}

/** One pull request. @throws AppError `FORGE_BAD_RESPONSE` */
export function parsePull(data: unknown, doing: string): PullRequest {
  const { data: pull, error } = answer.safeParse(data);
  if (error !== undefined) throw badAnswer(doing, error);
  return toPull(pull);
}

function toPull(pull: z.output<typeof answer>): PullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    state: pull.state === 'open' ? 'open' : (pull.merged_at ?? null) === null ? 'closed' : 'merged',
    branch: pull.head.ref,
    head: pull.head.sha,
    base: pull.base.ref,
    title: pull.title,
    body: pull.body ?? '',
    labels: (pull.labels ?? []).flatMap((it) => (typeof it === 'string' ? [it] : (it?.name ?? []))),
    author: pull.user?.login ?? '',
    createdAt: pull.created_at,
  };
}
