import { dirname, resolve } from 'node:path';
import { hasError } from '../doctor/finding.ts';
import { checkGiven } from '../doctor/given.ts';
import { renderFindings } from '../doctor/text.ts';
import { exitCode } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { printError, printText } from '../run/terminal.ts';
import { workspaceOf } from '../run/workspace.ts';
import { type Answers, checkFlags } from '../setup/answers.ts';
import { type Advice, lookAround, refuseExisting } from '../setup/config-file.ts';
import { defaultsOf } from '../setup/defaults.ts';
import { describeSetup, headingOf } from '../setup/describe.ts';
import { fromAnswers } from '../setup/from-answers.ts';
import { fromOperator } from '../setup/from-operator.ts';
import { refuseGitHubFlags, withDefaults } from '../setup/github.ts';
import { planSetup } from '../setup/plan.ts';
import { toForge } from '../setup/to-config.ts';
import type { WorkflowName } from '../setup/workflow-answers.ts';
import { makeConfig, writeSetup } from '../setup/write.ts';
import { writeWorkflows } from './init-workflows.ts';

export interface InitFlags extends Answers {
  readonly config: string;
  readonly from?: string;
  /** Workflows to write. */
  readonly workflow?: readonly WorkflowName[];
  /** False: none is written. */
  readonly workflows?: boolean;
  /** Nothing but what runs a config that is there. */
  readonly workflowsOnly?: boolean;
  readonly offline?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const advice: Advice = {
  existing: 'edit it, choose another path with --config FILE, or replace it with --force',
  unwritable: 'correct that, or choose another path with --config FILE',
};

/**
 * `init`: writes a config from flags, from answers at the terminal or from an operator's config, and on GitHub the workflows that run
 * it; never over what is there. Then it checks what it was given: what fails is reported, and still everything is written.
 *
 * @returns the exit code: 3 when a check failed
 * @throws AppError `USAGE` for a file that exists and for flags that are missing or wrong, `CONFIG_…` for an operator's
 *   config that cannot be converted, `CANCELLED`, `OUTPUT_WRITE`
 */
export async function runInit(io: Io, flags: InitFlags): Promise<number> {
  if (flags.workflowsOnly) return writeWorkflows(io, flags);
  const file = resolve(io.cwd, flags.config);
  const { force = false, dryRun = false } = flags;
  if (!force) await refuseExisting(file, flags.config, advice);
  checkFlags(flags);
  if (!io.inIsTerminal || flags.forge !== undefined) refuseGitHubFlags(flags);
  const around = await lookAround(dirname(file), io.env);
  const defaults = defaultsOf(around, flags.workflows);
  const made =
    flags.from === undefined
      ? await fromAnswers(io, flags, file, defaults)
      : await fromOperator(io, flags, file, defaults);
  const answers = withDefaults(made.answers, defaults);
  const forge = toForge(answers, around.otherBase);
  const { text, config } = makeConfig(made.config, forge, { file, heading: headingOf(flags) });
  const workspace = await workspaceOf(io, config);
  const files = await planSetup(workspace, answers, flags);
  const setup = {
    config: { file, shown: flags.config, text, force },
    root: workspace.root,
    beside: { root: workspace.root, files },
  };
  if (!dryRun) await writeSetup(setup, advice);

  const findings = await checkGiven(io, workspace, flags.offline === true);
  const code = hasError(findings) ? exitCode.partial : exitCode.done;
  const checks = renderFindings(io, flags.quiet ? findings.filter(({ status }) => status === 'error') : findings);
  if (flags.quiet) {
    if (checks !== '') printError(io, checks);
    return code;
  }
  const described = await describeSetup(io, { ...flags, dryRun, answers, workspace, made, files, checks });
  printText(io, described);
  return code;
}
