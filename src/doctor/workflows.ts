import { AppError, reasonOf } from '../model/error.ts';
import { shellWord, shortTime } from '../model/text.ts';
import type { GitHubClient } from '../propose/github/client.ts';
import { isMissing, read } from '../propose/github/errors.ts';
import { answers } from '../propose/github/wire.ts';
import type { DoctorContext } from './context.ts';
import { type Cron, readCron } from './cron.ts';
import { error, type Finding, findingsOf, ok, skipped, warning } from './finding.ts';
import { readWorkflow, type WorkflowFile } from './workflow-file.ts';

const folder = '.github/workflows';

type WorkflowContext = Pick<DoctorContext, 'tree'> & { readonly io: Pick<DoctorContext['io'], 'clock'> };

/**
 * The workflows of the work tree that run `sync`: when they start, what they may do, and when one last went well.
 *
 * @param client undefined where GitHub is not available
 */
export async function checkWorkflows(
  context: WorkflowContext,
  client: GitHubClient | undefined,
): Promise<readonly Finding[]> {
  const files = (await context.tree.list([folder])).filter(({ path }) => /^[^/]+\/[^/]+\/[^/]+\.ya?ml$/.test(path));
  const contents = await context.tree.read(files);
  const findings: Finding[] = [];
  let running = 0;
  for (const { path } of files) {
    const name = path.slice(folder.length + 1);
    try {
      const workflow = readWorkflow(name, Buffer.from(contents.get(path) ?? '').toString('utf8'));
      if (workflow === undefined) continue;
      running++;
      findings.push(...checkWorkflow(workflow), ...(await checkLastSuccess(context, workflow, client)));
    } catch (thrown) {
      findings.push(warning('workflow', `${name}: ${reasonOf(thrown)}`, 'correct the YAML'));
    }
  }
  if (running > 0) return findings;
  const message = `no workflow in ${folder} runs athenz-gitops sync`;
  const fix = 'add a scheduled workflow with athenz-gitops init --workflows-only, unless another scheduler runs it';
  return [...findings, warning('workflow', message, fix)];
}

function checkWorkflow({ name, crons, concurrency, permissions, usesOwnToken }: WorkflowFile): readonly Finding[] {
  const findings: Finding[] = [];
  const warn = (message: string, fix: string) => findings.push(warning('workflow', `${name}: ${message}`, fix));
  if (crons.length === 0) warn('it has no schedule', 'add on.schedule with a cron, such as cron: "17 * * * *"');
  for (const cron of crons) {
    const read = readCron(cron);
    if (read === undefined) {
      findings.push(
        error('workflow', `${name}: "${cron}" is not a schedule`, 'write five fields, such as "17 * * * *"'),
      );
    } else if (read.minutes.includes(0)) {
      warn(
        `"${cron}" runs on the hour, when GitHub delays or drops scheduled runs`,
        'choose another minute, such as 17',
      );
    }
  }
  if (concurrency === 'none') {
    warn('runs may overlap', 'add concurrency: {group: athenz-gitops, cancel-in-progress: false}');
  }
  if (concurrency === 'cancels') {
    warn('a new run cancels the one in progress', 'set cancel-in-progress: false in concurrency');
  }
  for (const [message, fix] of checkPermissions(permissions, usesOwnToken)) warn(message, fix);
  return findings.length > 0 ? findings : [ok('workflow', `${name}: ${crons.join(', ')}; one run at a time`)];
}

function checkPermissions(
  permissions: WorkflowFile['permissions'],
  usesOwnToken: boolean,
): readonly (readonly [message: string, fix: string])[] {
  const needed = usesOwnToken ? 'contents: write, pull-requests: write' : 'contents: read';
  const found: (readonly [string, string])[] = [];
  if (permissions === undefined || permissions === 'write-all') {
    const given = permissions === undefined ? 'the default permissions of the repository' : 'all permissions';
    found.push([`its token has ${given}`, `set permissions: {${needed}}`]);
  } else if (usesOwnToken) {
    const lacks = (name: string) => permissions === 'read-all' || permissions[name] !== 'write';
    const missing = ['contents', 'pull-requests'].filter(lacks);
    if (missing.length > 0)
      found.push([`its token has no write access to ${missing.join(', ')}`, `set permissions: {${needed}}`]);
  }
  if (usesOwnToken) {
    const fix = 'use the token of a GitHub App (GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY)';
    found.push(['it proposes with the workflow token, which starts no checks', fix]);
  }
  return found;
}

async function checkLastSuccess(
  { io }: WorkflowContext,
  { name, crons }: WorkflowFile,
  client: GitHubClient | undefined,
): Promise<readonly Finding[]> {
  if (client === undefined) return [skipped('last success', 'GitHub is not available')];
  return findingsOf('last success', async () => {
    const last = await lastSuccess(client, name);
    if (last instanceof AppError && isMissing(last)) {
      const fix = 'merge it into the default branch, where GitHub reads schedules; or give the token actions: read';
      return [warning('last success', `${name}: GitHub finds no such workflow`, fix)];
    }
    if (last instanceof AppError) {
      return [warning('last success', `${name}: ${last.message}`, 'give the token actions: read')];
    }
    const fix = `run it manually and read its log (gh workflow run ${shellWord(name)}); GitHub disables schedules after 60 days without commits; re-enable them under Actions`;
    if (last === undefined) return [warning('last success', `${name}: it has never succeeded`, fix)];
    const intervals = crons.flatMap((cron) => readCron(cron) ?? []).map(({ longest }: Cron) => longest);
    const when = `${name}: ${shortTime(last)}`;
    const late = io.clock.now() - Date.parse(last) > 3 * Math.min(...intervals);
    return [
      late
        ? warning('last success', `${when}, and several scheduled runs since did not succeed`, fix)
        : ok('last success', when),
    ];
  });
}

/** RFC 3339; undefined: never; an error where it is not there, or the token may not look. */
async function lastSuccess(client: GitHubClient, name: string): Promise<string | undefined | AppError> {
  const { octokit, owner, repo } = client;
  const newest = { owner, repo, workflow_id: name, status: 'success', per_page: 1 } as const;
  try {
    const { data } = await read(`listing the runs of ${name}`, answers.runs, () =>
      octokit.request('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', newest),
    );
    return data.workflow_runs[0]?.created_at;
  } catch (thrown) {
    if (thrown instanceof AppError && (isMissing(thrown) || thrown.code === 'FORGE_FORBIDDEN')) return thrown;
    throw thrown;
  }
}
