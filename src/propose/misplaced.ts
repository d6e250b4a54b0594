import type { FileChange, Held } from '../core/change.ts';
import { holdFile, readCurrent, unitIn } from '../core/current.ts';
import type { CurrentFile } from '../core/decision.ts';
import type { Direct } from '../core/direct.ts';
import { unitKey } from '../core/unit.ts';
import { isAtOrBelow } from '../model/path.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import type { Assessment } from '../run/assess.ts';
import type { Configured } from '../run/generators.ts';

/** What is not where it belongs: files of the branch in the base, and others on the branch. */
interface Misplaced {
  readonly moved: readonly FileChange[];
  readonly strays: readonly Held<never>[];
}

/**
 * Finds what no plan sees, as it takes files of each kind from one of the two alone.
 *
 * A file of the branch leaves the base once the branch has files of its unit, which may be others by then, or once nothing else of
 * the unit is in the base: until then, it is all that the unit has.
 *
 * @param branch not set where it does not exist yet
 */
export async function findMisplaced(
  configured: Configured,
  { branch: name, takes }: Direct,
  base: FileTree,
  branch: FileTree | undefined,
): Promise<Misplaced> {
  const { territory } = configured;
  const [here, there] = await Promise.all([base.list(territory.roots), branch?.list(territory.roots) ?? []]);
  const strays: Held<never>[] = there.flatMap((file) => strayOn(name, configured, file, takes));
  const left = here.filter(({ path }) => takes(path));
  if (left.length === 0) return { moved: [], strays };
  const files = await readFiles(configured, base, left);
  const onBranch = branch === undefined ? [] : there.filter(({ path }) => takes(path));
  const moved = new Set(branch === undefined ? [] : await unitsOf(configured, branch, onBranch));
  const waits = new Set(
    await unitsOf(
      configured,
      base,
      here.filter(({ path }) => !takes(path)),
    ),
  );
  const gone = files.flatMap((it): readonly FileChange[] => {
    const unit = unitIn(it);
    if (unit === undefined) return [];
    const key = unitKey(unit);
    return moved.has(key) || !waits.has(key) ? [{ ...unit, path: it.file.path, before: it.file.oid }] : [];
  });
  return {
    moved: gone,
    strays: [...strays, ...files.flatMap((it) => holdFile({ cluster: it.cluster }, it, territory) ?? [])],
  };
}

/** The same with the files that are not where they belong. */
export function withStrays(
  assessment: Assessment,
  direct: { readonly strays: readonly Held<never>[] } | undefined,
): Assessment {
  if (direct === undefined || direct.strays.length === 0) return assessment;
  const { plan } = assessment;
  return { ...assessment, plan: { ...plan, held: [...plan.held, ...direct.strays] } };
}

/** A file in our folders that is none of ours there: a controller that is pointed at the branch would apply it. */
function strayOn(
  branch: string,
  { setting, territory }: Configured,
  { path }: TreeFile,
  takes: Direct['takes'],
): readonly Held<never>[] {
  if (takes(path) || territory.keeps(path)) return [];
  const above = setting.clusters.find((it) => isAtOrBelow(path, territory.rootOf(it)));
  const cluster = above ?? territory.clusterAt(path);
  if (cluster === undefined) return [];
  const message = `${path} does not belong on the branch ${branch}`;
  return [{ cluster, code: 'OUTPUT_FOREIGN', message, next: 'remove it there', changes: [] }];
}

async function readFiles(
  { generator, territory }: Configured,
  tree: FileTree,
  files: readonly TreeFile[],
): Promise<readonly CurrentFile[]> {
  const contents = await tree.read(files);
  const parse = generator.parse;
  return files.flatMap((file) => readCurrent(file, contents.get(file.path), false, { territory, parse }) ?? []);
}

async function unitsOf(configured: Configured, tree: FileTree, files: readonly TreeFile[]): Promise<readonly string[]> {
  return (await readFiles(configured, tree, files)).flatMap((it) => unitIn(it) ?? []).map(unitKey);
}
