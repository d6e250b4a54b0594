import fc from 'fast-check';
import { parseDocument } from '../../src/athenz/wire.ts';
import type { DomainDocument } from '../../src/model/domain.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';
import type { RecordedDomain, RecordedMember } from './oracle.ts';
import { at } from './resolve.ts';

/** Namespaces whose domains are `d.<namespace>`; the last has a domain whose name goes on behind another's. */
export const namespaces = ['a', 'b', 'a-b'];
const ownDomains = namespaces.map((namespace) => `d.${namespace}`);
const domainNames = [...ownDomains, 'd.a.b', 'org', 'far'];
const roleNames = ['admins', 'viewers', 'lent'];
const groupNames = ['g', 'h'];

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const memberName = fc.oneof(
  { weight: 5, arbitrary: pick('user.u1', 'user.u2', 'user.u3', 'user.u4') },
  { weight: 5, arbitrary: fc.tuple(pick(...domainNames), pick(...groupNames, 'none')).map((it) => it.join(':group.')) },
  { weight: 1, arbitrary: pick('org.bot', 'd.a.web', 'user.u1.bot', 'home.u2.bot') },
  { weight: 1, arbitrary: pick('*', 'user.*', 'user', 'user.', 'org:ext.u1', 'org:role.lent', '') },
);

const moments = [-86_400_000, -1, 0, 1, 86_400_000].map((offset) => new Date(at.getTime() + offset).toISOString());

const state: fc.Arbitrary<Omit<RecordedMember, 'memberName'>> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.record({ expiration: pick(...moments) }) },
  { weight: 1, arbitrary: fc.record({ systemDisabled: pick(0, 1, 4), expiration: pick(null, ...moments) }) },
  { weight: 1, arbitrary: pick({ approved: false, active: false, pendingState: 'ADD' }, { expiration: 'never' }) },
);

/** Rows as ZMS stores them: it merges the same name, the generator does not. */
const members = fc.array(
  fc.tuple(memberName, state).map(([name, more]): RecordedMember => ({ memberName: name, ...more })),
  { maxLength: 5 },
);

function domainNamed(name: string): fc.Arbitrary<RecordedDomain> {
  const role = (short: string) =>
    fc.oneof(
      { weight: 2, arbitrary: members.map((roleMembers) => ({ name: `${name}:role.${short}`, roleMembers })) },
      { weight: 1, arbitrary: pick('org', 'far', 'd.a').map((trust) => ({ name: `${name}:role.${short}`, trust })) },
    );
  const group = (short: string) => members.map((groupMembers) => ({ name: `${name}:group.${short}`, groupMembers }));
  const assertion = fc.record({
    role: pick(...roleNames, 'none').map((short) => `${name}:role.${short}`),
    resource: pick('*', 'd.*', '*:role.admins', 'd.a:role.viewers', 'd.?:role.*', 'd.a*:role.lent', 'org:role.*', 'x'),
    action: fc.oneof({ weight: 6, arbitrary: pick('assume_role') }, { weight: 1, arbitrary: pick('read', '*') }),
    effect: fc.oneof({ weight: 6, arbitrary: pick('ALLOW') }, { weight: 1, arbitrary: pick('DENY') }),
  });
  const policy = fc.record({
    active: fc.oneof({ weight: 4, arbitrary: pick(true, null) }, { weight: 1, arbitrary: pick(false) }),
    assertions: fc.array(assertion, { maxLength: 4 }),
  });
  return fc.record({
    name: fc.constant(name),
    enabled: fc.oneof({ weight: 8, arbitrary: pick(true, null) }, { weight: 1, arbitrary: pick(false) }),
    roles: fc.tuple(...roleNames.map((short) => fc.option(role(short), { freq: 6, nil: undefined }))).map(present),
    groups: fc.tuple(...groupNames.map((short) => fc.option(group(short), { freq: 6, nil: undefined }))).map(present),
    policies: fc.array(policy, { maxLength: 3 }).map((policies) => ({ contents: { policies } })),
  });
}

function present<T>(items: readonly (T | undefined)[]): readonly T[] {
  return items.filter((item) => item !== undefined);
}

/** Small companies as ZMS would sign them, in which most things that can happen to access happen. */
export const company: fc.Arbitrary<readonly RecordedDomain[]> = fc
  .tuple(...domainNames.map((name) => fc.option(domainNamed(name), { freq: 8, nil: undefined })))
  .map(present);

/** The same as reads of a snapshot; a domain that is not there is absent for certain. */
export function readsOf(domains: readonly RecordedDomain[]): Map<string, DomainRead> {
  const reads = new Map<string, DomainRead>(domainNames.map((name) => [name, { kind: 'absent', confirmed: true }]));
  for (const domain of domains) reads.set(domain.name, { kind: 'value', value: documentOf(domain) });
  return reads;
}

function documentOf(domain: RecordedDomain): DomainDocument {
  return parseDocument(JSON.stringify({ ...domain, modified: '2026-01-01T00:00:00.000Z' }));
}
