import { z } from 'zod';
import { AppError } from '../../model/error.ts';
import type { PullRequest } from '../../model/pull.ts';

/* What of GitHub's answers is used, and checked first: a body that broke off half-way arrives as a text, with status 200. */

const text = z.string();

/** Servers that only resemble GitHub leave lists and texts out, or null. */
const label = z.union([text, z.object({ name: text.nullish() })]).nullable();

const pull = z
  .object({
    number: z.int(),
    html_url: text,
    state: text,
    merged_at: text.nullish(),
    head: z.object({ ref: text, sha: text, repo: z.object({ full_name: text }).nullish() }),
    base: z.object({ ref: text }),
    title: text,
    body: text.nullish(),
    labels: z.array(label).nullish(),
    user: z.object({ login: text }).nullish(),
    created_at: text,
  })
  .transform(
    (it): FoundPull => ({
      repository: it.head.repo?.full_name,
      number: it.number,
      url: it.html_url,
      state: it.state === 'open' ? 'open' : it.merged_at ? 'merged' : 'closed',
      branch: it.head.ref,
      head: it.head.sha,
      base: it.base.ref,
      title: it.title,
      body: it.body ?? '',
      labels: (it.labels ?? []).flatMap((one) => (typeof one === 'string' ? [one] : (one?.name ?? []))),
      author: it.user?.login ?? '',
      createdAt: it.created_at,
    }),
  );

/** A pull request with the repository that its branch is in; undefined: a fork that is gone. */
export interface FoundPull extends PullRequest {
  readonly repository: string | undefined;
}

const ruleParameters = z.object({
  strict_required_status_checks_policy: z.boolean().nullish(),
  required_status_checks: z.array(z.unknown()).nullish(),
});
export type RuleParameters = z.output<typeof ruleParameters>;

/** Answers, by what is asked for. */
export const answers = {
  pull,
  pulls: z.array(pull),
  installation: z.object({ id: z.int(), permissions: z.record(text, text) }),
  token: z.object({ token: text.min(1) }),
  repository: z.object({
    full_name: text,
    html_url: text,
    archived: z.boolean(),
    private: z.boolean(),
    permissions: z.object({ push: z.boolean().optional() }).optional(),
  }),
  label: z.object({ name: text }),
  rules: z.array(z.object({ type: text, parameters: ruleParameters.nullish().catch(null) })),
  protection: z.object({
    strict: z.boolean().nullish(),
    contexts: z.array(z.unknown()).nullish(),
    checks: z.array(z.unknown()).nullish(),
  }),
  runs: z.object({ workflow_runs: z.array(z.object({ created_at: z.iso.datetime({ offset: true }) })) }),
};

const word = text.nullish().catch(null);
const detail = z
  .object({ message: word, field: word, code: word })
  .transform(({ message, field, code }) => message ?? `${field} ${code}`);
const failure = z.object({
  message: word,
  errors: z
    .array(z.union([text, detail]).nullable().catch(null))
    .nullish()
    .catch(null),
});

/** Checks the data of a good answer. @throws AppError `FORGE_BAD_RESPONSE` */
export function understand<S extends z.ZodType>(data: unknown, schema: S, doing: string): z.output<S> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const why = `${issue?.path.join('.')} ${issue?.message}`.trim();
  throw badResponse(doing, why);
}

/** @param why what is wrong with an answer of status 200 */
export function badResponse(doing: string, why: string): AppError {
  return new AppError('FORGE_BAD_RESPONSE', `${doing}: invalid response: ${why}`, {
    next: 'check forge.apiUrl: a proxy may have answered; the next run retries',
  });
}

/** GitHub's own words in an answer that refuses: the message, and what it says of each field. */
export function wordsOf(data: unknown): string {
  const { message, errors } = failure.catch({ message: null, errors: null }).parse(data);
  const details = (errors ?? []).filter((it) => it !== null);
  const lines = [message ?? 'no reason given', ...details].flatMap((it) => it.split('\n')).map((line) => line.trim());
  return lines.filter((line) => line !== '').join('; ');
}
