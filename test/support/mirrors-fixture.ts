import { type Fixture, type FixtureOptions, merge } from './fixture.ts';
import { makeFolder } from './folder.ts';
import { namespacesOf } from './kube/fixture.ts';
import type { Manifest } from './kube/object.ts';
import { type KubeStandIn, openKubeStandIn } from './kube/stand-in.ts';
import { type KubeFixture, openKubeFixture } from './kube-fixture.ts';
import { addresses, type LiveObject, service, slice } from './mirrors.ts';

/** A fixture with a second cluster `eu1`, whose labelled Services in the namespace `search` are mirrored to `prod`. */
export interface MirrorsFixture extends KubeFixture {
  readonly eu1: KubeStandIn;
}

/** The branch of its proposals. */
export const mirrorsBranch = 'athenz-gitops/main/mirrors@+athenz-gitops_yaml.prod';

export async function openMirrors(mirrors: string, options: FixtureOptions = {}): Promise<MirrorsFixture> {
  await using made = new AsyncDisposableStack();
  const { dir } = made.use(await makeFolder());
  const eu1 = made.use(await openKubeStandIn());
  eu1.put(namespacesOf('search'));
  eu1.put([service('web', {}, { namespace: 'search' }), slice('web', addresses(2), { namespace: 'search' })].map(put));
  const kubeconfig = await eu1.writeKubeconfig(dir, { current: 'admin' });
  const cluster = [
    '  - name: eu1',
    `    kube: {kubeconfig: "${kubeconfig}", context: admin}`,
    '    domain: acme.eks.{namespace}',
    '    namespaces: {files: [clusters/prod/*.yaml]}',
  ].join('\n');
  const fixture = await openKubeFixture({
    ...options,
    applied: false,
    uncommitted: false,
    config: (text) =>
      text.replace('context: reader', 'context: admin').replace('clusters:\n', `clusters:\n${cluster}\n`),
  });
  made.defer(() => fixture[Symbol.asyncDispose]());
  await fixture.editConfig((text) => `${text}\nmirrors: ${mirrors}\n`);
  await fixture.commit({}, 'Mirrors');
  const all = made.move();
  return { ...fixture, eu1, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** As the stand-in takes an object. */
export function put(object: LiveObject): Manifest {
  return object;
}

/** Proposes and merges, as a reviewer would. */
export async function mergeMirrors(fixture: Fixture): Promise<void> {
  await fixture.expect(0, ['sync']);
  merge(fixture.dir, mirrorsBranch);
}
