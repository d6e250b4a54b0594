import { createHash } from 'node:crypto';
import type { Config } from '../../config/types.ts';
import type { ClusterInventory } from '../../model/inventory.ts';
import { programDigest } from '../../runtime/program.ts';
import type { PlanContext } from './context.ts';
import { type Memo, openMemo } from './memo.ts';
import type { Now } from './remembered.ts';
import type { AthenzSource } from './source.ts';

interface AboutInput {
  readonly config: Config;
  readonly inventory: readonly ClusterInventory[];
  readonly context: PlanContext;
}

/** The memo of a run; undefined where nothing is kept. */
export function openMemoOf(
  { kept }: Pick<AthenzSource, 'kept'>,
  { now, ...input }: AboutInput & { readonly now: Now },
): Memo | undefined {
  const program = kept && programDigest();
  if (kept === undefined || program === undefined) return undefined;
  const aboutOf = (cluster: string) =>
    createHash('sha256')
      .update(JSON.stringify([program, describe(input, cluster)]))
      .digest('hex');
  return openMemo({ ...kept, ...now, aboutOf });
}

/** All that the files of a cluster's namespaces follow from, but for what Athenz says. */
function describe({ config, inventory, context }: AboutInput, name: string): unknown {
  const { members, names, output, athenz } = config;
  const cluster = config.clusters.find((it) => it.name === name);
  const namespaces = inventory.find((it) => it.cluster === name)?.namespaces ?? [];
  const { role, binding } = context.render.templates;
  return {
    cluster: name,
    domain: cluster?.domain,
    roles: cluster?.roles,
    members,
    names,
    path: output.path,
    userDomain: athenz.userDomain,
    objectFormat: context.objectFormat,
    // Services become the ServiceAccounts of other namespaces.
    namespaces: members.services === 'ServiceAccount' ? namespaces.map((it) => it.name) : [],
    templates: [role.source, binding.source],
  };
}
