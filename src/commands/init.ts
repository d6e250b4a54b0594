import { basename, dirname, resolve } from 'node:path';
import { parseConfig } from '../config/load.ts';
import type { ConfigInput } from '../config/schema.ts';
import { configText } from '../config/text.ts';
import { exitCode } from '../model/error.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../run/io.ts';
import { openWorkspace } from '../run/workspace.ts';
import { type Answers, checkFlags } from '../setup/answers.ts';
import { type Advice, otherBase, refuseExisting, writeConfig } from '../setup/config-file.ts';
import { describeConfig } from '../setup/describe.ts';
import { fromAnswers } from '../setup/from-answers.ts';
import { fromOperator } from '../setup/from-operator.ts';

export interface InitFlags extends Answers {
  readonly config: string;
  readonly from?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const advice: Advice = {
  existing: 'edit it, choose another path with --config FILE, or replace it with --force',
  unwritable: 'correct that, or choose another path with --config FILE',
};

/**
 * `init`: writes a config from flags, from answers at the terminal or from an operator's config; never over one that is
 * there.
 *
 * @returns the exit code
 * @throws AppError `USAGE` for a file that exists and for flags that are missing or wrong, `CONFIG_…` for an operator's
 *   config that cannot be converted, `CANCELLED`, `OUTPUT_WRITE`
 */
export async function runInit(io: Io, flags: InitFlags): Promise<number> {
  const file = resolve(io.cwd, flags.config);
  if (!flags.force) await refuseExisting(file, flags.config, advice);
  checkFlags(flags);
  const made = flags.from === undefined ? await fromAnswers(io, flags, file) : await fromOperator(io, flags, file);
  const config = withForge(made.config, flags.forge, await otherBase(dirname(file), io.env));
  const text = configText(config, headingOf(flags));
  // What is written must load; what is wrong with it is said in the words of the config.
  parseConfig(text, flags.config);
  const workspace = await writeConfig(file, text, { ...flags, advice }, (temporary) =>
    openWorkspace(io, { config: temporary, logLevel: 'error' }),
  );
  if (!flags.quiet) io.out(await describeConfig(io, flags, workspace, made));
  return exitCode.done;
}

/** A proposal is made for `main` in this repository unless the config says otherwise. */
function withForge(config: ConfigInput, kind: Answers['forge'], base: string | undefined): ConfigInput {
  if (kind === undefined && base === undefined) return config;
  return { ...config, forge: { ...(kind === undefined ? {} : { kind }), ...(base === undefined ? {} : { base }) } };
}

function headingOf({ from }: InitFlags): readonly string[] {
  const keys = 'Every key is described in docs/reference/config.md of athenz-gitops; paths are relative to this file.';
  if (from === undefined) return ['Which Athenz roles become which access to Kubernetes.', keys];
  return [`Converted from ${visible(basename(from))} of an in-cluster operator, whose objects it renders.`, keys];
}
