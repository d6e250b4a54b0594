import type { DomainDocument, DomainStamp } from './domain.ts';
import type { Problem } from './error.ts';

/**
 * How the read of one domain ended. `absent` is first only "not in the complete list"; it is `confirmed` once
 * `GET /domain/D` said 404 too, and only then may it remove access.
 */
export type DomainRead<D extends DomainDocument = DomainDocument> =
  | { readonly kind: 'value'; readonly value: D }
  | { readonly kind: 'absent'; readonly confirmed: boolean }
  | { readonly kind: 'unknown'; readonly problem: Problem };

/** All that a run needs to know of Athenz, at one instant. Everything computed from it is pure. */
export interface Snapshot {
  /** RFC 3339 UTC: when the poll began, by this machine's clock. Expiry is judged against it. */
  readonly takenAt: string;
  readonly zmsUrl: string;
  /** Every domain of the server, sorted by name. */
  readonly list: readonly DomainStamp[];
  /** The domains that were needed, by name. */
  readonly domains: ReadonlyMap<string, DomainRead>;
}
