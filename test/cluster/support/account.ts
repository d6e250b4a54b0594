import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { PolicyRule } from '../../../src/model/manifest.ts';
import { kubectl, kubeconfig as ofTheRun } from './kubectl.ts';

interface RoleObject {
  readonly kind: string;
  readonly rules: readonly PolicyRule[];
}

/** A service account. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Writes a kubeconfig that signs in as a service account.
 *
 * @param admin kubeconfig of who asks for the token
 * @param server where another one leads to the same server
 * @returns the name of its context
 */
export async function writeKubeconfig(
  file: string,
  { namespace, name }: Account,
  admin = ofTheRun,
  server?: string,
): Promise<string> {
  const as = `--kubeconfig=${admin}`;
  const token = await kubectl(as, 'create', 'token', name, `--namespace=${namespace}`);
  const view = await kubectl(as, 'config', 'view', '--raw', '--minify', '--flatten', '--output=json');
  const config = JSON.parse(view);
  const [context] = config.contexts;
  const users = [{ name: context.context.user, user: { token: token.trim() } }];
  const clusters = config.clusters.map((it: { readonly cluster: object }) => ({
    ...it,
    cluster: { ...it.cluster, ...(server === undefined ? {} : { server }) },
  }));
  await writeFile(file, JSON.stringify({ ...config, clusters, users }), { mode: 0o600 });
  return context.name;
}

/** The rules of the one Role or ClusterRole in a file of this repository. */
export async function rulesOf(file: string): Promise<readonly PolicyRule[]> {
  const text = await readFile(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8');
  const objects = parseAllDocuments(text).map((it) => it.toJS() as RoleObject);
  const [role, ...more] = objects.filter(({ kind }) => /^(Cluster)?Role$/.test(kind));
  if (role === undefined || more.length > 0) throw new Error(`${file} has no single Role`);
  return role.rules;
}
