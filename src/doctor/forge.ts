import type { GitHubClient } from '../propose/github/client.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, failed, findingsOf, hasError, skipped } from './finding.ts';
import { kindOfToken } from './permissions.ts';
import { checkRemote } from './remote.ts';
import { checkRepository } from './repository.ts';

/** git, where it pushes to, and GitHub: a token is needed for both of these. What speaks to GitHub is loaded for it only. */
export async function checkForge(context: DoctorContext, warn: (message: string) => void): Promise<readonly Finding[]> {
  const { config, repository } = context.workspace;
  const git = await findingsOf('git', () => checkRepository(context));
  const onGitHub = config.forge.kind === 'github';
  const { client, refusal }: OpenedGitHub = onGitHub ? await openGitHub(context, warn) : {};
  const remote = async () => {
    if (repository === undefined || hasError(git)) return [skipped('remote', 'fix git first')];
    if (refusal !== undefined) return [skipped('remote', 'fix the token first')];
    return checkRemote(context, repository, await client?.token());
  };
  const pulls = async () => {
    if (refusal !== undefined) return [refusal, skipped('repository', 'fix the token first')];
    return client === undefined ? [] : (await import('./github.ts')).checkGitHub(context, client);
  };
  const workflows = async () => (await import('./workflows.ts')).checkWorkflows(context, client);
  return [
    ...git,
    ...(await findingsOf('remote', remote)),
    ...(await findingsOf('repository', pulls)),
    ...(onGitHub ? await findingsOf('workflow', workflows) : []),
  ];
}

/** One of the two. */
interface OpenedGitHub {
  readonly client?: GitHubClient;
  readonly refusal?: Finding;
}

async function openGitHub({ io, workspace }: DoctorContext, warn: (message: string) => void): Promise<OpenedGitHub> {
  try {
    const { openClient } = await import('../propose/github/client.ts');
    return { client: await openClient({ forge: workspace.config.forge, env: io.env, warn, stop: io.stop() }) };
  } catch (thrown) {
    const refusal = failed('token', thrown);
    const about = kindOfToken(io.env) === 'app' && /^FORGE_(?!UNAVAILABLE|LIMIT|BAD_RESPONSE)/.test(refusal.message);
    const fix = 'check GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY (the PEM text) and that the App is installed there';
    return { refusal: about ? { ...refusal, fix } : refusal };
  }
}
