import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Api } from '../support/api.ts';
import { foreign } from '../support/namespaces.ts';
import type { ObjectList } from '../support/objects.ts';
import { SetupError } from './setup-error.ts';

/** The kubeconfig of TEST_KUBECONFIG, where it is set. */
export async function givenKubeconfig(): Promise<string | undefined> {
  const given = process.env['TEST_KUBECONFIG'];
  if (!given) return undefined;
  const path = resolve(given);
  await access(path).catch(() => {
    throw new SetupError(`TEST_KUBECONFIG: there is no file ${path}`);
  });
  return path;
}

/**
 * Refuses a cluster that somebody uses: the tests make namespaces with everyday names, and remove every Role and
 * RoleBinding in them.
 */
export async function refuseInUse(api: Api): Promise<void> {
  const { items } = await api
    .get<ObjectList<Parameters<typeof foreign>[0][number]>>('/api/v1/namespaces')
    .catch((error: Error) => {
      throw new SetupError(`TEST_KUBECONFIG: its cluster lists no namespaces: ${error.message.trim()}`);
    });
  const names = foreign(items);
  if (names.length === 0) return;
  const shown = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
  throw new SetupError(
    `TEST_KUBECONFIG is refused, as the cluster is in use (it has namespace ${shown}): give an empty one that may be thrown away`,
  );
}
