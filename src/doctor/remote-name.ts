import type { Workspace } from '../run/workspace.ts';
import { error, type Finding } from './finding.ts';
import { isSameRepository } from './same-repository.ts';

/** Whether the remote is the repository that pull requests are opened in, by its name; nothing where that is so, or not known. */
export async function checkRemoteName({ config, repository }: Workspace): Promise<readonly Finding[]> {
  const { kind, remote, repository: name } = config.forge;
  if (kind !== 'github' || remote === null || name === null) return [];
  const url = (await repository?.git.ask('remote', 'get-url', '--', remote))?.trim();
  if (url === undefined || isSameRepository(name, [url])) return [];
  // A password stays where it is.
  const shown = url.replace(/^([\w+.-]+:\/\/)[^/]*@/, '$1');
  const fix = `correct forge.repository, or run git remote set-url ${remote} with the URL of ${name}`;
  return [error('remote', `${remote} is ${shown}, but forge.repository is ${name}`, fix)];
}
