import { join } from 'node:path';
import type { Config } from '../../src/config/types.ts';
import type { GitWorkspace } from '../../src/run/workspace.ts';
import type { TestRepository } from './repository.ts';

/** A workspace as `openGitWorkspace` gives it for a config at the root of a repository, without files. */
export function workspaceIn(
  { dir, own: git }: Pick<TestRepository, 'dir' | 'own'>,
  config: Config,
  configPath = 'athenz-gitops.yaml',
): GitWorkspace {
  const repository = { git, root: dir, gitDir: join(dir, '.git'), objectFormat: 'sha1' } as const;
  return {
    config,
    configPath,
    root: dir,
    inRoot: (path) => path,
    clusters: config.clusters,
    filtered: false,
    repository,
  };
}
