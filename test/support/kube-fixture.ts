import { parseAllDocuments } from 'yaml';
import type { DriftResult } from '../../src/drift/result.ts';
import { clockAhead, type Fixture, type FixtureOptions, openFixture } from './fixture.ts';
import { makeFolder } from './folder.ts';
import { bindingOf, namespacesOf } from './kube/fixture.ts';
import type { Manifest } from './kube/object.ts';
import { type By, type KubeStandIn, openKubeStandIn } from './kube/stand-in.ts';
import type { RunOptions } from './run.ts';

/** A fixture whose cluster `prod` is a stand-in with the sample's namespaces, read as `reader`. */
export interface KubeFixture extends Fixture {
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
export async function openKubeFixture({
  applied = true,
  config = (text) => text,
  ...options
}: FixtureOptions & { readonly applied?: boolean } = {}): Promise<KubeFixture> {
  await using made = new AsyncDisposableStack();
  const { dir } = made.use(await makeFolder());
  const kube = made.use(await openKubeStandIn());
  kube.put(namespacesOf(...sampleNamespaces));
  const kubeconfig = await kube.writeKubeconfig(dir);
  const reached = (text: string) =>
    text.replace('  - name: prod\n', `  - name: prod\n    kube: {kubeconfig: "${kubeconfig}", context: reader}\n`);
  const fixture = await openFixture({
    rendered: true,
    uncommitted: true,
    ...options,
    config: (text) => config(reached(text)),
  });
  // As after a proposal was merged.
  if (!options.uncommitted) await fixture.commit({}, 'Access\n\nAthenz-Gitops-Scope: prod');
  made.defer(() => fixture[Symbol.asyncDispose]());
  const all = made.move();
  const kubeFixture: KubeFixture = {
    ...fixture,
    kube,
    kubeconfig,
    apply: (by = { manager: 'argocd-controller', operation: 'Apply', at: anHourAgo() }) =>
      kube.put(renderedAt(fixture, 'HEAD'), by),
    async drift(code, more = {}, ...args) {
      const { out } = await fixture.expect(code, ['drift', '--json', ...args], more);
      return JSON.parse(out) as DriftResult;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
  if (applied) kubeFixture.apply();
  return kubeFixture;
}

/** Every object in the output folder of a commit. */
function renderedAt({ git }: Fixture, commit: string): readonly Manifest[] {
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
export function editAdmins({ kube }: KubeFixture, ...users: readonly string[]): void {
  const labels = { 'app.kubernetes.io/managed-by': 'athenz-gitops' };
  const metadata = { name: searchAdmins, namespace: 'search', labels };
  const roleRef = { kind: 'Role', name: 'athenz-k8s_ns_admins' } as const;
  kube.put([{ ...bindingOf('search', searchAdmins, ...users), metadata, roleRef }], { manager: 'kubectl-edit' });
}

/** Each subject that differs, and where it is bound. */
export function subjectsOf({ bindings }: DriftResult): readonly (readonly [string, object])[] {
  return bindings.flatMap(({ subjects }) => subjects.map(({ subject, ...bound }) => [subject.name, bound] as const));
}
