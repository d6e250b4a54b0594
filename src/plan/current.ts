import picomatch from 'picomatch';
import type { RenderedRole } from '../model/manifest.ts';
import { isWritable } from '../model/path.ts';
import type { TreeFile } from '../model/tree.ts';
import { type ParsedFile, parseFile } from '../rbac/parse.ts';
import type { PlanContext } from './context.ts';
import type { Draft } from './draft.ts';
import { isRendered } from './rendered-ids.ts';

/** A file of an output folder that is not what the draft says, or that no draft asks for. */
export interface CurrentFile {
  readonly file: TreeFile;
  readonly cluster: string;
  readonly parsed: ParsedFile | Twin | Unwritable;
}

/** A file that is not ours to move, at a path that differs from a draft's by case alone. */
export interface Twin {
  readonly kind: 'twin';
  readonly of: string;
}

/** A file of ours at a path that git does not write. */
export interface Unwritable {
  readonly kind: 'unwritable';
}

/**
 * Chooses the files that have to be read to know what changes: those that differ from their draft, whose draft depends on
 * them, or that have none. A file with the id of its draft is not read.
 *
 * @param files all files at or below `layout.prefix`
 */
export function filesToRead(
  context: PlanContext,
  drafts: ReadonlyMap<string, Draft>,
  files: readonly TreeFile[],
): readonly TreeFile[] {
  return files.filter((file) => {
    const draft = drafts.get(file.path);
    if (draft !== undefined) return !isDrafted(file, draft);
    return clusterOf(context, file.path) !== undefined;
  });
}

/** Whether a file is, but for the former first line to the byte and the mode, what its draft says. */
export function isDrafted(file: TreeFile, draft: Draft): boolean {
  return draft.ids !== undefined && isRendered(file, draft.ids);
}

/**
 * Reads what `filesToRead` chose. Files that others may keep in the output folders are left out, and so is what only
 * looks, by its path, like a file of a cluster that is not configured but is not ours.
 *
 * @param contents by path; a file that is missing here could not be read, which is not the same as being empty
 */
export function readCurrent(
  context: PlanContext,
  drafts: ReadonlyMap<string, Draft>,
  files: readonly TreeFile[],
  contents: ReadonlyMap<string, Uint8Array>,
): readonly CurrentFile[] {
  const kept = picomatch([...context.config.output.keep], { dot: true });
  return files.flatMap((file): CurrentFile[] => {
    const cluster = clusterOf(context, file.path);
    if (cluster === undefined) return [];
    const content = parseTreeFile(file, contents.get(file.path));
    const parsed = content.kind === 'foreign' || isWritable(file.path) ? content : ({ kind: 'unwritable' } as const);
    if ((parsed.kind === 'foreign' || file.unknown !== undefined) && !drafts.has(file.path)) {
      if (kept(file.path) || context.clusterAt(file.path) === undefined) return [];
    }
    return [{ file, cluster, parsed }];
  });
}

/** The configured cluster whose folder holds the path, or else the one that its name says it was rendered for. */
function clusterOf(context: PlanContext, path: string): string | undefined {
  return context.clusterAt(path) ?? (context.filtered ? undefined : context.layout.clusterOf(path));
}

function parseTreeFile(file: TreeFile, content: Uint8Array | undefined): ParsedFile {
  // A link's content is its target's name, never a manifest of ours.
  if (file.mode === '120000' || file.mode === '160000') return { kind: 'foreign' };
  return content === undefined
    ? { kind: 'unparsable', reason: file.unknown ?? 'it cannot be read' }
    : parseFile(content);
}

/** The one namespace a rendered file is about; undefined when it is about several or none. */
export function namespaceOf(roles: readonly RenderedRole[]): string | undefined {
  const [first] = roles;
  return first !== undefined && roles.every((role) => role.namespace === first.namespace) ? first.namespace : undefined;
}
