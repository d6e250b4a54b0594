import { compileLayout } from '../model/layout.ts';
import type { Workspace } from '../run/workspace.ts';

/** Where GitHub looks for owners: it takes the first that is there. */
export const codeOwnersPlaces = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** Who has to review what decides about access: rendered files, the config and the workflows. The last line that matches wins. */
export function ownerLines(
  { config, configPath }: Pick<Workspace, 'config' | 'configPath'>,
  owners: readonly string[],
): readonly string[] {
  const layout = compileLayout(config.output.path);
  const roots = [...new Set(config.clusters.map(({ name }) => layout.rootOf(name)))];
  return [...roots.map((root) => `/${root}/`), `/${configPath}`, '/.github/'].map(
    (path) => `${path.replace(/[\\ #]/g, '\\$&')} ${owners.join(' ')}`,
  );
}
