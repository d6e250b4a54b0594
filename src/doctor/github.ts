import { branchFolder } from '../git/base-refs.ts';
import { AppError, type ErrorCode } from '../model/error.ts';
import { type PullRequest, pullLabels } from '../model/pull.ts';
import { count } from '../model/text.ts';
import { ownerOf } from '../propose/claim.ts';
import type { GitHubClient } from '../propose/github/client.ts';
import { isMissing, read } from '../propose/github/errors.ts';
import { gitHubForge } from '../propose/github/forge.ts';
import { answers } from '../propose/github/wire.ts';
import { ownershipOf } from '../propose/ownership.ts';
import { ownerOfPull } from '../propose/pull-owner.ts';
import { startsNoChecks } from '../propose/pull-text.ts';
import { configuredGenerators } from '../run/generators.ts';
import type { DoctorContext } from './context.ts';
import { error, type Finding, failed, findingOf, findingsOf, ok, skipped, warning } from './finding.ts';
import { checkMerging } from './merging.ts';
import { checkPermissions, kindOfToken } from './permissions.ts';

/** The repository on GitHub, and what the token may do there, as far as it can be asked without writing. */
export async function checkGitHub(context: DoctorContext, client: GitHubClient): Promise<readonly Finding[]> {
  const { found, reached } = await checkRepository(context, client);
  if (!reached) return [...found, skipped('pull requests', 'fix the repository first')];
  return [
    ...found,
    await findingOf('merging', () => checkMerging(client, context.workspace.config.forge.base)),
    await findingOf('labels', () => checkLabels(client)),
    ...(await findingsOf('pull requests', () => checkPulls(context, client))),
  ];
}

/** What keeps everything else about a repository from being asked for. */
const beyondReach: readonly ErrorCode[] = ['FORGE_NOT_FOUND', 'FORGE_UNAUTHENTICATED', 'FORGE_UNREACHABLE'];

async function checkRepository(
  { io }: DoctorContext,
  client: GitHubClient,
): Promise<{ readonly found: readonly Finding[]; readonly reached: boolean }> {
  const { octokit, owner, repo } = client;
  try {
    const asked = await read(`looking for ${owner}/${repo}`, answers.repository, () =>
      octokit.request('GET /repos/{owner}/{repo}', { owner, repo }),
    );
    const kind = kindOfToken(io.env);
    const permissions = await findingsOf('permissions', async () => checkPermissions(kind, client, asked));
    return { found: [checkState(asked.data), ...permissions], reached: !asked.data.archived };
  } catch (thrown) {
    const reached = !(thrown instanceof AppError && beyondReach.includes(thrown.code));
    return { found: [failed('repository', thrown)], reached };
  }
}

function checkState(data: { full_name: string; archived: boolean; html_url: string }): Finding {
  if (!data.archived) return ok('repository', data.html_url);
  return error('repository', `${data.full_name} is archived (read-only)`, 'unarchive it on GitHub');
}

async function checkLabels({ octokit, owner, repo }: GitHubClient): Promise<Finding> {
  const missing: string[] = [];
  for (const name of Object.values(pullLabels)) {
    try {
      const get = () => octokit.request('GET /repos/{owner}/{repo}/labels/{name}', { owner, repo, name });
      await read(`looking for the label ${name}`, answers.label, get);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      missing.push(name);
    }
  }
  if (missing.length === 0) return ok('labels', Object.values(pullLabels).join(', '));
  const create = missing.map((name) => `gh label create ${name}`).join('; ');
  return warning('labels', `missing: ${missing.join(', ')}`, `${create} (otherwise GitHub creates them on first use)`);
}

async function checkPulls(context: DoctorContext, client: GitHubClient): Promise<readonly Finding[]> {
  const { base } = context.workspace.config.forge;
  const open = [...(await gitHubForge(client).openPulls(branchFolder(base), base)).values()];
  const configured = await configuredGenerators(context.io, context.workspace);
  const claims = configured.map(({ generator }) => {
    return { ...ownerOf(context.workspace, generator.name), folders: [], others: [] };
  });
  const byOwner = Map.groupBy(open, (pull) => ownerOfPull(pull, base, context.io.clock.now()));
  const isOwn = (owner: string) => claims.some((claim) => ownershipOf({ ownedBy: owner }, claim).kind === 'own');
  const pulls = [...byOwner].flatMap(([owner, some]) => (isOwn(owner) ? some : []));
  const numbers = (some: readonly PullRequest[]) => some.map(({ number }) => `#${number}`).join(', ');
  const blocked = pulls.filter(({ labels }) => labels.includes(pullLabels.blocked));
  const unchecked = pulls.filter(startsNoChecks);
  const findings = [ok('pull requests', `${count(pulls.length, 'open pull request')} of this config`)];
  for (const [owner, some] of byOwner) {
    if (!isOwn(owner)) findings.push(ok('pull requests', `of ${owner}: ${numbers(some)}`));
  }
  if (blocked.length > 0) {
    const message = `${numbers(blocked)} blocked: the branch has foreign commits`;
    const fix = `merge it, remove the commits, or add label ${pullLabels.rebuild} to overwrite them`;
    findings.push(warning('pull requests', message, fix));
  }
  if (unchecked.length > 0) {
    const message = `${numbers(unchecked)} opened with the workflow token, which starts no checks`;
    findings.push(
      warning('pull requests', message, 'use the token of a GitHub App (GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY)'),
    );
  }
  return findings;
}
