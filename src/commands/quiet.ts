import { exitCode } from '../model/error.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';

/**
 * With `--quiet` nothing but errors is printed: one line on stderr says why a command ends with another exit code than 0. What
 * `--json` prints says it itself.
 *
 * @param why in place of what the exit code means by itself
 */
export function tellWhy(
  io: Io,
  flags: Pick<CommonFlags, 'quiet' | 'json' | 'logFormat'>,
  code: number,
  why = meanings[code],
): void {
  if (!flags.quiet || flags.json || code === exitCode.done || why === undefined) return;
  const words = `exit code ${code}: ${why}`;
  if (flags.logFormat === 'json') logOf(io, { ...flags, logLevel: 'error' }).error(words);
  else io.err(`${words}\n`);
}

const meanings: Readonly<Record<number, string>> = {
  [exitCode.partial]: 'something could not be read; run without --quiet to see what',
  [exitCode.held]: 'some changes are held; run without --quiet to see which',
  [exitCode.differences]: 'there are differences; run without --quiet to see them',
};
