import { fromRoot, type SourceFolder } from './applier.ts';
import { type Fields, fieldsOf, listOf, textOf } from './fields.ts';

/** What generators fill into a template, as far as a manifest says it. */
interface Parameters {
  /** Of list generators. */
  readonly elements: readonly Fields[];
  /** Patterns of git generators over directories. */
  readonly directories: readonly { readonly path: string; readonly exclude: boolean }[];
}

/** `{{path}}`, or `{{.path.path}}` with `goTemplate`. */
const directoryHole = /\{\{\s*(path|\.path\.path)\s*\}\}/g;
const anyHole = /\{\{.*?\}\}/gs;

/**
 * The folders that a source's path stands for. What is not known of a template stands for any one part of a path.
 *
 * @param generators of an ApplicationSet; none of an Application
 */
export function sourceFolders(path: string, generators: readonly unknown[]): readonly SourceFolder[] {
  const { elements, directories } = parametersIn(generators);
  const except = directories.flatMap((it) => (it.exclude ? [it.path] : []));
  const filled = elements.length === 0 ? [path] : elements.map((element) => fill(path, element));
  const paths = filled.flatMap((text) => {
    if (directories.length === 0 || text.search(directoryHole) === -1) return [text];
    return directories.flatMap((it) => (it.exclude ? [] : [text.replace(directoryHole, () => it.path)]));
  });
  return [...new Set(paths)].flatMap((text): readonly SourceFolder[] => {
    const isPattern = text.search(anyHole) !== -1 || (directories.length > 0 && /[*?[]/.test(text));
    const folder = fromRoot(isPattern ? text.replace(anyHole, '*') : text);
    if (folder === undefined) return [];
    return [isPattern ? { kind: 'pattern', glob: folder, except } : { kind: 'folder', path: folder }];
  });
}

/** Also of generators inside of others (`matrix`, `merge`). */
function parametersIn(generators: readonly unknown[]): Parameters {
  const found = generators.map(fieldsOf).map((generator): Parameters => {
    const inner = [generator['matrix'], generator['merge']].flatMap((it) => listOf(fieldsOf(it)['generators']));
    const { elements, directories } = inner.length === 0 ? { elements: [], directories: [] } : parametersIn(inner);
    return {
      elements: [...elements, ...listOf(fieldsOf(generator['list'])['elements']).map(fieldsOf)],
      directories: [
        ...directories,
        ...listOf(fieldsOf(generator['git'])['directories']).map(fieldsOf).flatMap(toDirectory),
      ],
    };
  });
  return { elements: found.flatMap((it) => it.elements), directories: found.flatMap((it) => it.directories) };
}

function toDirectory(directory: Fields): Parameters['directories'] {
  return textOf(directory['path']).map((path) => ({ path, exclude: directory['exclude'] === true }));
}

/** `{{cluster}}`, or `{{.cluster}}` with `goTemplate`. */
function fill(text: string, element: Fields): string {
  return text.replace(/\{\{\s*\.?([\w-]+)\s*\}\}/g, (hole, key: string) => {
    const value = Object.hasOwn(element, key) ? element[key] : undefined;
    return typeof value === 'string' ? value : hole;
  });
}
