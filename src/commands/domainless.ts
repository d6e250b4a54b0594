import { findDomainless } from '../config/domainless.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import type { Workspace } from '../run/workspace.ts';

/** Says first, and once for a cluster, that its template fits no domain: everything else follows from it. */
export function warnOfDomainless(
  io: Io,
  flags: CommonFlags,
  { config }: Pick<Workspace, 'config'>,
  inventory: readonly ClusterInventory[],
  { list }: Pick<Snapshot, 'list'>,
): void {
  const { warn } = logOf(io, flags);
  for (const { problem } of findDomainless(config, inventory, list)) warn(`${problem.message}; ${problem.next}`);
}
