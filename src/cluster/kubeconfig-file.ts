import { dirname, isAbsolute, join, sep } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { z } from 'zod';
import { maxYamlBytes, parseYaml } from '../model/yaml.ts';
import { checkEnds, readTextSync } from '../runtime/file.ts';

/** What the library takes for granted, and what it does not read of a user. */
const text = z.string();
const file = z
  .object({
    'current-context': text.nullish(),
    contexts: z.array(z.object({ name: text })).nullish(),
    clusters: z.array(z.object({ name: text, cluster: z.object({ server: text.nullish() }).nullish() })).nullish(),
    users: z
      .array(
        z.object({ name: text, user: z.object({ tokenFile: text.nullish(), 'token-file': text.nullish() }).nullish() }),
      )
      .nullish(),
  })
  .nullable();

/**
 * Reads one kubeconfig as kubectl does, where the library does not: an empty file has nothing in it, `tokenFile` holds a
 * token, and a plugin's command with a slash is beside the file.
 *
 * @throws Error whatever is wrong with it
 */
export function readKubeconfig(path: string): KubeConfig {
  const text = readTextSync(path);
  const { value } = parseYaml(text, { maxBytes: maxYamlBytes.manifests, mergeKeys: 'read' });
  const read = check(value);
  // The library reads these at once, of every user.
  for (const { user } of read?.users ?? []) if (user?.['token-file']) checkEnds(user['token-file']);
  const kubeConfig = new KubeConfig();
  // Not the text itself: the library's parser ignores merge keys.
  kubeConfig.loadFromString(JSON.stringify(value ?? {}));
  const folder = dirname(path);
  kubeConfig.makePathsAbsolute(folder);
  const named = new Map(read?.users?.map((it) => [it.name, it.user?.tokenFile ?? undefined]));
  kubeConfig.users = kubeConfig.getUsers().map((user) => completed(user, named.get(user.name), folder));
  return kubeConfig;
}

function check(value: unknown): z.output<typeof file> {
  // A text alone says nothing, as an empty file.
  if (typeof value !== 'object') return null;
  const { data, error } = file.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (issue !== undefined) throw new TypeError(`${issue.path.join('.')}: ${issue.message}`);
  return data ?? null;
}

function completed(user: User, tokenFile: string | undefined, folder: string): User {
  const { token: _, ...others } = user;
  // As in a pod: the token is read from the file, which counts more than one that is written beside it.
  if (tokenFile)
    return { ...others, authProvider: { name: 'tokenFile', config: { tokenFile: at(folder, tokenFile) } } };
  const command: unknown = user.exec?.command;
  if (typeof command !== 'string' || !command.includes(sep)) return user;
  return { ...user, exec: { ...user.exec, command: at(folder, command) } };
}

function at(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
