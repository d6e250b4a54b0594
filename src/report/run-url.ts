/** The file name of the workflow that runs, when it is one of GitHub Actions. */
export function workflowFile(env: NodeJS.ProcessEnv): string | undefined {
  return /\/\.github\/workflows\/([\w.-]+\.ya?ml)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '')?.[1];
}

/** Where the run can be looked at on GitHub, when it is one of GitHub Actions. */
export function runUrl(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env;
  if (!server || !repository || !id || !/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^\d+$/.test(id)) return undefined;
  return URL.canParse(server) ? `${new URL(server).origin}/${repository}/actions/runs/${id}` : undefined;
}
