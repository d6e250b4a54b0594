import { dirname } from 'node:path';
import type { Converted } from '../config/convert.ts';
import { AppError } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { type Answers, flagOf, missing } from './answers.ts';
import type { Defaults } from './defaults.ts';
import { missingForGitHub } from './github.ts';
import { askFor, canAsk } from './questions.ts';
import { seenFrom, toConfig } from './to-config.ts';

/** A config, and the answers that it was made from. */
export interface Answered extends Converted {
  readonly answers: Answers;
}

/** The config that flags describe, and answers at a terminal where there is one. @throws AppError `USAGE` where something is missing */
export async function fromAnswers(io: Io, flags: Answers, file: string, defaults: Defaults): Promise<Answered> {
  const seen = seenFrom(dirname(file), io.cwd);
  const shown = seenFrom(io.cwd, dirname(file)).path;
  const answers = canAsk(io) ? await askFor(io, flags, { ...defaults, shown }) : flags;
  refuseMissing([...missing(answers), ...missingForGitHub(answers, defaults)].map((name) => flagOf[name]));
  return { config: toConfig(answers, seen), lost: [], different: [], answers };
}

/** @throws AppError `USAGE` */
export function refuseMissing(flags: readonly string[]): void {
  if (flags.length === 0) return;
  // Only a published package knows where its own repository is.
  const form = flags.at(-1) === flagOf.workflowsFrom ? ' owner/athenz-gitops@<tag or commit>' : '';
  throw new AppError('USAGE', `writing a config: missing ${flags.join(', ')}${form}`, {
    next: 'add the missing flags, or run athenz-gitops init in a terminal to be prompted',
  });
}
