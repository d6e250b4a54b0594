import type { ConfigInput } from '../config/schema.ts';
import type { Config } from '../config/types.ts';
import type { Io } from '../run/io.ts';
import { workspaceOf } from '../run/workspace.ts';
import { type Answers, flagOf } from '../setup/answers.ts';
import { lookAround } from '../setup/config-file.ts';
import { defaultsOf } from '../setup/defaults.ts';
import { refuseMissing } from '../setup/from-answers.ts';
import { missingForGitHub, withDefaults } from '../setup/github.ts';
import { planSetup } from '../setup/plan.ts';
import { toForge } from '../setup/to-config.ts';
import type { Beside } from '../setup/write.ts';
import type { ImportFlags } from './input.ts';

/** Where the changes of a proposal are proposed, as flags and the repository around it say. */
export interface ProposedForge {
  readonly answers: Answers;
  readonly forge: ConfigInput['forge'];
}

/** @param dir the folder that the proposal is for @throws AppError `USAGE` where something is missing */
export async function forgeOf(io: Io, flags: ImportFlags, dir: string): Promise<ProposedForge> {
  if (flags.dir === undefined) return { answers: {}, forge: undefined };
  const around = await lookAround(dir, io.env);
  const defaults = defaultsOf(around, flags.workflows);
  refuseMissing(missingForGitHub(flags, defaults).map((name) => flagOf[name]));
  const answers = withDefaults(flags, defaults);
  return { answers, forge: toForge(answers, around.otherBase) };
}

/** What is written beside a proposal. @throws AppError `USAGE` where other files are in the way */
export async function filesBeside(io: Io, flags: ImportFlags, answers: Answers, config: Config): Promise<Beside> {
  if (flags.dir === undefined) return { root: config.dir, files: [] };
  const workspace = await workspaceOf(io, config);
  return { root: workspace.root, files: await planSetup(workspace, answers, flags) };
}
