import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';

/**
 * Where nobody names the config: the nearest one from here up to the root of the repository. Outside of a repository only the
 * working directory counts, as other users may write above it.
 *
 * @throws AppError `GIT_FAILED` where git refuses to read that repository, as of another owner
 */
export async function locateConfig(io: Io, command: Command): Promise<void> {
  const flags = command.opts<Partial<CommonFlags>>();
  if (flags.config === undefined || command.getOptionValueSource('config') !== 'default') return;
  const found = await findUpward(io.cwd, flags.config);
  if (found === undefined || dirname(found) === io.cwd || !(await isInRepository(io, dirname(found)))) return;
  const shown = relative(io.cwd, found);
  command.setOptionValue('config', shown);
  logOf(io, { logLevel: 'info', ...flags }).info(`using the config ${shown}`);
}

async function findUpward(from: string, name: string): Promise<string | undefined> {
  for (let at = from; ; at = dirname(at)) {
    if ((await stat(join(at, name)).catch(() => undefined))?.isFile()) return join(at, name);
    if (dirname(at) === at) return undefined;
  }
}

/** Whether a folder above is in the same repository as this one. git is asked: anybody can make a folder `.git`. */
async function isInRepository(io: Io, folder: string): Promise<boolean> {
  const { findRepository } = await import('../git/repository.ts');
  const root = (await findRepository(io.cwd, io.env, io.stop()))?.root;
  return root !== undefined && `${await realpath(folder)}${sep}`.startsWith(`${root}${sep}`);
}
