import { isExclusion, mapGlob } from '../../config/globs.ts';
import type { OpenInput } from '../../core/generator.ts';
import { excluderOf, filesByGlob } from '../../inventory/glob-files.ts';
import { whyHidden } from '../../inventory/hidden.ts';
import { isAtOrBelow } from '../../model/path.ts';
import { compareText } from '../../model/text.ts';
import type { TreeFile } from '../../model/tree.ts';
import { type Meant, type ReadManifests, readManifests } from './manifests.ts';

/** The files of several lists of patterns, each read and parsed once. */
export interface MatchedFiles<T> {
  /** By the key of a list: paths, sorted. */
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** By path. */
  readonly read: ReadonlyMap<string, T | { readonly reason: string }>;
  /** Patterns without a file, by the key of their list. */
  readonly unmatched: ReadonlyMap<string, readonly string[]>;
}

/** Reads the manifests that patterns of the config ask for: see `readMatching`. @param meant see `readManifests` */
export function readManifestFiles(
  input: Pick<OpenInput, 'tree' | 'inRoot'>,
  lists: ReadonlyMap<string, readonly string[]>,
  roots: readonly string[],
  meant?: Meant,
): Promise<MatchedFiles<ReadManifests>> {
  return readMatching(input, lists, roots, (path, content) => readManifests(path, content, meant));
}

/**
 * Reads the files that patterns of the config ask for. What was rendered is never among them.
 *
 * @param lists patterns by any key, relative to the config file
 * @param roots folders of what is rendered
 * @param parse what a file holds, or the reason why that is not known
 */
export async function readMatching<T>(
  { tree, inRoot }: Pick<OpenInput, 'tree' | 'inRoot'>,
  lists: ReadonlyMap<string, readonly string[]>,
  roots: readonly string[],
  parse: (path: string, content: Uint8Array) => T | { readonly reason: string },
): Promise<MatchedFiles<T>> {
  const wanted = [...lists].map(([key, globs]) => ({ key, globs: globs.map((glob) => mapGlob(glob, inRoot)) }));
  const included = new Set(wanted.flatMap(({ globs }) => globs).filter((it) => !isExclusion(it)));
  const matches = await filesByGlob(tree, [...included]);
  const needed = new Map<string, TreeFile>();
  const choose = (globs: readonly string[]): readonly string[] => {
    const isExcluded = excluderOf(globs.filter(isExclusion).map((glob) => glob.slice(1)));
    const files = globs
      .flatMap((glob) => matches.get(glob) ?? [])
      .filter((file) => !isExcluded(file) && !roots.some((root) => isAtOrBelow(root, file.path)));
    for (const file of files) needed.set(file.path, file);
    return [...new Set(files.map(({ path }) => path))].sort(compareText);
  };
  const paths = new Map(wanted.map(({ key, globs }) => [key, choose(globs)]));
  const contents = await tree.read([...needed.values()].filter((file) => whyHidden(file) === undefined));
  const isUnmatched = (glob: string) => !isExclusion(glob) && (matches.get(glob) ?? []).length === 0;
  const readFile = (file: TreeFile) => {
    const content = contents.get(file.path);
    const why = whyHidden(file);
    if (why !== undefined || content === undefined) return { reason: why ?? file.unknown ?? 'it cannot be read' };
    return parse(file.path, content);
  };
  return {
    paths,
    read: new Map([...needed.values()].map((file) => [file.path, readFile(file)])),
    unmatched: new Map(wanted.map(({ key, globs }) => [key, globs.filter(isUnmatched)])),
  };
}
