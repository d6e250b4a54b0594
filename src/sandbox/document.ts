import { roleName } from '../model/domain.ts';
import { type Principal, parsePrincipal } from '../model/principal.ts';
import { type Signer, ybase64 } from './sign.ts';
import type { SandboxDomain, SandboxMember, SandboxRole } from './state.ts';
import { type DomainEntry, systemDomains } from './store.ts';

/** Who made every domain: its first administrator, as in a new ZMS. */
const administrator = 'user.athenz_admin';
/** ZMS' bit for a principal that its own monitor disabled. */
const suspendedBit = 4;

/** The domain's roles, with the `admin` role that ZMS gives every domain when it is created. */
function rolesOf(domain: SandboxDomain): ReadonlyMap<string, SandboxRole> {
  const roles = new Map(Object.entries(domain.roles));
  return roles.has('admin') ? roles : roles.set('admin', { members: [{ name: administrator }] });
}

/** What `GET /domain/D` answers. */
export function domainMeta({ name, domain, modified, id }: DomainEntry): object {
  const meta = { enabled: domain.enabled, auditEnabled: false, ypmId: 0, autoDeleteTenantAssumeRoleAssertions: false };
  return { ...organisation(name), ...meta, name, modified, id };
}

/** What `GET /domain/D/role/R` answers; undefined when the domain has no such role. */
export function roleDetail({ name, domain, modified }: DomainEntry, role: string): object | undefined {
  const found = rolesOf(domain).get(role);
  return found && roleBody(name, role, found, modified, (member) => ({ ...memberHead(member), ...approved(member) }));
}

/** The payload of a signed domain document, key by key as ZMS writes it. */
export function documentPayload({ name, domain, modified }: DomainEntry, signer: Signer): object {
  const contents = { domain: name, policies: policies(name, domain, modified) };
  return {
    ...organisation(name),
    enabled: domain.enabled,
    auditEnabled: false,
    ypmId: 0,
    name,
    roles: [...rolesOf(domain)].map(([short, role]) =>
      roleBody(name, short, role, modified, (member) => ({ ...memberHead(member), ...signedTail(member) })),
    ),
    policies: {
      contents,
      signature: ybase64(signer.sign(JSON.stringify(contents), 'der')),
      keyId: signer.keyId,
    },
    services: name === 'sys.auth' ? [zmsService(signer, modified)] : [],
    entities: [],
    groups: Object.entries(domain.groups).map(([short, members]) => {
      const groupName = `${name}:group.${short}`;
      const groupMembers = members.map((member) => ({
        memberName: member.name,
        groupName,
        ...expiration(member),
        ...disabled(member),
      }));
      return { name: groupName, modified, ...(groupMembers.length > 0 ? { groupMembers } : {}) };
    }),
    modified,
  };
}

function roleBody(
  domain: string,
  role: string,
  { members, trust }: SandboxRole,
  modified: string,
  write: (member: SandboxMember) => object,
): object {
  const roleMembers = members.length > 0 ? { roleMembers: members.map(write) } : {};
  return { name: roleName(domain, role), modified, ...roleMembers, ...(trust === undefined ? {} : { trust }) };
}

function memberHead(member: SandboxMember): object {
  return { memberName: member.name, ...expiration(member) };
}

function approved(member: SandboxMember): object {
  return { approved: true, ...requester(member), ...disabled(member) };
}

function signedTail(member: SandboxMember): object {
  return { ...requester(member), ...disabled(member), principalType: principalType(member.name) };
}

function requester({ suspended }: SandboxMember): object {
  return { requestPrincipal: suspended ? 'sys.auth.monitor' : administrator };
}

function disabled({ suspended }: SandboxMember): object {
  return suspended ? { systemDisabled: suspendedBit } : {};
}

/** With milliseconds and in UTC, as ZMS writes it; what is no time at all is served as it is. */
function expiration({ expires }: SandboxMember): object {
  if (expires === undefined) return {};
  const time = Date.parse(expires);
  return { expiration: Number.isNaN(time) ? expires : new Date(time).toISOString() };
}

/** ZMS' numbers: 1 user, 2 service, 3 group, 5 external, 6 everybody. */
function principalType(member: string): number {
  if (member === '*') return 6;
  const types: Partial<Record<Principal['kind'], number>> = { user: 1, group: 3, external: 5 };
  return types[parsePrincipal(member.replaceAll('*', 'x'), 'user').kind] ?? 2;
}

function policies(name: string, { assumes }: SandboxDomain, modified: string): readonly object[] {
  const admin = { role: roleName(name, 'admin'), resource: `${name}:*`, action: '*', effect: 'ALLOW', id: 1 };
  const assertions = assumes.map(({ role, resource, effect = 'ALLOW' }, index) => ({
    role: role.includes(':') ? role : roleName(name, role),
    resource,
    action: 'assume_role',
    effect,
    id: index + 2,
  }));
  const policy = (short: string, held: readonly object[]) => ({
    name: `${name}:policy.${short}`,
    modified,
    assertions: held,
    version: '0',
    active: true,
  });
  return assertions.length === 0
    ? [policy('admin', [admin])]
    : [policy('admin', [admin]), policy('assume', assertions)];
}

function zmsService({ keyId, publicKeyPem }: Signer, modified: string): object {
  return { name: 'sys.auth.zms', publicKeys: [{ key: ybase64(publicKeyPem), id: keyId }], modified };
}

/** Subdomains inherit it from the top; ZMS' own domains have none. */
function organisation(name: string): object {
  return systemDomains.includes(name) ? {} : { org: name.split('.', 1)[0] };
}
