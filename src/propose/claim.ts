import { join, posix } from 'node:path';
import { configWord, type RecognizedConfig, recognizeConfig } from '../config/recognize.ts';
import type { ForgeConfig } from '../config/types.ts';
import { filesHolding } from '../git/search.ts';
import { AppError } from '../model/error.ts';
import { compileLayout, outputFolders } from '../model/layout.ts';
import { longestSegment, ownerText, segmentOf } from '../model/owner.ts';
import type { GitWorkspace, Workspace } from '../run/workspace.ts';
import { exists } from '../runtime/file.ts';
import { type Claim, findConflict, type OtherConfig } from './ownership.ts';
import type { BaseState } from './tips.ts';

const generator = 'rbac';

/**
 * What this config may call its own, seen the other configs in the base.
 *
 * @throws AppError `CONFIG_INVALID` where another config has the same id or shares an output folder
 */
export async function claimProposals(workspace: GitWorkspace, state: Pick<BaseState, 'base' | 'tree'>): Promise<Claim> {
  const { config, configPath: path } = workspace;
  const { id } = config;
  const folders = outputFolders(workspace);
  const others = await otherConfigs(workspace, state);
  const conflict = findConflict({ path, id, folders }, others);
  if (conflict !== undefined) {
    throw new AppError('CONFIG_INVALID', `${conflict}: each would undo the changes of the other`, {
      next: 'give each an id and an output.path of its own; rename example configs so that they do not end in .yaml, .yml or .json',
    });
  }
  const own = ownerOf(workspace);
  if (segmentOf(own.owner).length > longestSegment) {
    throw new AppError('CONFIG_INVALID', `${path}: the path is too long for the name of a branch`, {
      next: 'set id in the config, a short name to use instead',
    });
  }
  return { ...own, folders, others };
}

/** The owner that a config is, and the one that it was before it had an id. */
export function ownerOf({
  config,
  configPath,
}: Pick<Workspace, 'config' | 'configPath'>): Pick<Claim, 'owner' | 'before'> {
  const byPath = ownerText({ generator, config: `/${configPath}` });
  return config.id === null
    ? { owner: byPath }
    : { owner: ownerText({ generator, config: config.id }), before: byPath };
}

/** The other configs of the base whose proposals go to the same branch of the same repository. */
async function otherConfigs(
  { config, configPath, root, repository }: GitWorkspace,
  { base, tree }: Pick<BaseState, 'base' | 'tree'>,
): Promise<readonly OtherConfig[]> {
  const holding = await filesHolding(repository.git, base.commit, configWord);
  const others = holding.filter((path) => path !== configPath && /\.(ya?ml|json)$/.test(path));
  const files = others.length === 0 ? [] : (await tree.list(others)).filter(({ path }) => others.includes(path));
  const contents = await tree.read(files);
  const found = [...contents].flatMap(([path, bytes]) => {
    const other = recognizeConfig(bytes, path);
    return other === undefined || !sameTarget(config.forge, other) ? [] : [toOther(path, other)];
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

function toOther(path: string, { id, outputPath, clusters }: RecognizedConfig): OtherConfig {
  const layout = compileLayout(posix.join(posix.dirname(path), outputPath));
  const config = { clusters: clusters.map((name) => ({ name })) };
  return { path, id, folders: outputFolders({ layout, config }) };
}
