import { AppError } from '../model/error.ts';
import type { GitHubClient } from '../propose/github/client.ts';
import { isMissing, read } from '../propose/github/errors.ts';
import { answers, type RuleParameters } from '../propose/github/wire.ts';
import { type Finding, ok, warning } from './finding.ts';

/**
 * Whether what is merged into the base was checked against the base as it is then: `guard` can judge only what it was given.
 *
 * @param base name of the branch
 * @throws AppError `FORGE_…`
 */
export async function checkMerging(client: GitHubClient, base: string): Promise<Finding> {
  const fix = `for ${base}, require branches to be up to date before merging (required status checks), or a merge queue`;
  const rules = await listRules(client, base);
  if (rules.some(({ type }) => type === 'merge_queue')) return ok('merging', `into ${base}: through a merge queue`);
  const strict = rules.some((it) => it.type === 'required_status_checks' && isStrict(it.parameters ?? {}));
  const protection = strict ? 'strict' : await readProtection(client, base);
  switch (protection) {
    case 'strict':
      return ok('merging', `into ${base}: branches must be up to date, with status checks passed`);
    case 'none': {
      const message = `into ${base}: branches need not be up to date; guard may have judged them by an older base`;
      return warning('merging', message, fix);
    }
    case 'unknown': {
      const message = `into ${base}: the token cannot read whether branches must be up to date`;
      return warning('merging', message, `${fix}; a ruleset, or a token with administration: read, shows it here`);
    }
  }
}

/** The first hundred: GitHub allows 75 rulesets, and a rule of each kind in one. */
async function listRules({ octokit, owner, repo }: GitHubClient, branch: string) {
  const asked = { owner, repo, branch, per_page: 100 };
  const send = () => octokit.request('GET /repos/{owner}/{repo}/rules/branches/{branch}', asked);
  return (await read(`reading the rules of ${branch}`, answers.rules, send)).data;
}

/** Without a check that is required, GitHub does not ask for the rest of the rule either. */
function isStrict({ strict_required_status_checks_policy: strict, required_status_checks: checks }: RuleParameters) {
  return strict === true && (checks ?? []).length > 0;
}

/** What branch protection says, the older of GitHub's two ways; only administrators may see it. */
async function readProtection(
  { octokit, owner, repo }: GitHubClient,
  branch: string,
): Promise<'strict' | 'none' | 'unknown'> {
  try {
    const { data } = await read(`reading the protection of ${branch}`, answers.protection, () =>
      octokit.request('GET /repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks', {
        owner,
        repo,
        branch,
      }),
    );
    const required = [...(data.contexts ?? []), ...(data.checks ?? [])];
    return data.strict === true && required.length > 0 ? 'strict' : 'none';
  } catch (thrown) {
    // "Not Found" is also the answer without read permission.
    if (isMissing(thrown)) return /not protected|not enabled/i.test((thrown as AppError).message) ? 'none' : 'unknown';
    if (thrown instanceof AppError && thrown.code === 'FORGE_FORBIDDEN') return 'unknown';
    throw thrown;
  }
}
