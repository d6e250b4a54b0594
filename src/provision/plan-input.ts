import type { Config } from '../config/types.ts';
import type { DetailedDocument, DomainStamp } from '../model/domain.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { DomainRead } from '../model/snapshot.ts';

/** What ZMS says: every domain's stamp, and the documents of those that matter. */
export interface AthenzState {
  /** Complete. */
  readonly list: readonly DomainStamp[];
  readonly domains: ReadonlyMap<string, DomainRead<DetailedDocument>>;
}

/** What the config asks for, and whose config it is; see `ownerTag`. */
export type ProvisionSettings = Pick<Config, 'clusters' | 'provision'> & { readonly owner: string | undefined };

export interface ProvisionInput {
  readonly config: ProvisionSettings;
  /** Who carries it out; undefined: nobody knows. */
  readonly principal?: string | undefined;
  readonly inventory: readonly ClusterInventory[];
  /** Undefined: planned from git alone, as if nothing were there yet. */
  readonly athenz: AthenzState | undefined;
  /** Settings are brought to what the config says. */
  readonly update: boolean;
  readonly prune: false | 'report' | 'delete';
  readonly now: Date;
}
