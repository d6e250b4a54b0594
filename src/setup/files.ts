import { join } from 'node:path';
import { workTree } from '../git/work-tree.ts';
import { AppError, reasonOfFile } from '../model/error.ts';
import { readText } from '../runtime/file.ts';

/** A file that a setup writes beside the config. */
export interface SetupFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly change: 'new' | 'same' | 'replaced' | 'added to';
  /** What it is for, or the lines that are added. */
  readonly about: string;
}

/** What a whole file is to hold. */
export interface WantedFile extends Pick<SetupFile, 'path' | 'text' | 'about'> {}

/** Lines that a file needs. @see addLines */
export interface WantedLines {
  readonly path: string;
  readonly comment: string;
  readonly lines: readonly string[];
  /** Whether a line that is there does what a wanted one does; default: it is the same. */
  readonly stands?: (there: string, wanted: string) => boolean;
}

/**
 * Compares files with those that are there. What is equal stays, so that a run that was stopped can be repeated.
 *
 * @throws AppError `USAGE` that names every file that holds something else, unless `force`; `OUTPUT_LINK`
 */
export async function planFiles(
  root: string,
  wanted: readonly WantedFile[],
  force: boolean,
): Promise<readonly SetupFile[]> {
  await refuseLinks(
    root,
    wanted.map(({ path }) => path),
  );
  const files = await Promise.all(
    wanted.map(async (file): Promise<SetupFile> => {
      const current = await currentText(root, file.path);
      return { ...file, change: current === undefined ? 'new' : current === file.text ? 'same' : 'replaced' };
    }),
  );
  const inTheWay = files.filter(({ change }) => change === 'replaced').map(({ path }) => path);
  if (inTheWay.length === 0 || force) return files;
  const [exist, them] = inTheWay.length === 1 ? ['exists', 'it'] : ['exist', 'them'];
  throw new AppError('USAGE', `writing ${inTheWay.join(', ')}: already ${exist} with other content`, {
    next: `keep ${them} with --no-workflows, move ${them} away, or replace ${them} with init --force`,
  });
}

/** Adds the lines that a file lacks at its end; undefined where it has them all. @throws AppError `OUTPUT_LINK` */
export async function addLines(
  root: string,
  { path, comment, lines, stands = (there, wanted) => there === wanted }: WantedLines,
): Promise<SetupFile | undefined> {
  await refuseLinks(root, [path]);
  const current = await currentText(root, path);
  const there = (current ?? '').split('\n').map((line) => line.trim());
  const lacking = lines.filter((line) => !there.some((it) => stands(it, line)));
  if (lacking.length === 0) return undefined;
  const before = current === undefined || current === '' ? '' : `${current.replace(/\n*$/, '')}\n\n`;
  const text = `${before}# ${comment}\n${lacking.map((line) => `${line}\n`).join('')}`;
  return { path, text, change: current === undefined ? 'new' : 'added to', about: lacking.join(', ') };
}

/** Through a link, files elsewhere would be written, or what they hold be copied into the repository. */
async function refuseLinks(root: string, paths: readonly string[]): Promise<void> {
  const obstacles = await workTree(root, 'sha1').obstacles(paths);
  const link = obstacles.find(({ mode }) => mode === '120000');
  if (link === undefined) return;
  throw new AppError('OUTPUT_LINK', `writing ${paths.join(', ')}: ${link.path} is a link`, {
    next: `put a file or folder of this repository in place of ${link.path}`,
  });
}

async function currentText(root: string, path: string): Promise<string | undefined> {
  try {
    return await readText(join(root, path));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new AppError('OUTPUT_WRITE', `reading ${path}: ${reasonOfFile(error)}`, {
      next: 'correct that',
      cause: error,
    });
  }
}
