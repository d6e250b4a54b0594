import { gitHubForge } from '../../forge/github.ts';
import type { GitHubClient } from '../../forge/github-client.ts';
import { isMissing, request } from '../../forge/github-errors.ts';
import { ownershipOf } from '../../forge/ownership.ts';
import { branchFolder } from '../../git/branches.ts';
import { type PullRequest, pullLabels } from '../../model/pull.ts';
import { count } from '../../report/words.ts';
import { ownerOf } from '../claim.ts';
import { ownerOfPull } from '../pull-owner.ts';
import { startsNoChecks } from '../pull-text.ts';
import type { DoctorContext } from './context.ts';
import { attempt, error, type Finding, hasError, ok, skipped, warning } from './finding.ts';
import { checkMerging } from './merging.ts';
import { checkPermissions, kindOfToken } from './permissions.ts';

/** The repository on GitHub, and what the token may do there, as far as it can be asked without writing. */
export async function checkGitHub(context: DoctorContext, client: GitHubClient): Promise<readonly Finding[]> {
  const { octokit, owner, repo } = client;
  const kind = kindOfToken(context.io.env);
  const found = await attempt('repository', async () => {
    const asked = await request(`looking for ${owner}/${repo}`, () => octokit.rest.repos.get({ owner, repo }));
    return [checkState(asked.data), ...checkPermissions(kind, client, asked)];
  });
  if (hasError(found.slice(0, 1))) return [...found, skipped('pull requests', 'the repository has to be right first')];
  return [
    ...found,
    ...(await attempt('merging', async () => [await checkMerging(client, context.workspace.config.forge.base)])),
    ...(await attempt('labels', async () => [await checkLabels(client)])),
    ...(await attempt('pull requests', () => checkPulls(context, client))),
  ];
}

function checkState(data: { full_name: string; archived: boolean; html_url: string }): Finding {
  if (!data.archived) return ok('repository', data.html_url);
  return error('repository', `${data.full_name} is archived: nobody can write to it`, 'unarchive it on GitHub');
}

async function checkLabels({ octokit, owner, repo }: GitHubClient): Promise<Finding> {
  const missing: string[] = [];
  for (const name of Object.values(pullLabels)) {
    try {
      await request(`looking for the label ${name}`, () => octokit.rest.issues.getLabel({ owner, repo, name }));
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      missing.push(name);
    }
  }
  if (missing.length === 0) return ok('labels', Object.values(pullLabels).join(', '));
  const create = missing.map((name) => `gh label create ${name}`).join('; ');
  return warning(
    'labels',
    `not there yet: ${missing.join(', ')}`,
    `${create} (else GitHub adds them when they are used)`,
  );
}

async function checkPulls(context: DoctorContext, client: GitHubClient): Promise<readonly Finding[]> {
  const { base } = context.workspace.config.forge;
  const open = [...(await gitHubForge(client).openPulls(branchFolder(base), base)).values()];
  const claim = { ...ownerOf(context.workspace), folders: [], others: [] };
  const byOwner = Map.groupBy(open, (pull) => ownerOfPull(pull, base, context.io.clock.now()));
  const isOwn = (owner: string) => ownershipOf({ ownedBy: owner }, claim).kind === 'own';
  const pulls = [...byOwner].flatMap(([owner, some]) => (isOwn(owner) ? some : []));
  const numbers = (some: readonly PullRequest[]) => some.map(({ number }) => `#${number}`).join(', ');
  const blocked = pulls.filter(({ labels }) => labels.includes(pullLabels.blocked));
  const unchecked = pulls.filter(startsNoChecks);
  const findings = [ok('pull requests', `${count(pulls.length, 'open pull request')} of this config`)];
  for (const [owner, some] of byOwner) {
    if (!isOwn(owner)) findings.push(ok('pull requests', `of ${owner}: ${numbers(some)}`));
  }
  if (blocked.length > 0) {
    const message = `${numbers(blocked)} blocked: somebody has committed to the branch`;
    const fix = `merge it, take the commits out, or label it ${pullLabels.rebuild} to have it written anew`;
    findings.push(warning('pull requests', message, fix));
  }
  if (unchecked.length > 0) {
    const message = `${numbers(unchecked)} opened by the workflow's own token: GitHub starts no checks for it`;
    findings.push(
      warning('pull requests', message, 'use the token of a GitHub App (GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY)'),
    );
  }
  return findings;
}
