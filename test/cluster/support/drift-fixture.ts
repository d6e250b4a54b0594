import { join } from 'node:path';
import type { DriftResult } from '../../../src/drift/result.ts';
import { type Fixture, openFixture } from '../../support/fixture.ts';
import { later, sampleNamespaces } from '../../support/kube-fixture.ts';
import type { RunOptions } from '../../support/run.ts';
import { settle } from './access.ts';
import type { Api } from './api.ts';
import { apply, type Mode } from './kubectl.ts';
import { clearCluster } from './namespaces.ts';
import type { Reader } from './reader.ts';

/** The sample, rendered, merged and applied to the reader's cluster. */
export interface DriftFixture extends Fixture {
  /** What `drift --json` finds as the reader; by default half an hour from now, when an engine would have been there. */
  drift(code: number, args?: readonly string[], options?: RunOptions): Promise<DriftResult>;
  /** What an engine does. */
  apply(): Promise<void>;
}

export async function openDriftFixture(api: Api, { kubeconfig, admin }: Reader, mode: Mode): Promise<DriftFixture> {
  await using made = new AsyncDisposableStack();
  const fixture = made.use(await openFixture({ rendered: true, uncommitted: true }));
  // As after a proposal was merged.
  await fixture.commit({}, 'Access\n\nAthenz-Gitops-Scope: prod');
  await clearCluster(api, sampleNamespaces);
  const driftFixture: DriftFixture = {
    ...fixture,
    async drift(code, args = [], options = later) {
      const { out } = await fixture.expect(code, ['drift', '--json', '--kubeconfig', kubeconfig, ...args], options);
      return JSON.parse(out) as DriftResult;
    },
    async apply() {
      await apply(mode, join(fixture.dir, 'output'), admin);
      await settle(api);
    },
  };
  await driftFixture.apply();
  made.move();
  return driftFixture;
}
