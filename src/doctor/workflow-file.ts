import { maxYamlBytes, parseYaml } from '../model/yaml.ts';
import { type Fields, fieldsOf, listOf, textOf } from './fields.ts';

/** A workflow that runs `sync`, as far as it decides whether and how that happens. */
export interface WorkflowFile {
  /** As in `sync.yml`. */
  readonly name: string;
  readonly crons: readonly string[];
  /** What happens to a run that starts while another goes on. */
  readonly concurrency: 'none' | 'cancels' | 'waits';
  /** Of the job's own token; undefined: what the repository's settings say. */
  readonly permissions: Readonly<Record<string, string>> | 'write-all' | 'read-all' | undefined;
  /** The program gets that token, and no App's. */
  readonly usesOwnToken: boolean;
}

/** Reads a workflow; undefined when it is none, or does not run `sync`. @throws what says why it is no YAML */
export function readWorkflow(name: string, text: string): WorkflowFile | undefined {
  // The content of other files is not checked here.
  if (!text.includes('athenz-gitops')) return undefined;
  const workflow = fieldsOf(parseYaml(text, { maxBytes: maxYamlBytes.config }).value);
  for (const job of Object.values(fieldsOf(workflow['jobs'])).map(fieldsOf)) {
    const step = listOf(job['steps']).map(fieldsOf).find(runsSync) ?? (runsSync(job) ? {} : undefined);
    if (step === undefined) continue;
    const handed = [workflow['env'], job['env'], job['secrets'], step['env'], step['with']];
    return {
      name,
      crons: listOf(fieldsOf(workflow['on'])['schedule']).flatMap((it) => textOf(fieldsOf(it)['cron'])),
      concurrency: concurrencyOf(job['concurrency'] ?? workflow['concurrency']),
      permissions: permissionsOf(job['permissions'] ?? workflow['permissions']),
      usesOwnToken: /secrets\.GITHUB_TOKEN|github\.token/i.test(JSON.stringify(handed)) || lacksApp(job),
    };
  }
  return undefined;
}

/** Whether it calls our workflow without an App. */
function lacksApp(job: Fields): boolean {
  return runsSync(job) && fieldsOf(job['with'])['app-id'] === undefined;
}

/** A step or a job that uses the action or the workflow, or runs the program itself. */
function runsSync(it: Fields): boolean {
  const command = fieldsOf(it['with'])['command'] ?? 'sync';
  const [uses = ''] = textOf(it['uses']);
  const called = /\/\.github\/workflows\/([^@/]+)@/.exec(uses)?.[1];
  if (called !== undefined) return /(^|\/)athenz-gitops\//.test(uses) && /^sync\.ya?ml$/.test(called);
  if (/(^|\/)athenz-gitops(\/[^@]*)?@/.test(uses)) return command === 'sync';
  const [run = ''] = textOf(it['run']);
  return /\bathenz-gitops(\.js)?['"]?\s[^\n]*\bsync\b/.test(run.replace(/\\\n/g, ' '));
}

function concurrencyOf(value: unknown): WorkflowFile['concurrency'] {
  if (value === undefined || value === null) return 'none';
  const cancel = fieldsOf(value)['cancel-in-progress'] ?? false;
  return cancel === false ? 'waits' : 'cancels';
}

function permissionsOf(value: unknown): WorkflowFile['permissions'] {
  if (value === undefined || value === 'write-all' || value === 'read-all') return value;
  return Object.fromEntries(Object.entries(fieldsOf(value)).map(([name, level]) => [name, String(level)]));
}
