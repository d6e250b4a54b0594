import { type Generator, isPrimary, type Setting, type Watched } from '../core/generator.ts';
import type { Territory } from '../core/territory.ts';
import { AppError } from '../model/error.ts';
import { overlapOf } from '../model/path.ts';
import type { Io } from './io.ts';
import type { Workspace } from './workspace.ts';

/** A generator that the config asks for. */
export interface Configured {
  readonly generator: Generator;
  readonly setting: Setting;
  readonly territory: Territory;
}

/**
 * The generators that a config asks for, in the program's order.
 *
 * @throws AppError `CONFIG_INVALID` where two would own the same folder, or one the root of the repository
 */
export async function configuredGenerators(
  io: Pick<Io, 'generators'>,
  workspace: Workspace,
): Promise<readonly Configured[]> {
  const { config, filtered, inRoot } = workspace;
  const clusters = config.clusters.map(({ name }) => name);
  const configured = (await io.generators()).flatMap((generator): readonly Configured[] => {
    const own = isPrimary(generator) ? config : config.generators[generator.name];
    if (own === undefined) return [];
    const setting = { config: own, clusters, filtered, inRoot };
    return [{ generator, setting, territory: generator.territory(setting) }];
  });
  refuseOverlap(configured);
  return configured;
}

/** The objects whose changes a generator wants to be woken by. */
export function watchedBy({ generator, setting }: Pick<Configured, 'generator' | 'setting'>): readonly Watched[] {
  return generator.watched?.(setting) ?? [];
}

function refuseOverlap(configured: readonly Configured[]): void {
  const owned = configured.flatMap(({ generator, territory }) =>
    territory.roots.map((root) => ({ generator: generator.name, root })),
  );
  for (const [index, a] of owned.entries()) {
    if (a.root === '') {
      throw new AppError('CONFIG_INVALID', `${a.generator} would own the root of the repository`, {
        next: 'let it write to a folder used only by athenz-gitops',
      });
    }
    const b = owned
      .slice(index + 1)
      .find((it) => it.generator !== a.generator && overlapOf(a.root, it.root) !== undefined);
    if (b === undefined) continue;
    const folders = a.root === b.root ? a.root : `${a.root} and ${b.root}`;
    throw new AppError('CONFIG_INVALID', `${a.generator} and ${b.generator} would both own ${folders}`, {
      next: 'give each a folder of its own',
    });
  }
}
