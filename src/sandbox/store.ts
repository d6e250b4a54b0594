import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { normaliseDomain, normaliseState, type SandboxDomain, type SandboxState, type StateInput } from './state.ts';

/** A domain with what ZMS knows of its life. */
export interface DomainEntry {
  readonly name: string;
  readonly domain: SandboxDomain;
  /** RFC 3339 UTC with milliseconds: the last change of its content. */
  readonly modified: string;
  /** Another one after a domain was deleted and made again. */
  readonly id: string;
}

/** What can be read of the domains. */
export interface DomainReader {
  get(name: string): DomainEntry | undefined;
  list(): readonly DomainEntry[];
}

/** The domains, each with the stamp of its last change. */
export interface DomainStore extends DomainReader {
  /** As it was last put in, without the domains that are there of themselves. */
  state(): SandboxState;
  /**
   * Takes on a new state: exactly the domains whose content differs get a new stamp, later than any before.
   *
   * @param stamp another stamp for them: ZMS sets it when a write begins, so that one that ends late brings an older one
   */
  apply(next: StateInput, stamp?: string): void;
  /** Writes one domain, which gets a new stamp even where nothing in it differs. */
  put(name: string, domain: SandboxDomain): DomainEntry;
  remove(name: string): void;
  /** The domains as they were before the last change, as a replica that lags behind still has them. */
  readonly replica: DomainReader;
}

/** Domains that every ZMS makes when it first starts, with what it says of them. */
export const systemDomains: ReadonlyMap<string, string> = new Map([
  ['user', 'The reserved domain for user authentication'],
  ['sys', 'The reserved domain for system related information'],
  ['sys.auth', 'The Athenz domain'],
  ['sys.auth.audit', 'The Athenz audit domain'],
  ['sys.auth.audit.org', 'The Athenz audit domain based on org name'],
  ['sys.auth.audit.domain', 'The Athenz audit domain based on domain name'],
]);

/** @param now the clock in milliseconds; stamps follow it, but never stand still or go back */
export function createStore(initial: StateInput, now: () => number): DomainStore {
  let state: SandboxState = { domains: {} };
  let entries: ReadonlyMap<string, DomainEntry> = new Map();
  let before: ReadonlyMap<string, DomainEntry> = new Map();
  let latest = 0;

  function nextStamp(): string {
    latest = Math.max(now(), latest + 1);
    return new Date(latest).toISOString();
  }

  function change(next: SandboxState, changed: ReadonlyMap<string, DomainEntry>): void {
    before = entries;
    entries = changed;
    state = next;
  }

  function apply(input: StateInput, stamp?: string): void {
    const next = normaliseState(input);
    let modified = stamp;
    const empty = normaliseState({
      domains: Object.fromEntries([...systemDomains.keys()].map((name) => [name, null])),
    });
    const all = Object.entries({ ...empty.domains, ...next.domains }).map(([name, domain]) => {
      const old = entries.get(name);
      const same = old !== undefined && isDeepStrictEqual(old.domain, domain);
      if (same) return [name, old] as const;
      modified ??= nextStamp();
      return [name, { name, domain, modified, id: old?.id ?? randomUUID() }] as const;
    });
    change(next, new Map(all));
  }

  function put(name: string, content: SandboxDomain): DomainEntry {
    const domain = normaliseDomain(content);
    const entry = { name, domain, modified: nextStamp(), id: entries.get(name)?.id ?? randomUUID() };
    change({ domains: { ...state.domains, [name]: domain } }, new Map(entries).set(name, entry));
    return entry;
  }

  function remove(name: string): void {
    const { [name]: _, ...domains } = state.domains;
    change({ domains }, new Map([...entries].filter(([other]) => other !== name)));
  }

  apply(initial);
  return {
    state: () => state,
    apply,
    put,
    remove,
    get: (name) => entries.get(name),
    list: () => [...entries.values()],
    replica: { get: (name) => before.get(name), list: () => [...before.values()] },
  };
}
