import { isWritable } from '../model/path.ts';
import type { TreeFile } from '../model/tree.ts';
import type { Held } from './change.ts';
import type { CurrentFile, Parsed } from './decision.ts';
import type { Territory } from './territory.ts';
import { namesOf, type UnitId } from './unit.ts';

/**
 * Reads one file of the tree. Files that others may keep in the owned folders are left out, and so is what only looks, by its path,
 * like a file of a cluster that is not configured but is not ours.
 *
 * @param content undefined: it could not be read, which is not the same as being empty
 * @param claimed a unit is to be written there
 */
export function readCurrent<S>(
  file: TreeFile,
  content: Uint8Array | undefined,
  claimed: boolean,
  { territory, parse }: { readonly territory: Territory; parse(file: TreeFile, content: Uint8Array): Parsed<S> },
): CurrentFile<S> | undefined {
  const cluster = territory.clusterOf(file.path);
  if (cluster === undefined) return undefined;
  const found = parseTreeFile(file, content, parse);
  const parsed = found.kind === 'foreign' || isWritable(file.path) ? found : ({ kind: 'unwritable' } as const);
  if ((parsed.kind === 'foreign' || file.unknown !== undefined) && !claimed) {
    if (territory.keeps(file.path) || territory.clusterAt(file.path) === undefined) return undefined;
  }
  return { file, cluster, parsed };
}

function parseTreeFile<S>(
  file: TreeFile,
  content: Uint8Array | undefined,
  parse: (file: TreeFile, content: Uint8Array) => Parsed<S>,
): Parsed<S> {
  // A link's content is its target's name, never a manifest of ours.
  if (file.mode === '120000' || file.mode === '160000') return { kind: 'foreign' };
  if (content === undefined) return { kind: 'unparsable', reason: file.unknown ?? 'it cannot be read' };
  return parse(file, content);
}

/** The unit that a rendered file holds. */
export function unitIn({ cluster, parsed }: CurrentFile): UnitId | undefined {
  return parsed.kind === 'rendered' ? { cluster, ...parsed.unit } : undefined;
}

/** A rendered file at the path of another unit counts as unparsable. */
export function misplaced<S>(file: CurrentFile<S>): CurrentFile<S> {
  if (file.parsed.kind !== 'rendered') return file;
  const about = namesOf({ cluster: file.cluster, ...file.parsed.unit }).join('/');
  return { ...file, parsed: { kind: 'unparsable', reason: `it is about ${about}` } };
}

/** Why a file must be left alone, if it must. */
export function holdFile(
  unit: UnitId,
  { file: { path }, parsed }: CurrentFile,
  { advice }: Pick<Territory, 'advice'>,
): Held<never> | undefined {
  const held = (code: Held['code'], message: string, next: string) => ({ ...unit, code, message, next, changes: [] });
  switch (parsed.kind) {
    case 'rendered':
      return undefined;
    case 'foreign':
      return held('OUTPUT_FOREIGN', `${path} was not written by athenz-gitops`, advice.foreign);
    case 'twin':
      return held(
        'OUTPUT_COLLISION',
        `${path} and ${parsed.of} differ only by case: they collide on case-insensitive file systems`,
        'rename the first, or move it out of the output folder',
      );
    case 'unwritable':
      return held(
        'OUTPUT_PATH',
        `${path} was written by athenz-gitops, but a path with an empty part, ".", ".." or ".git" cannot be changed`,
        'remove the file from the branch manually',
      );
    case 'mixed':
    case 'unparsable':
      return held(
        'OUTPUT_UNPARSABLE',
        `${path} was written by athenz-gitops but cannot be read back: ${parsed.reason}`,
        'restore it from git, or delete it to render it again',
      );
  }
}
