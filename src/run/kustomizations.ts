import { type Kustomization, kustomizationNames, parseKustomization } from '../core/kustomization.ts';
import { foldersAbove } from '../model/path.ts';
import type { TreeFile } from '../model/tree.ts';

/** Where a kustomization may stand above some folders: those in them are listed with them. */
export function kustomizationPaths(folders: readonly string[]): readonly string[] {
  const above = new Set(folders.flatMap(foldersAbove));
  return [...above].flatMap((folder) => kustomizationNames.map((name) => (folder === '' ? name : `${folder}/${name}`)));
}

/** What kustomization files say; one in a folder counts, as for kustomize. */
export function readKustomizations(
  files: readonly TreeFile[],
  contents: ReadonlyMap<string, Uint8Array>,
): readonly Kustomization[] {
  return files.flatMap(({ path, mode }) => {
    const content = mode !== '120000' ? contents.get(path) : undefined;
    return (content && parseKustomization(path, content)) ?? [];
  });
}
