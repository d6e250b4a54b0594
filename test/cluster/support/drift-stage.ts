import { join } from 'node:path';
import type { DriftResult } from '../../../src/model/drift.ts';
import { later, sampleNamespaces } from '../../support/kube-stage.ts';
import type { RunOptions } from '../../support/run.ts';
import { openStage, type Stage } from '../../support/stage.ts';
import { settle } from './access.ts';
import type { Api } from './api.ts';
import { apply, type Mode } from './kubectl.ts';
import { clearCluster } from './namespaces.ts';
import type { Reader } from './reader.ts';

/** The sample, rendered, merged and applied to the reader's cluster. */
export interface DriftStage extends Stage {
  /** What `drift --json` finds as the reader; by default half an hour from now, when an engine would have been there. */
  drift(code: number, args?: readonly string[], options?: RunOptions): Promise<DriftResult>;
  /** What an engine does. */
  apply(): Promise<void>;
}

export async function openDriftStage(api: Api, { kubeconfig, admin }: Reader, mode: Mode): Promise<DriftStage> {
  await using made = new AsyncDisposableStack();
  const stage = made.use(await openStage({ rendered: true, uncommitted: true }));
  // As after a proposal was merged.
  await stage.commit({}, 'Access\n\nAthenz-Gitops-Scope: prod');
  await clearCluster(api, sampleNamespaces);
  const driftStage: DriftStage = {
    ...stage,
    async drift(code, args = [], options = later) {
      const { out } = await stage.expect(code, ['drift', '--json', '--kubeconfig', kubeconfig, ...args], options);
      return JSON.parse(out) as DriftResult;
    },
    async apply() {
      await apply(mode, join(stage.dir, 'output'), admin);
      await settle(api);
    },
  };
  await driftStage.apply();
  made.move();
  return driftStage;
}
