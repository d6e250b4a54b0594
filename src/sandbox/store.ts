import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { normaliseState, type SandboxDomain, type SandboxState, type StateInput } from './state.ts';

/** A domain with what ZMS knows of its life. */
export interface DomainEntry {
  readonly name: string;
  readonly domain: SandboxDomain;
  /** RFC 3339 UTC with milliseconds: the last change of its content. */
  readonly modified: string;
  /** Another one after a domain was deleted and made again. */
  readonly id: string;
}

/** The domains, each with the stamp of its last change. */
export interface DomainStore {
  /** As it was last put in, without the domains that are there of themselves. */
  state(): SandboxState;
  /**
   * Takes on a new state: exactly the domains whose content differs get a new stamp, later than any before.
   *
   * @param stamp another stamp for them: ZMS sets it when a write begins, so that one that ends late brings an older one
   */
  apply(next: StateInput, stamp?: string): void;
  get(name: string): DomainEntry | undefined;
  list(): readonly DomainEntry[];
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
  let entries = new Map<string, DomainEntry>();
  let latest = 0;

  function apply(input: StateInput, stamp?: string): void {
    const next = normaliseState(input);
    if (stamp === undefined) latest = Math.max(now(), latest + 1);
    const modified = stamp ?? new Date(latest).toISOString();
    const empty = normaliseState({
      domains: Object.fromEntries([...systemDomains.keys()].map((name) => [name, null])),
    });
    entries = new Map(
      Object.entries({ ...empty.domains, ...next.domains }).map(([name, domain]) => {
        const old = entries.get(name);
        const same = old !== undefined && isDeepStrictEqual(old.domain, domain);
        return [name, same ? old : { name, domain, modified, id: old?.id ?? randomUUID() }];
      }),
    );
    state = next;
  }

  apply(initial);
  return { state: () => state, apply, get: (name) => entries.get(name), list: () => [...entries.values()] };
}
