import type { ClusterReader, Generator } from '../../src/core/generator.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { ClusterInventory } from '../../src/model/inventory.ts';
import { assessAll } from '../../src/run/assess.ts';
import { memoryTree } from './file-tree.ts';

/** Files of a repository, by path. */
export type Texts = Readonly<Record<string, string>>;

/** What one generator plans from. */
export interface PlanInput<C> {
  readonly config: C;
  readonly files: Texts;
  readonly clusters: readonly string[];
  /** They are only part of those of the config. */
  readonly filtered?: boolean | undefined;
  readonly inventory: readonly ClusterInventory[];
  readonly openCluster: (cluster: string) => Promise<ClusterReader>;
  /** The order of the files. */
  readonly shuffle: <T>(list: readonly T[]) => readonly T[];
}

/** Plans one generator from files in memory, and gives the repository once that is merged too. @throws where nothing is planned */
export async function planOne<C, S, U, D>(
  generator: Generator<C, S, U, D>,
  { config, files, clusters, filtered = false, inventory, openCluster, shuffle }: PlanInput<C>,
): Promise<{ readonly plan: Plan<D>; readonly merged: Texts }> {
  const setting = { config, clusters, filtered, inRoot: (path: string) => path };
  const tree = memoryTree(Object.fromEntries(shuffle(Object.entries(files))));
  const { done, failed } = await assessAll(
    [{ generator, setting, territory: generator.territory(setting) } as never],
    () => ({
      tree,
      inventory,
      world: {
        env: {},
        clock: { now: () => Date.parse('2026-11-28T00:00:00Z'), sleep: async () => {} },
        progress: { show() {}, clear() {} },
        warn: () => {},
        halt: {},
        openCluster,
      },
    }),
  );
  if (done[0] === undefined) throw new Error(`nothing was planned: ${JSON.stringify(failed)}`);
  const plan = done[0].plan as Plan<D>;
  const merged: Record<string, string> = { ...files };
  for (const { path, after } of plan.files) {
    if (after === undefined) delete merged[path];
    else merged[path] = after.text;
  }
  return { plan, merged };
}
