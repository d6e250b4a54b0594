import { randomUUID } from 'node:crypto';
import { link, lstat, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findRepository } from '../git/repository.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { makeFolder } from '../runtime/folder.ts';

/** What a command that writes a config suggests where it cannot. */
export interface Advice {
  /** Something is there already. */
  readonly existing: string;
  /** It cannot be written. */
  readonly unwritable: string;
}

/** @throws AppError `USAGE` when something stands there */
export async function refuseExisting(file: string, shown: string, advice: Advice): Promise<void> {
  if (await isThere(file)) throw existing(shown, advice);
}

/** A config that is to be written. */
export interface NewConfig {
  /** Absolute path. */
  readonly file: string;
  /** As the person named it. */
  readonly shown: string;
  readonly text: string;
  /** Replaces one that is there. */
  readonly force?: boolean;
}

/**
 * Writes a config so that it is whole or not there, and its folder with it.
 *
 * @throws AppError `OUTPUT_WRITE`; `USAGE` when something stands there meanwhile
 */
export async function writeConfig({ file, shown, text, force = false }: NewConfig, advice: Advice): Promise<void> {
  const temporary = join(dirname(file), `.athenz-gitops.${randomUUID()}.tmp`);
  try {
    await makeFolder(dirname(file));
    await writeFile(temporary, text, { flag: 'wx' });
    if (force) await rename(temporary, file);
    else await renameToNew(temporary, file, shown, advice);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('OUTPUT_WRITE', `writing ${shown}: ${reasonOf(error)}`, {
      next: advice.unwritable,
      cause: error,
    });
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** A link, unlike a new name, never replaces a file that was created during the prompts. */
async function renameToNew(temporary: string, file: string, shown: string, advice: Advice): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw existing(shown, advice);
    // Some file systems have no links.
    await refuseExisting(file, shown, advice);
    await rename(temporary, file);
  }
}

/** What the repository around a folder, which need not be there, says of where changes are proposed. */
export interface Surroundings {
  /** The branch to propose changes for, where that cannot be `main`. */
  readonly otherBase?: string;
  /** URL of the remote `origin`. */
  readonly origin?: string;
}

/** @throws AppError `GIT_FAILED` where git refuses to read the repository */
export async function lookAround(folder: string, env: NodeJS.ProcessEnv): Promise<Surroundings> {
  let at = folder;
  while (!(await isFolder(at)) && dirname(at) !== at) at = dirname(at);
  const git = (await findRepository(at, env))?.git;
  if (git === undefined) return {};
  const origin = (await git.ask('remote', 'get-url', 'origin'))?.trim();
  const hasMain = (await git.ask('rev-parse', '--verify', '--quiet', 'refs/heads/main')) !== undefined;
  const branch = hasMain ? 'main' : (await git.ask('symbolic-ref', '--quiet', '--short', 'HEAD'))?.trim();
  return {
    ...(branch === undefined || branch === 'main' ? {} : { otherBase: branch }),
    ...(origin === undefined ? {} : { origin }),
  };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function existing(shown: string, { existing: next }: Advice): AppError {
  return new AppError('USAGE', `writing ${shown}: it already exists`, { next });
}
