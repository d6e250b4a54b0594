import { AppError } from '../model/error.ts';

/**
 * Refuses what writes on a ref that is not merged yet, a pull request's or a merge queue's: it may come from anywhere and
 * change the config.
 *
 * @param command as in `sync`
 * @throws AppError `PULL_REQUEST_REF`
 */
export function refusePullRequest(env: NodeJS.ProcessEnv, command: string, instead = 'athenz-gitops plan'): void {
  const { GITHUB_REF: ref = '', GITHUB_EVENT_NAME: event = '' } = env;
  const place = placeOf(ref, event);
  if (place === undefined) return;
  throw new AppError('PULL_REQUEST_REF', `${command} does not run for a ${place} (${ref || event})`, {
    next: `run it on the base branch, by schedule or by hand; use ${instead} here`,
  });
}

/** Whether a job of GitHub Actions runs for a pull request. */
export function isPullRequest(env: NodeJS.ProcessEnv): boolean {
  return placeOf(env['GITHUB_REF'] ?? '', env['GITHUB_EVENT_NAME'] ?? '') === 'pull request';
}

/** Whether it runs for what is not merged yet, where `refusePullRequest` refuses. */
export function isUnmerged(env: NodeJS.ProcessEnv): boolean {
  return placeOf(env['GITHUB_REF'] ?? '', env['GITHUB_EVENT_NAME'] ?? '') !== undefined;
}

/** By GitHub's names of refs and events; undefined for what is merged. */
function placeOf(ref: string, event: string): 'pull request' | 'merge queue' | undefined {
  if (ref.startsWith('refs/pull/') || event.startsWith('pull_request')) return 'pull request';
  return ref.startsWith('refs/heads/gh-readonly-queue/') || event === 'merge_group' ? 'merge queue' : undefined;
}
