import type { DomainDocument, DomainGroup, DomainRole } from '../../model/domain.ts';
import type { Problem } from '../../model/error.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { DomainRead, Snapshot } from '../../model/snapshot.ts';
import { indexTrust, type TrustIndex } from '../../model/trust.ts';

/** A domain's document, indexed. */
export interface IndexedDomain {
  readonly name: string;
  readonly document: DomainDocument;
  readonly enabled: boolean;
  readonly roles: ReadonlyMap<string, DomainRole>;
  readonly groups: ReadonlyMap<string, DomainGroup>;
  /** Short names of the roles that may assume a delegated role. */
  readonly assumable: TrustIndex;
}

/** The outcome of a domain's read; `unconfirmed` names a domain whose absence is not confirmed. */
export type Lookup = (domain: string) => Outcome<IndexedDomain> & { readonly unconfirmed?: string };

/** Indexes the snapshot's documents, each when it is first asked for. */
export function createLookup(snapshot: Snapshot): Lookup {
  const indexed = new Map<string, ReturnType<Lookup>>();
  return (domain) => {
    const read = snapshot.domains.get(domain);
    const known = indexed.get(domain) ?? (read === undefined ? unreadDomain(domain) : indexRead(domain, read));
    indexed.set(domain, known);
    return known;
  };
}

/** The outcome for a domain that nobody has read. */
export function unreadDomain(domain: string): ReturnType<Lookup> {
  return { kind: 'unknown', problem: notRecorded(domain) };
}

export function notRecorded(domain: string): Problem {
  const message = `resolving access: the document of ${domain} is not in the snapshot`;
  return { code: 'SNAPSHOT_INVALID', message, next: 'take the snapshot with this config' };
}

/** The outcome of a read, its document indexed. */
export function indexRead(domain: string, read: DomainRead): ReturnType<Lookup> {
  if (read.kind === 'unknown') return read;
  if (read.kind === 'absent') return read.confirmed ? { kind: 'absent' } : { kind: 'absent', unconfirmed: domain };
  return { kind: 'value', value: indexDomain(read.value) };
}

function indexDomain(document: DomainDocument): IndexedDomain {
  let trust: TrustIndex | undefined;
  return {
    name: document.name,
    document,
    enabled: document.enabled,
    roles: new Map(document.roles.map((role) => [role.name, role])),
    groups: new Map(document.groups.map((group) => [group.name, group])),
    assumable(resource) {
      trust ??= indexTrust(document);
      return trust(resource);
    },
  };
}
