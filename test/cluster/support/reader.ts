import { join } from 'node:path';
import type { PolicyRule } from '../../../src/model/manifest.ts';
import { makeFolder } from '../../support/folder.ts';
import { type Action, actionOf, untilAllowed } from './access.ts';
import { rulesOf, writeKubeconfig } from './account.ts';
import type { Api } from './api.ts';
import { kubeconfig as ofTheRun } from './kubectl.ts';
import { clearNamespaces } from './namespaces.ts';
import { rbac } from './objects.ts';

/** What a user is told to bind, of docs/clusterrole.yaml. */
export const readerRules: readonly PolicyRule[] = await rulesOf('docs/clusterrole.yaml');

/** A service account that may do what some rules allow, in the whole cluster, and its kubeconfig. */
export interface Reader extends AsyncDisposable {
  readonly kubeconfig: string;
  /** That of who has made it. */
  readonly admin: string;
}

/**
 * Makes an account for the program and lets it do just that.
 *
 * @param admin kubeconfig of who makes it; default: the cluster of the run
 */
export async function openReader(api: Api, rules = readerRules, admin = ofTheRun): Promise<Reader> {
  await using made = new AsyncDisposableStack();
  const { dir } = made.use(await makeFolder());
  const namespace = 'athenz-gitops-readers';
  await clearNamespaces(api, [namespace]);
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const account = await api.post<{ metadata: { name: string } }>(accounts, { metadata: { generateName: 'reader-' } });
  const { name } = account.metadata;
  const metadata = { name: `athenz-gitops-test-${name}` };
  const remove = (kind: string) => made.defer(() => api.delete(`${rbac}/${kind}/${metadata.name}`));
  await api.post(`${rbac}/clusterroles`, { metadata, rules });
  remove('clusterroles');
  await api.post(`${rbac}/clusterrolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  remove('clusterrolebindings');
  const first: Action | undefined = rules.map(actionOf)[0];
  const user = `system:serviceaccount:${namespace}:${name}`;
  if (first !== undefined) await untilAllowed(api, { user, namespace: '', ...first });

  const file = join(dir, 'kubeconfig');
  await writeKubeconfig(file, { namespace, name }, admin);
  const all = made.move();
  return { kubeconfig: file, admin, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
