import { pathInside } from '../git/path.ts';
import { compileLayout } from '../model/layout.ts';
import type { Workspace } from '../run/workspace.ts';

/** Where GitHub looks for owners: it takes the first that is there. */
export const codeOwnersPlaces = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** Whether a line names owners of the same path, or of something in it: a wanted line after it would take the review from them. */
export function isOwned(there: string, wanted: string): boolean {
  const [path = ''] = /^(?:\\.|\S)+/.exec(wanted) ?? [];
  const line = `/${there.replace(/^\//, '')}`;
  const isFolder = path.endsWith('/');
  return (isFolder && line.startsWith(path)) || /^\s/.test(cutStart(line, isFolder ? path.slice(0, -1) : path));
}

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
    path === null ? [] : (pathInside(root, path) ?? []),
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

function cutStart(text: string, start: string): string {
  return text.startsWith(start) ? text.slice(start.length) : '';
}
