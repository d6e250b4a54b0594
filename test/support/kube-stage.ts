import { parseAllDocuments } from 'yaml';
import type { DriftResult } from '../../src/model/drift.ts';
import { makeFolder } from './folder.ts';
import type { Manifest } from './kube/object.ts';
import { bindingOf, namespacesOf } from './kube/scene.ts';
import { type By, type KubeStandIn, openKubeStandIn } from './kube/stand-in.ts';
import type { RunOptions } from './run.ts';
import { clockAhead, openStage, type Stage, type StageOptions } from './stage.ts';

/** A stage whose cluster `prod` is a stand-in with the sample's namespaces, read as `reader`. */
export interface KubeStage extends Stage {
  readonly kube: KubeStandIn;
  /** Holds a kubeconfig, with the stand-in's users as contexts. */
  readonly kubeconfig: string;
  /** What an engine does: everything rendered at HEAD goes into the cluster; it prunes nothing. */
  apply(by?: By): void;
  /** What `drift --json` finds. */
  drift(code: number, options?: RunOptions, ...args: readonly string[]): Promise<DriftResult>;
}

export const sampleNamespaces = ['checkout', 'labs', 'payments-api', 'payments-web', 'reports', 'search'] as const;

/** Longer than an engine takes. */
export const later: RunOptions = { clock: clockAhead(30 * 60_000) };

/** Before anything that a test does in the cluster: what is written in the same second cannot be told apart. */
const anHourAgo = () => new Date(Date.now() - 3_600_000);

/** Rendered, committed and applied, unless the options say otherwise. */
export async function openKubeStage({
  applied = true,
  config = (text) => text,
  ...options
}: StageOptions & { readonly applied?: boolean } = {}): Promise<KubeStage> {
  await using made = new AsyncDisposableStack();
  const { dir } = made.use(await makeFolder());
  const kube = made.use(await openKubeStandIn());
  kube.put(namespacesOf(...sampleNamespaces));
  const kubeconfig = await kube.writeKubeconfig(dir);
  const reached = (text: string) =>
    text.replace('  - name: prod\n', `  - name: prod\n    kube: {kubeconfig: "${kubeconfig}", context: reader}\n`);
  const stage = await openStage({
    rendered: true,
    uncommitted: true,
    ...options,
    config: (text) => config(reached(text)),
  });
  // As after a proposal was merged.
  if (!options.uncommitted) await stage.commit({}, 'Access\n\nAthenz-Gitops-Scope: prod');
  made.defer(() => stage[Symbol.asyncDispose]());
  const all = made.move();
  const kubeStage: KubeStage = {
    ...stage,
    kube,
    kubeconfig,
    apply: (by = { manager: 'argocd-controller', operation: 'Apply', at: anHourAgo() }) =>
      kube.put(renderedAt(stage, 'HEAD'), by),
    async drift(code, more = {}, ...args) {
      const { out } = await stage.expect(code, ['drift', '--json', ...args], more);
      return JSON.parse(out) as DriftResult;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
  if (applied) kubeStage.apply();
  return kubeStage;
}

/** Every object in the output folder of a commit. */
function renderedAt({ git }: Stage, commit: string): readonly Manifest[] {
  const paths = git('ls-tree', '-r', '--name-only', commit, 'output')
    .split('\n')
    .filter((path) => path !== '');
  return paths.flatMap((path) =>
    parseAllDocuments(git('show', `${commit}:${path}`)).map((document) => document.toJS() as Manifest),
  );
}

/** `search/athenz-k8s_ns_admins: orphan` of every binding that differs; the hash of its name is left out. */
export function statesOf({ bindings }: DriftResult): readonly string[] {
  return bindings.map(
    ({ namespace, name, states }) => `${namespace}/${name.replace(/-[0-9a-f]{8}$/, '')}: ${states.join(', ')}`,
  );
}

/** The name of the binding of `search`'s administrators. */
export const searchAdmins = 'athenz-k8s_ns_admins-cb38a157';

/** The administrators of `search`, as a person writes them into the cluster. */
export function editAdmins({ kube }: KubeStage, ...users: readonly string[]): void {
  const labels = { 'app.kubernetes.io/managed-by': 'athenz-gitops' };
  const metadata = { name: searchAdmins, namespace: 'search', labels };
  const roleRef = { kind: 'Role', name: 'athenz-k8s_ns_admins' } as const;
  kube.put([{ ...bindingOf('search', searchAdmins, ...users), metadata, roleRef }], { manager: 'kubectl-edit' });
}

/** Each subject that differs, and where it is bound. */
export function subjectsOf({ bindings }: DriftResult): readonly (readonly [string, object])[] {
  return bindings.flatMap(({ subjects }) => subjects.map(({ subject, ...bound }) => [subject.name, bound] as const));
}
