import { stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { exists } from '../runtime/file.ts';

/**
 * Where nobody names the config: the nearest one from here up to the root of the repository. Outside of a repository only the
 * working directory counts, as other users may write above it.
 */
export async function locateConfig(io: Io, command: Command): Promise<void> {
  const flags = command.opts<Partial<CommonFlags>>();
  if (flags.config === undefined || command.getOptionValueSource('config') !== 'default') return;
  const found = await findUpward(io.cwd, flags.config);
  if (found === undefined || dirname(found) === io.cwd) return;
  const shown = relative(io.cwd, found);
  command.setOptionValue('config', shown);
  logOf(io, { logLevel: 'info', ...flags }).info(`using the config ${shown}`);
}

async function findUpward(from: string, name: string): Promise<string | undefined> {
  const found: string[] = [];
  for (let at = from; ; at = dirname(at)) {
    if ((await stat(join(at, name)).catch(() => undefined))?.isFile()) found.push(join(at, name));
    if (await exists(join(at, '.git'))) return found[0];
    if (dirname(at) === at) return found[0] === join(from, name) ? found[0] : undefined;
  }
}
