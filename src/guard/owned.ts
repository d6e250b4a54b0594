import picomatch from 'picomatch';
import { outputFolders } from '../model/layout.ts';
import type { Workspace } from '../run/workspace.ts';

/** Whether a path lies in the output folders, or in the way of one. What the config keeps there for others is theirs. */
export function ownedBy(workspace: Workspace): (path: string) => boolean {
  const folders = outputFolders(workspace);
  const kept = picomatch([...workspace.config.output.keep], { dot: true });
  const isInside = (path: string) =>
    folders.some((folder) => path.startsWith(`${folder}/`) || folder === path || folder.startsWith(`${path}/`));
  return (path) => isInside(path) && (workspace.layout.clusterOf(path) !== undefined || !kept(path));
}
