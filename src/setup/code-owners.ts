import { compileLayout } from '../model/layout.ts';
import type { Workspace } from '../run/workspace.ts';
import { inside } from './inside.ts';

/** Where GitHub looks for owners: it takes the first that is there. */
export const codeOwnersPlaces = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/**
 * Who has to review what decides about access: rendered files, the config with the certificates, keys and templates that it trusts, the
 * workflows, and these lines themselves. The last line that matches wins.
 */
export function ownerLines(
  { config, configPath, root }: Pick<Workspace, 'config' | 'configPath' | 'root'>,
  owners: readonly string[],
  file: (typeof codeOwnersPlaces)[number],
): readonly string[] {
  const layout = compileLayout(config.output.path);
  const { templates } = config.output;
  const roots = new Set(config.clusters.map(({ name }) => layout.rootOf(name)));
  const { caPath, publicKeys } = config.athenz;
  const trusted = [caPath, config.forge.caPath, ...Object.values(publicKeys)].flatMap((path) =>
    path === null ? [] : (inside(root, path) ?? []),
  );
  const paths = new Set([
    ...[...roots].map((folder) => `${folder}/`),
    configPath,
    ...(templates === null ? [] : [`${templates}/`]),
    ...trusted,
    '.github/',
    ...(file.startsWith('.github/') ? [] : [file]),
  ]);
  return [...paths].map((path) => `/${path.replace(/[\\ #]/g, '\\$&')} ${owners.join(' ')}`);
}
