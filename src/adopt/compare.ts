import { resolveAccess } from '../access/resolve.ts';
import type { Config } from '../config/types.ts';
import { workTree } from '../git/work-tree.ts';
import type { Proposal } from '../model/adoption.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { compileLayout } from '../model/layout.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { createPlanContext } from '../plan/context.ts';
import { decideFrom, wantedDomains } from '../run/assess.ts';
import type { SnapshotSource } from '../run/source.ts';
import { loadTemplates } from '../run/templates.ts';
import { type AdoptionPlan, planAdoption } from './plan.ts';
import type { ReadCluster } from './read-cluster.ts';

/** Asks Athenz who has access, and compares it with who has. */
export async function compareAccess(
  source: SnapshotSource,
  config: Config,
  proposal: Proposal,
  { live }: ReadCluster,
): Promise<{ readonly decided: AdoptionPlan; readonly snapshot: Snapshot }> {
  const inventory = [inventoryOf(config, proposal)];
  const context = createPlanContext({
    config,
    layout: compileLayout(config.output.path),
    filtered: false,
    render: { names: config.names, templates: await loadTemplates(null, workTree(config.dir, 'sha1')) },
    objectFormat: 'sha1',
  });
  return decideFrom(source, wantedDomains(config, inventory), (snapshot) => {
    const access = resolveAccess({ config, inventory, snapshot, at: new Date(snapshot.takenAt) });
    return planAdoption({ context, live: live.namespaces, access });
  });
}

function inventoryOf({ clusters }: Config, { namespaces }: Proposal): ClusterInventory {
  const cluster = clusters[0]?.name ?? '';
  const entries = namespaces.map((name) => ({ name, source: `cluster ${cluster}` }));
  return { cluster, namespaces: entries, excluded: [], problems: [] };
}
