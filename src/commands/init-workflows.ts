import { AppError, exitCode } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { printText } from '../run/terminal.ts';
import { openWorkspace } from '../run/workspace.ts';
import { type Answers, checkFlags, flagOf } from '../setup/answers.ts';
import { defaultsOf } from '../setup/defaults.ts';
import { describeFiles } from '../setup/describe.ts';
import { refuseMissing } from '../setup/from-answers.ts';
import { missingForGitHub, refuseGitHubFlags, withDefaults } from '../setup/github.ts';
import { planSetup, type SetupOptions } from '../setup/plan.ts';
import { writeBeside } from '../setup/write.ts';

export interface WorkflowFlags extends Answers, SetupOptions {
  readonly config: string;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

/**
 * `init --workflows-only`: writes what runs a config that is there already.
 *
 * @returns the exit code
 * @throws AppError `CONFIG_…`; `USAGE` where the config is not for GitHub, flags are wrong or missing, or other files are in the way
 */
export async function writeWorkflows(io: Io, flags: WorkflowFlags): Promise<number> {
  const { dryRun = false } = flags;
  checkFlags(flags);
  const workspace = await openWorkspace(io, { config: flags.config, logLevel: 'info' });
  const { kind, repository } = workspace.config.forge;
  if (kind !== 'github' || repository === null) {
    throw new AppError('USAGE', `forge.kind of ${flags.config} is ${kind}: workflows are for github`, {
      next: 'set forge: {kind: github, repository: owner/name}',
    });
  }
  const given = { ...flags, forge: kind, repository };
  refuseGitHubFlags(given);
  const defaults = defaultsOf({});
  refuseMissing(missingForGitHub(given, defaults).map((name) => flagOf[name]));
  const answers = withDefaults(given, defaults);
  const files = await planSetup(workspace, answers, flags);
  if (!dryRun) await writeBeside({ root: workspace.root, files });
  if (!flags.quiet) printText(io, describeFiles(files, answers, dryRun));
  return exitCode.done;
}
