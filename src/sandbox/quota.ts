import { z } from 'zod';
import { type Answer, noContent, ok, zmsError } from './answer.ts';
import type { Handle } from './call.ts';
import type { SandboxDomain } from './state.ts';
import type { DomainReader } from './store.ts';
import type { Write } from './write.ts';

/** What a new ZMS allows. */
const defaultQuota: Readonly<Record<string, number>> = {
  subdomain: 100,
  role: 1000,
  roleMember: 100,
  policy: 1000,
  assertion: 100,
  entity: 100,
  service: 250,
  serviceHost: 10,
  publicKey: 100,
  group: 100,
  groupMember: 100,
};

/** The refusal of one subdomain more: they are counted over the whole tree of the top domain. */
export function subdomainsOver(store: DomainReader, name: string): Answer | undefined {
  const top = name.split('.', 1)[0] ?? '';
  const count = store.list().filter((entry) => entry.name.startsWith(`${top}.`)).length;
  return over('subdomain', 'subdomain', store.get(top)?.domain, count + 1);
}

export function membersOver(domain: SandboxDomain, count: number): Answer | undefined {
  return over('roleMember', 'role member', domain, count);
}

function over(key: string, what: string, domain: SandboxDomain | undefined, actual: number): Answer | undefined {
  const limit = domain?.quota?.[key] ?? defaultQuota[key] ?? 0;
  return actual > limit ? zmsError(429, `${what} quota exceeded - limit: ${limit} actual: ${actual}`) : undefined;
}

/** `GET /domain/D/quota`: the server's own numbers where the domain has none. */
export function quotaReader(store: DomainReader, now: () => number): Handle {
  return (_, name = '') => {
    const entry = store.get(name);
    if (entry === undefined) return zmsError(404, `getQuota: Domain not found: ${name}`);
    const { quota } = entry.domain;
    if (quota === undefined)
      return ok({ name: 'server-default', ...defaultQuota, modified: new Date(now()).toISOString() });
    return ok({ name, ...defaultQuota, ...quota, modified: entry.modified });
  };
}

const body = z.object({ name: z.string(), ...mapKeys(z.int32()) });

/** `PUT /domain/D/quota` */
export const putQuota: Write<z.infer<typeof body>> = {
  names: ['DomainName'],
  body,
  needs: () => ['update', 'sys.auth:quota'],
  carryOut: ({ store }, _, { name: __, ...quota }, name = '') => {
    const entry = store.get(name);
    if (entry === undefined) return zmsError(404, `No such domain: ${name}`);
    store.put(name, { ...entry.domain, quota });
    return noContent;
  },
};

function mapKeys<T>(value: T): Record<string, T> {
  return Object.fromEntries(Object.keys(defaultQuota).map((key) => [key, value]));
}
