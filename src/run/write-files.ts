import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskPath } from '../git/disk-path.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import { makeFolder } from '../runtime/folder.ts';

/** A file to write, or to delete where there is no text. */
export interface FileToWrite {
  /** From the root, `/` between the parts. */
  readonly path: string;
  readonly after?: { readonly text: string };
}

/**
 * Writes files, each of which is whole or as it was whenever the program stops, and removes what a killed run left.
 *
 * @param root absolute path of the folder that all paths are relative to
 * @param stop once aborted, no further file is written
 * @throws AppError `OUTPUT_WRITE`, `CANCELLED`
 */
export async function writeFiles(
  root: string,
  files: readonly FileToWrite[],
  leftovers: ReadonlySet<string>,
  stop?: AbortSignal,
): Promise<void> {
  for (const path of leftovers) await attempt(path, () => removeFile(root, path));
  // Where case does not count, a file that moves to the same letters has to go before it is written.
  const written = new Set(files.flatMap(({ path, after }) => (after === undefined ? [] : [path.toLowerCase()])));
  const moves = files.filter(({ path, after }) => after === undefined && written.has(path.toLowerCase()));
  const folders = new Set<string>();
  for (const { path, after } of [...moves, ...files.filter((file) => !moves.includes(file))]) {
    checkStop(stop, `writing ${path}`);
    await attempt(path, () =>
      after === undefined ? removeFile(root, path) : writeWhole(join(root, path), after.text, folders),
    );
  }
}

async function attempt(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new AppError('OUTPUT_WRITE', `writing ${path}: ${reasonOf(error)}`, {
      next: 'run again: files that are already written stay unchanged',
      cause: error,
    });
  }
}

/**
 * To a temporary name beside it, then renamed. Files are small and many: to wait for each costs more than to write it.
 *
 * @param folders those that are there
 */
async function writeWhole(file: string, text: string, folders: Set<string>): Promise<void> {
  const folder = dirname(file);
  const temporary = join(folder, `.athenz-gitops.${randomUUID()}.tmp`);
  for (let tries = 1; ; tries++) {
    try {
      if (tries > 1) await makeFolder(folder);
      else if (!folders.has(folder)) makeLast(folder);
      folders.add(folder);
      writeFileSync(temporary, text);
      renameSync(temporary, file);
      return;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      // Another render at the same time took it for a leftover, or its folder for an empty one: it does so once a run.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 5) throw error;
    }
  }
}

/** The folder itself, where those above it are there. */
function makeLast(folder: string): void {
  try {
    mkdirSync(folder);
  } catch {
    // It is there, or writing into it says why it is not.
  }
}

async function removeFile(root: string, path: string): Promise<void> {
  await rm(diskPath(root, path), { force: true });
  await removeEmptyFolders(root, dirname(path));
}

/** git knows no folders: one that a removed file leaves empty would stay for ever. */
async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let at = folder; at !== '.' && at !== ''; at = dirname(at)) {
    try {
      await rmdir(diskPath(root, at));
    } catch {
      return;
    }
  }
}
