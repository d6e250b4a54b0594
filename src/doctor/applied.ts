import picomatch from 'picomatch';
import { isKustomization } from '../core/kustomization.ts';
import type { SizedFile } from '../git/sizes.ts';
import { foldersAbove, isAtOrBelow } from '../model/path.ts';
import type { Applier, SourceFolder } from './applier.ts';
import { readArgoGlob } from './argo-glob.ts';

/** A folder that is applied, and which of its files are. */
export interface AppliedFolder {
  readonly path: string;
  /** `tool`: a kustomization, a chart or a plugin decides what is applied. */
  readonly source: 'directory' | 'tool';
  /** Manifests that are applied; none where a tool decides. */
  readonly taken: readonly SizedFile[];
  /** Rendered files that are not, as they are in folders below. */
  readonly deeper: readonly SizedFile[];
  /** Rendered files that are not, by `include` or `exclude`. */
  readonly hidden: readonly SizedFile[];
  /** Every file in it and below. */
  readonly all: readonly SizedFile[];
}

/** An applier of rendered files. */
export interface Applied<A extends Applier = Applier> {
  readonly applier: A;
  readonly folders: readonly AppliedFolder[];
}

/** Files of a commit, by each folder that they are in or below. */
export interface FolderIndex {
  readonly folders: readonly string[];
  filesBelow(folder: string): readonly SizedFile[];
}

/** @param further folders that count even though they hold no file */
export function indexFolders(files: readonly SizedFile[], further: readonly string[]): FolderIndex {
  const below = new Map<string, SizedFile[]>(further.map((folder) => [folder, []]));
  for (const file of files) {
    for (const folder of foldersAbove(file.path)) {
      const known = below.get(folder);
      if (known === undefined) below.set(folder, [file]);
      else known.push(file);
    }
  }
  return { folders: [...below.keys()].sort(), filesBelow: (folder) => below.get(folder) ?? [] };
}

/** What is owned, and so may be applied. */
export interface Output {
  readonly roots: readonly string[];
  isRendered(path: string): boolean;
}

/** What an applier applies of the output; no folders where that is none of its business. */
export function resolveApplied<A extends Applier>(applier: A, index: FolderIndex, output: Output): Applied<A> {
  const paths = [...new Set(applier.folders.flatMap((folder) => matching(folder, index)))];
  return {
    applier,
    folders: paths.map((path) => look(applier, path, index, output)).filter((it) => isAbout(it, output)),
  };
}

function matching(folder: SourceFolder, { folders }: FolderIndex): readonly string[] {
  if (folder.kind === 'folder') return [folder.path];
  // As Go's `path.Match`, by which Argo CD compares: no braces, and `**` is `*`.
  const plain = { nobrace: true, noextglob: true, nonegate: true, noglobstar: true };
  const isMatch = picomatch(folder.glob, plain);
  const isLeftOut = picomatch([...folder.except], plain);
  return folders.filter((path) => isMatch(path) && !isLeftOut(path));
}

const manifest = /\.(ya?ml|json|jsonnet)$/;

function look(applier: Applier, path: string, index: FolderIndex, { isRendered }: Output): AppliedFolder {
  const all = index.filesBelow(path);
  const inside = (file: SizedFile) => file.path.slice(path === '' ? 0 : path.length + 1);
  const isDirect = (file: SizedFile) => !inside(file).includes('/');
  const isTool =
    (applier.kind !== 'Kustomization' && applier.source === 'tool') ||
    all.some((file) => isDirect(file) && (isKustomization(file.path) || inside(file) === 'Chart.yaml'));
  if (isTool) return { path, source: 'tool', taken: [], deeper: [], hidden: [], all };
  // Flux: all that kustomize reads, at any depth; `.json` is ignored.
  if (applier.kind === 'Kustomization') {
    const taken = all.filter((file) => /\.ya?ml$/.test(file.path));
    return { path, source: 'directory', taken, deeper: [], hidden: [], all };
  }
  const manifests = all.filter((file) => manifest.test(file.path));
  const [include, exclude] = [applier.include, applier.exclude].map((it) => (it === undefined ? it : readArgoGlob(it)));
  const isReached = (file: SizedFile) => applier.recurse || isDirect(file);
  const isShown = (file: SizedFile) => (include?.(inside(file)) ?? true) && !(exclude?.(inside(file)) ?? false);
  return {
    path,
    source: 'directory',
    taken: manifests.filter((file) => isReached(file) && isShown(file)),
    deeper: manifests.filter((file) => !isReached(file) && isRendered(file.path)),
    hidden: manifests.filter((file) => isReached(file) && !isShown(file) && isRendered(file.path)),
    all,
  };
}

/** A folder above the output counts only where it is known to apply some of it. */
function isAbout({ path, taken, hidden }: AppliedFolder, { roots, isRendered }: Output): boolean {
  if (roots.some((root) => isAtOrBelow(root, path))) return true;
  return taken.some((file) => isRendered(file.path)) || hidden.length > 0;
}
