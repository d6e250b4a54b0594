import { AppError } from '../model/error.ts';

/**
 * Refuses what writes on a pull request's ref: it may come from anywhere and change the config.
 *
 * @param command as in `sync`
 * @throws AppError `PULL_REQUEST_REF`
 */
export function refusePullRequest(env: NodeJS.ProcessEnv, command: string, instead = 'athenz-gitops plan'): void {
  const ref = env['GITHUB_REF'] ?? '';
  const event = env['GITHUB_EVENT_NAME'] ?? '';
  if (!ref.startsWith('refs/pull/') && !event.startsWith('pull_request')) return;
  throw new AppError('PULL_REQUEST_REF', `${command} does not run for a pull request (${ref || event})`, {
    next: `run it on the base branch, by schedule or by hand; use ${instead} here`,
  });
}
