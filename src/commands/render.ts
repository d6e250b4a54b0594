import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { workTree } from '../git/work-tree.ts';
import type { Accepted, FileChange } from '../model/change.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { splitScopes } from '../plan/scope.ts';
import { visible } from '../report/visible.ts';
import { count } from '../report/words.ts';
import { assess } from './assess.ts';
import type { CommonFlags, Io } from './io.ts';
import { askingCluster, readNamespaces } from './namespaces.ts';
import { buildResult, tellResult } from './result.ts';
import { fileSource, liveSource } from './source.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface RenderFlags extends CommonFlags, Accepted {
  readonly snapshot?: string;
  readonly at?: Date;
  readonly check?: boolean;
}

/**
 * `render`: writes what changed below the output folders of the work tree, uncommitted or not.
 *
 * @returns the exit code
 */
export async function runRender(io: Io, flags: RenderFlags): Promise<number> {
  const workspace = await openWorkspace(io, flags);
  const tree = workTree(workspace.root, workspace.repository?.objectFormat ?? 'sha1');
  const { snapshot, at } = flags;
  const source =
    snapshot === undefined ? liveSource(io, workspace.config.athenz, flags) : fileSource(resolve(io.cwd, snapshot));
  try {
    const inventory = await readNamespaces(workspace, tree, askingCluster(io, workspace));
    const assessment = await assess({
      workspace,
      tree,
      inventory,
      source,
      accepted: flags,
      ...(at === undefined ? {} : { at }),
    });
    const { files } = assessment.plan;
    if (!flags.check) await writeFiles(workspace, files, tree.leftovers);
    const { requests } = source;
    const result = buildResult({ command: 'render', assessment, requests, differencesMatter: flags.check === true });
    const scopes = splitScopes(assessment.plan, workspace.config.forge.groupBy);
    await tellResult(io, flags, result, scopes, nextStep(io, workspace, flags, files.length));
    return result.exitCode;
  } finally {
    await source.close();
  }
}

function nextStep(io: Io, { root, layout }: Workspace, flags: RenderFlags, files: number): string {
  if (files === 0) return '';
  const where = visible(relative(io.cwd, join(root, layout.prefix)) || '.');
  if (flags.check)
    return `${count(files, 'file')} ${files === 1 ? 'differs' : 'differ'}: run athenz-gitops render to write ${files === 1 ? 'it' : 'them'}.`;
  return `${count(files, 'file')} written below ${where}: look at them with git diff.`;
}

/** Writes files, each of which is whole or as it was whenever the program stops, and takes away what a killed run left. */
async function writeFiles(
  { root }: Workspace,
  files: readonly FileChange[],
  leftovers: ReadonlySet<string>,
): Promise<void> {
  for (const path of leftovers) await attempt(path, () => removeFile(root, path));
  // Where case does not count, a file that moves to the same letters has to go before it is written.
  const written = new Set(files.flatMap(({ path, after }) => (after === undefined ? [] : [path.toLowerCase()])));
  const moves = files.filter(({ path, after }) => after === undefined && written.has(path.toLowerCase()));
  for (const { path, after } of [...moves, ...files.filter((file) => !moves.includes(file))]) {
    await attempt(path, () =>
      after === undefined ? removeFile(root, path) : writeWhole(join(root, path), after.text),
    );
  }
}

async function attempt(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new AppError('OUTPUT_WRITE', `writing ${path}: ${reasonOf(error)}`, {
      next: 'run again: what is written already is found unchanged',
      cause: error,
    });
  }
}

/** To a temporary name beside it, then renamed. */
async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.athenz-gitops.${randomUUID()}.tmp`);
  for (let tries = 1; ; tries++) {
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(temporary, text);
      await rename(temporary, file);
      return;
    } catch (error) {
      await rm(temporary, { force: true });
      // Another render at the same time took it for a leftover, or its folder for an empty one: it does so once a run.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 5) throw error;
    }
  }
}

async function removeFile(root: string, path: string): Promise<void> {
  await rm(join(root, path), { force: true });
  await removeEmptyFolders(root, dirname(path));
}

/** git knows no folders: one that a removed file leaves empty would stay for ever. */
async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let at = folder; at !== '.' && at !== ''; at = dirname(at)) {
    try {
      await rmdir(join(root, at));
    } catch {
      return;
    }
  }
}
