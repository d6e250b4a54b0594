import { join, relative } from 'node:path';
import type { Config } from '../config/types.ts';
import { outputAdvice } from '../generators/rbac/generator.ts';
import { workTree } from '../git/work-tree.ts';
import { AppError } from '../model/error.ts';
import { compileLayout } from '../model/layout.ts';
import { defaultConfigName } from '../model/owner.ts';
import { count } from '../model/text.ts';
import { blobId } from '../model/tree.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../run/io.ts';
import { refuseLinks } from '../run/owned-files.ts';
import type { Advice } from '../setup/config-file.ts';
import { type Beside, writeSetup } from '../setup/write.ts';
import type { AdoptedFile } from './result.ts';

export const importAdvice: Advice = {
  existing: 'choose another folder with --dir, or move the file away',
  unwritable: 'correct that, or choose another folder with --dir',
};

/**
 * Writes a proposal into a folder: the config once the namespaces are there, then the tree, which `render` would write too.
 *
 * @param files as the proposal has them
 * @param beside what runs it
 * @throws AppError `USAGE` where something else stands there already, `OUTPUT_LINK`, `OUTPUT_WRITE`
 */
export async function writeProposal(config: Config, files: readonly AdoptedFile[], beside: Beside): Promise<void> {
  const layout = compileLayout(config.output.path);
  const { dir } = config;
  const own = new Map(files.map(({ path, text }) => [path, blobId(text, 'sha1')]));
  const roots = config.clusters.map(({ name }) => layout.rootOf(name));
  const tree = workTree(dir, 'sha1');
  await refuseLinks(roots, tree, outputAdvice.obstacle);
  const other = (await tree.list([...roots, ...own.keys()])).find(({ path, oid }) => own.get(path) !== oid);
  if (other !== undefined) {
    throw new AppError('USAGE', `writing the proposal into ${dir}: ${other.path} already exists`, {
      next: 'choose an empty folder with --dir, or move it away',
    });
  }
  const changes = files.map(({ path, text }) => ({ path, after: { text } }));
  const isTree = (path: string) => roots.some((root) => path.startsWith(`${root}/`));
  const file = join(dir, defaultConfigName);
  await writeSetup(
    {
      config: { file, shown: file, text: files.find(({ path }) => path === defaultConfigName)?.text ?? '' },
      root: dir,
      before: changes.filter(({ path }) => path !== defaultConfigName && !isTree(path)),
      after: changes.filter(({ path }) => isTree(path)),
      leftovers: tree.leftovers,
      beside,
    },
    importAdvice,
  );
}

/** What comes after the report. */
export function nextStep(
  { cwd }: Pick<Io, 'cwd'>,
  { dir, file }: Config,
  files: readonly AdoptedFile[],
  written: boolean,
): string {
  if (!written) {
    return 'Nothing was written. Run again with --dir FOLDER to write the config, the namespaces and the rendered tree.';
  }
  const where = visible(relative(cwd, dir) || '.');
  return [
    `Wrote ${count(files.length, 'file')} below ${where}; the config is ${visible(relative(cwd, file))}.`,
    'Review and commit them. Stop the operator before the first apply, or both write the same objects.',
  ].join('\n');
}
