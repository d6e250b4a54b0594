import { refuseBlindness } from '../athenz/poll.ts';
import type { Config } from '../config/types.ts';
import { createPlanContext } from '../generators/rbac/context.ts';
import { resolveAccess } from '../generators/rbac/resolve.ts';
import { type SnapshotSource, wantedDomains } from '../generators/rbac/source.ts';
import { loadTemplates } from '../generators/rbac/templates.ts';
import { workTree } from '../git/work-tree.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { compileLayout } from '../model/layout.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type AdoptionPlan, planAdoption } from './plan.ts';
import type { ReadCluster } from './read-cluster.ts';
import type { ProposedConfig } from './result.ts';

/** Asks Athenz who has access, and compares it with who has. */
export async function compareAccess(
  source: SnapshotSource,
  config: Config,
  proposal: ProposedConfig,
  { live }: ReadCluster,
): Promise<{ readonly decided: AdoptionPlan; readonly snapshot: Snapshot }> {
  const inventory = [inventoryOf(config, proposal)];
  const context = createPlanContext({
    config,
    layout: compileLayout(config.output.path),
    render: { names: config.names, templates: await loadTemplates(null, workTree(config.dir, 'sha1')) },
    objectFormat: 'sha1',
  });
  const decide = (snapshot: Snapshot) => {
    const access = resolveAccess({ config, inventory, snapshot, at: new Date(snapshot.takenAt) });
    return planAdoption({ context, live: live.namespaces, access });
  };
  const snapshot = await source.take(wantedDomains(config, inventory));
  refuseBlindness(snapshot);
  const decided = decide(snapshot);
  if (decided.doubted.length === 0) return { decided, snapshot };
  // Where an absence would remove access it is looked at a second time.
  const confirmed = await source.confirm(snapshot, decided.doubted);
  return { decided: confirmed === snapshot ? decided : decide(confirmed), snapshot: confirmed };
}

function inventoryOf({ clusters }: Config, { namespaces }: ProposedConfig): ClusterInventory {
  const cluster = clusters[0]?.name ?? '';
  const entries = namespaces.map((name) => ({ name, source: `cluster ${cluster}` }));
  return { cluster, namespaces: entries, excluded: [], problems: [] };
}
