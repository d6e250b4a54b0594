import { readFile } from 'node:fs/promises';
import { AppError } from '../../model/error.ts';
import type { FileTree } from '../../model/tree.ts';
import { maxYamlBytes, sizeProblem } from '../../model/yaml.ts';
import { packageRoot } from '../../runtime/package-root.ts';
import type { RenderOptions } from './render.ts';
import { compileTemplate } from './template.ts';

/** The package's own templates. */
const packaged = new URL('templates/rbac/', packageRoot);

/**
 * Loads and compiles the templates of a run.
 *
 * @param folder relative to the tree's root; `null`: the package's own
 * @throws AppError `TEMPLATE_…`
 */
export async function loadTemplates(folder: string | null, tree: FileTree): Promise<RenderOptions['templates']> {
  const read = folder === null ? readPackaged : await readerOf(folder, tree);
  const compile = async (name: string) => {
    const { file, text } = await read(name);
    return compileTemplate(file, text);
  };
  return { role: await compile('role.yaml'), binding: await compile('rolebinding.yaml') };
}

type Reader = (name: string) => Promise<{ readonly file: string; readonly text: string }>;

async function readPackaged(name: string): ReturnType<Reader> {
  return { file: `templates/rbac/${name}`, text: await readFile(new URL(name, packaged), 'utf8') };
}

async function readerOf(folder: string, tree: FileTree): Promise<Reader> {
  const files = await tree.list([folder]);
  const contents = await tree.read(files);
  return async (name) => {
    const file = `${folder.replace(/\/$/, '')}/${name}`;
    const content = contents.get(file);
    if (content === undefined) {
      throw new AppError('TEMPLATE_NOT_FOUND', `reading the template ${file}: it does not exist`, {
        next: 'add it, or remove output.templates to use the built-in ones',
      });
    }
    // A string cannot hold every file.
    const tooLarge = sizeProblem(content.byteLength, maxYamlBytes.config);
    if (tooLarge !== undefined)
      throw new AppError('TEMPLATE_SYNTAX', `${file}:1: ${tooLarge}`, { next: 'make it smaller' });
    return { file, text: Buffer.from(content).toString('utf8') };
  };
}
