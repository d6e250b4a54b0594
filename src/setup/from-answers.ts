import { dirname } from 'node:path';
import type { Converted } from '../config/convert.ts';
import { AppError } from '../model/error.ts';
import type { Io } from '../run/io.ts';
import { type Answers, flagOf, missing, seenFrom, toConfig } from './answers.ts';
import { askFor, canAsk } from './questions.ts';

/** The config that flags describe, and answers at a terminal where there is one. @throws AppError `USAGE` where something is missing */
export async function fromAnswers(io: Io, flags: Answers, file: string): Promise<Converted> {
  const seen = seenFrom(dirname(file), io.cwd);
  const answers = canAsk(io) ? await askFor(io, flags, seenFrom(io.cwd, dirname(file)).path) : flags;
  const lacking = missing(answers).map((name) => flagOf[name]);
  if (lacking.length > 0) {
    throw new AppError('USAGE', `writing a config: missing ${lacking.join(', ')}`, {
      next: 'add the missing flags, or run athenz-gitops init in a terminal to be prompted',
    });
  }
  return { config: toConfig(answers, seen), lost: [], different: [] };
}
