import { join, posix } from 'node:path';
import { configWord, type RecognizedConfig, recognizeConfig } from '../config/recognize.ts';
import type { ForgeConfig } from '../config/types.ts';
import { filesHolding } from '../git/search.ts';
import { AppError } from '../model/error.ts';
import { compileLayout, outputFolders } from '../model/layout.ts';
import { longestSegment, ownerText, segmentOf } from '../model/owner.ts';
import type { Configured } from '../run/generators.ts';
import type { GitWorkspace, Workspace } from '../run/workspace.ts';
import { exists } from '../runtime/file.ts';
import { type Claim, findConflict, type OtherConfig } from './ownership.ts';
import { type BaseState, type OwnState, ownTips } from './tips.ts';

/** What each generator of a config may call its own. */
export interface Owned {
  /** By the generator's name. */
  of(generator: string): OwnState;
}

/**
 * What the generators of this config may call their own, seen the other configs in the base.
 *
 * @throws AppError `CONFIG_INVALID` where another config has the same id or shares an output folder
 */
export async function claimAll(
  workspace: GitWorkspace,
  configured: readonly Configured[],
  state: BaseState,
): Promise<Owned> {
  const claims = await claimProposals(workspace, configured, state);
  const own = new Map([...claims].map(([name, claim]) => [name, { ...state, ...ownTips(state, claim), claim }]));
  return {
    of(generator) {
      const found = own.get(generator);
      if (found === undefined) throw new TypeError(`${generator} is not configured`);
      return found;
    },
  };
}

/** The claims behind `claimAll`, by generator. @throws as that does */
export async function claimProposals(
  workspace: GitWorkspace,
  configured: readonly Configured[],
  state: Pick<BaseState, 'base' | 'tree'>,
): Promise<ReadonlyMap<string, Claim>> {
  const { config, configPath: path } = workspace;
  const { id } = config;
  const others = await otherConfigs(workspace, configured, state);
  const folders = configured.flatMap(({ territory }) => territory.roots);
  const conflict = findConflict({ path, id, folders }, others);
  if (conflict !== undefined) {
    throw new AppError('CONFIG_INVALID', `${conflict}: each would undo the changes of the other`, {
      next: 'give each an id and an output.path of its own; rename example configs so that they do not end in .yaml, .yml or .json',
    });
  }
  return new Map(
    configured.map(({ generator, territory }) => {
      const own = ownerOf(workspace, generator.name);
      if (segmentOf(own.owner).length > longestSegment) {
        throw new AppError('CONFIG_INVALID', `${path}: the path is too long for the name of a branch`, {
          next: 'set id in the config, a short name to use instead',
        });
      }
      return [generator.name, { ...own, folders: territory.roots, others }];
    }),
  );
}

/** The owner that a generator of a config is, and the one that it was before the config had an id. */
export function ownerOf(
  { config, configPath }: Pick<Workspace, 'config' | 'configPath'>,
  generator: string,
): Pick<Claim, 'owner' | 'before'> {
  const byPath = ownerText({ generator, config: `/${configPath}` });
  return config.id === null
    ? { owner: byPath }
    : { owner: ownerText({ generator, config: config.id }), before: byPath };
}

/** The other configs of the base whose proposals go to the same branch of the same repository. */
async function otherConfigs(
  { config, configPath, root, repository }: GitWorkspace,
  configured: readonly Configured[],
  { base, tree }: Pick<BaseState, 'base' | 'tree'>,
): Promise<readonly OtherConfig[]> {
  // Not in our own folders, which hold a fleet of files: a config there is a foreign file.
  const holding = await filesHolding(repository.git, base.commit, [configWord], {
    among: [`:(top,literal)${configPath}`, ':(top)*.yaml', ':(top)*.yml', ':(top)*.json'],
    except: configured.flatMap(({ territory }) => territory.roots),
  });
  const others = holding.filter((path) => path !== configPath && /\.(ya?ml|json)$/.test(path));
  const files = others.length === 0 ? [] : (await tree.list(others)).filter(({ path }) => others.includes(path));
  const contents = await tree.read(files);
  const found = [...contents].flatMap(([path, bytes]) => {
    const other = recognizeConfig(bytes, path);
    return other === undefined || !sameTarget(config.forge, other) ? [] : [toOther(path, other, configured)];
  });
  if (holding.includes(configPath)) return found;
  // This one is not in the base yet. One that is there and gone from here has been moved to here.
  const here = await Promise.all(found.map(({ path }) => exists(join(root, path))));
  return found.filter((_, index) => here[index]);
}

function sameTarget({ base, repository }: ForgeConfig, other: RecognizedConfig): boolean {
  const [one, two] = [repository?.toLowerCase(), other.repository?.toLowerCase()];
  return base === other.base && (one === undefined || two === undefined || one === two);
}

function toOther(path: string, other: RecognizedConfig, configured: readonly Configured[]): OtherConfig {
  const dir = posix.dirname(path);
  const inRoot = (own: string) => posix.join(dir, own);
  const layout = compileLayout(inRoot(other.outputPath));
  const clusters = other.clusters.map((name) => ({ name }));
  const folders = configured.flatMap(({ generator }): readonly string[] => {
    const own = generator.schema?.safeParse(other.further[generator.name]);
    if (own?.success !== true) return [];
    const setting = { config: own.data, clusters: other.clusters, filtered: false, inRoot };
    return generator.territory(setting).roots;
  });
  return { path, id: other.id, folders: [...outputFolders({ layout, config: { clusters } }), ...folders] };
}
