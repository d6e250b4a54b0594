import type { Kept } from '../core/change.ts';
import type { Desired } from '../core/decision.ts';
import type { Generator, Opened } from '../core/generator.ts';
import { isKustomization, type Kustomization } from '../core/kustomization.ts';
import type { BlobIds } from '../core/tree-index.ts';
import type { UnitId } from '../core/unit.ts';
import { openWalk, type Walk, type Walked } from '../core/walk.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { compareText } from '../model/text.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import type { Configured } from './generators.ts';
import { readKustomizations } from './kustomizations.ts';

interface Walkable<S, U, D> extends Pick<Configured, 'territory'> {
  readonly generator: Pick<Generator<unknown, S, U, D>, 'parse' | 'former'>;
  readonly setting: Pick<Configured['setting'], 'clusters'>;
}

/**
 * Compares every unit with the tree. Where a decision relies on an absence that the sources have not confirmed, they are asked a
 * second time, and the units that rely on it are decided again.
 *
 * @param seen called with each unit that is not recalled, and again for one that is read again
 */
export async function walkTree<S, U, D>(
  configured: Walkable<S, U, D>,
  { tree, inventory }: { readonly tree: FileTree; readonly inventory: readonly ClusterInventory[] },
  opened: Opened<S, U, D>,
  files: Iterable<TreeFile>,
  seen: (desired: Desired<U>) => void = () => {},
): Promise<{ readonly walked: Walked<D, S>; readonly kustomizations: readonly Kustomization[] }> {
  const { generator, setting, territory } = configured;
  const named: TreeFile[] = [];
  const walk = openWalk({
    opened,
    parse: generator.parse,
    territory,
    files: noting(files, ({ path }) => isKustomization(path), named),
    ids: idsOf(configured, tree),
    clusters: setting.clusters,
    incomplete: new Set(incompleteIn(inventory).map(({ cluster }) => cluster)),
  });
  const retake = async (unit: UnitId) => {
    const desired = await opened.unit(unit);
    if (desired === undefined) return;
    seen(desired);
    walk.retake(desired);
  };
  for await (const it of opened.desired()) {
    if (it.recalled && walk.recall(it)) continue;
    const desired = it.recalled ? await opened.unit(it.unit) : it;
    if (desired === undefined) throw new TypeError('a unit that is recalled is not desired');
    seen(desired);
    walk.take(desired);
  }
  const contents = await readNeeded(walk, tree, retake, named);
  const kustomizations = readKustomizations(named, contents);
  const walked = walk.finish();
  const unconfirmed = new Set(
    walked.clusters.flatMap(({ decisions }) => decisions.flatMap((it) => it.unconfirmed ?? [])),
  );
  if (unconfirmed.size === 0 || !(await opened.confirm?.([...unconfirmed]))) return { walked, kustomizations };
  // Also units that lose nothing by it: all of them have to see the same sources.
  for (const unit of walk.relyingOn(unconfirmed)) await retake(unit);
  await readNeeded(walk, tree, retake);
  return { walked: walk.finish(), kustomizations };
}

/** The same files, and those that are meant into a list. */
function* noting(
  files: Iterable<TreeFile>,
  isMeant: (file: TreeFile) => boolean,
  into: TreeFile[],
): Iterable<TreeFile> {
  for (const file of files) {
    if (isMeant(file)) into.push(file);
    yield file;
  }
}

/**
 * Reads the files that the walk needs, each once, also those that it needs only since units were retaken: no unit is decided with a
 * file unread.
 *
 * @param also read with the first of them
 * @returns the contents of those that were read first, by path
 */
async function readNeeded<S, U, D>(
  walk: Walk<S, U, D>,
  tree: FileTree,
  retake: (unit: UnitId) => Promise<void>,
  also: readonly TreeFile[] = [],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const needed = walk.needed();
  const wanted = new Map([...needed, ...also].map((file) => [file.path, file]));
  const contents = await tree.read([...wanted.values()]);
  const again = walk.read(needed, contents);
  for (const unit of again) await retake(unit);
  if (again.length > 0) await readNeeded(walk, tree, retake);
  return contents;
}

/** How texts of a generator are compared with the files of a tree. */
export function idsOf(
  { generator }: { readonly generator: Pick<Generator, 'former'> },
  { objectFormat: format }: FileTree,
): BlobIds {
  return { format, ...(generator.former === undefined ? {} : { former: generator.former }) };
}

/** What the inventories could not tell, sorted by cluster. */
export function incompleteIn(inventory: readonly ClusterInventory[]): readonly Kept[] {
  const sorted = [...inventory].sort((a, b) => compareText(a.cluster, b.cluster));
  return sorted.flatMap(({ cluster, problems }) => problems.map((problem) => ({ cluster, problem })));
}
