import type { DomainDocument, DomainGroup, DomainRole } from '../model/domain.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { indexTrust, type TrustIndex } from '../model/trust.ts';

/** A domain's document, indexed. */
export interface IndexedDomain {
  readonly name: string;
  readonly enabled: boolean;
  readonly roles: ReadonlyMap<string, DomainRole>;
  readonly groups: ReadonlyMap<string, DomainGroup>;
  /** Short names of the roles that may assume a delegated role. */
  readonly assumable: TrustIndex;
}

/** The outcome of a domain's read; `relies` names a domain whose absence nobody has confirmed. */
export type Lookup = (domain: string) => Outcome<IndexedDomain> & { readonly relies?: string };

/** Indexes the snapshot's documents, each when it is first asked for. */
export function createLookup(snapshot: Snapshot): Lookup {
  const indexed = new Map<string, ReturnType<Lookup>>();
  return (domain) => {
    const known = indexed.get(domain) ?? lookUp(snapshot, domain);
    indexed.set(domain, known);
    return known;
  };
}

function lookUp(snapshot: Snapshot, domain: string): ReturnType<Lookup> {
  const read = snapshot.domains.get(domain);
  if (read === undefined) {
    const message = `resolving access: the document of ${domain} is not in the snapshot`;
    const next = 'take the snapshot with this config';
    return { kind: 'unknown', problem: { code: 'SNAPSHOT_INVALID', message, next } };
  }
  if (read.kind === 'unknown') return read;
  if (read.kind === 'absent') return read.confirmed ? { kind: 'absent' } : { kind: 'absent', relies: domain };
  return { kind: 'value', value: indexDomain(read.value) };
}

function indexDomain(document: DomainDocument): IndexedDomain {
  let trust: TrustIndex | undefined;
  return {
    name: document.name,
    enabled: document.enabled,
    roles: new Map(document.roles.map((role) => [role.name, role])),
    groups: new Map(document.groups.map((group) => [group.name, group])),
    assumable(resource) {
      trust ??= indexTrust(document);
      return trust(resource);
    },
  };
}
