import { neededBy, neededThrough } from '../../athenz/needs.ts';
import type { UserDomains } from '../../model/principal.ts';
import type { DomainRead } from '../../model/snapshot.ts';
import { type IndexedDomain, indexRead, type Lookup, unreadDomain } from './lookup.ts';

/** Documents of domains, kept only while they are needed. */
export interface Documents {
  /** What access through these roles of a domain depends on, read: the lookup knows these domains and no others. */
  around(domain: string, roles: ReadonlySet<string>): Promise<Surroundings>;
  /** Begins to read a domain that `around` will be asked about soon. */
  prepare(domain: string): Promise<unknown>;
  /** Something else is known of a domain now. */
  forget(domain: string): void;
}

/** What was read around a domain. */
export interface Surroundings {
  readonly names: readonly string[];
  readonly lookup: Lookup;
}

/** Documents that are kept: those that were used last of what roles point at, and those that were asked for ahead. */
const mostUsed = 256;

/**
 * @param source reads one domain; prepares what is not in the cache
 * @param ahead domains that are prepared at a time at most
 * @param keepAll keep the domains that `around` is asked about too, where reading one again costs a request
 */
export function openDocuments(
  { read, prepare }: { read(domain: string): Promise<DomainRead>; prepare(domain: string): Promise<void> },
  { userDomain, ahead, keepAll }: { userDomain: UserDomains; ahead: number; keepAll: boolean },
): Documents {
  const most = mostUsed + ahead;
  const kept = new Map<string, Promise<ReturnType<Lookup>>>();

  function find(domain: string, keep = true): Promise<ReturnType<Lookup>> {
    const found = kept.get(domain) ?? read(domain).then((outcome) => indexRead(domain, outcome));
    // What lives long is cleared away late: a fleet of documents would pile up.
    if (!keep && !kept.has(domain)) return found;
    // Used last: the last to go.
    kept.delete(domain);
    kept.set(domain, found);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return found;
  }

  return {
    // Without a cache a document that was read is found among those that are kept, and nowhere else.
    prepare: keepAll ? find : prepare,
    forget: (domain) => void kept.delete(domain),
    async around(domain, roles) {
      const known = new Map<string, ReturnType<Lookup>>();
      const load = (names: Iterable<string>, keep = true) =>
        Promise.all(
          [...new Set(names)]
            .filter((name) => !known.has(name))
            .map(async (name) => void known.set(name, await find(name, keep))),
        );
      const documentOf = (name: string): IndexedDomain | undefined => {
        const outcome = known.get(name);
        return outcome?.kind === 'value' ? outcome.value : undefined;
      };
      await load([domain], keepAll);
      const own = documentOf(domain);
      if (own !== undefined) {
        const { groups, delegations } = neededBy(own.document, roles, userDomain);
        await load([...groups, ...delegations.map(({ trust }) => trust)]);
        await load(
          delegations.flatMap((delegation) => {
            const trusted = documentOf(delegation.trust);
            if (trusted === undefined) return [];
            return neededThrough(trusted.document, trusted.assumable, delegation, userDomain);
          }),
        );
      }
      return { names: [...known.keys()], lookup: (name) => known.get(name) ?? unreadDomain(name) };
    },
  };
}
