import { signedGroups } from './groups.ts';
import { signedPolicies } from './policies.ts';
import { signedRoles } from './roles.ts';
import { writtenOwners, writtenTags } from './settings.ts';
import { type Signer, ybase64 } from './sign.ts';
import type { SandboxDomain } from './state.ts';
import { type DomainEntry, systemDomains } from './store.ts';

/** What `GET /domain/D` answers. */
export function domainMeta(entry: DomainEntry): object {
  const { name, domain, modified, id } = entry;
  return {
    ...about(entry),
    enabled: domain.enabled,
    ...settings(domain),
    autoDeleteTenantAssumeRoleAssertions: domain.autoDeleteTenantAssumeRoleAssertions ?? false,
    name,
    modified,
    id,
  };
}

/** What the creation of a subdomain answers, which is not all that can be read of it. */
export function createdDomain(entry: DomainEntry): object {
  const { name, domain, modified, id } = entry;
  return { ...about(entry), auditEnabled: domain.auditEnabled ?? false, name, modified, id };
}

/** A line of the list of domains, with what is set for the domain where all of that is asked for. */
export function listEntry(entry: DomainEntry, attributes: 'all' | 'none'): object {
  const { name, domain, modified } = entry;
  const { enabled } = domain;
  const set = attributes === 'all' ? { ...about(entry), enabled, ...settings(domain) } : { enabled };
  const absent = { roles: null, policies: null, services: null, entities: null, groups: null };
  return { domain: { ...set, name, ...absent, modified } };
}

/** The payload of a signed domain document, key by key as ZMS writes it. */
export function documentPayload(entry: DomainEntry, signer: Signer): object {
  const { name, domain, modified } = entry;
  return {
    ...about(entry),
    enabled: domain.enabled,
    auditEnabled: domain.auditEnabled ?? false,
    ypmId: 0,
    ...applicationOf(domain),
    ...daysAndTags(domain),
    name,
    roles: signedRoles(entry),
    policies: signedPolicies(entry, signer, 'jws'),
    services: services(entry, signer),
    entities: [],
    groups: signedGroups(entry),
    modified,
  };
}

/** The same content in the older form that the list gives where full data is asked for. */
export function signedDomain(entry: DomainEntry, signer: Signer): object {
  const { name, domain: state, modified } = entry;
  const domain = {
    ...about(entry),
    enabled: state.enabled,
    ypmId: 0,
    ...applicationOf(state),
    ...daysAndTags(state),
    name,
    roles: signedRoles(entry),
    policies: signedPolicies(entry, signer, 'signed-domain'),
    services: services(entry, signer),
    entities: [],
    groups: signedGroups(entry),
    modified,
  };
  return { domain, signature: ybase64(signer.sign(JSON.stringify(domain), 'der')), keyId: signer.keyId };
}

function services({ name, modified }: DomainEntry, { keyId, publicKeyPem }: Signer): readonly object[] {
  if (name !== 'sys.auth') return [];
  return [{ name: 'sys.auth.zms', publicKeys: [{ key: ybase64(publicKeyPem), id: keyId }], modified }];
}

/** Subdomains inherit their organisation from the top; ZMS' own domains have none, but a description. */
function about({ name, domain }: DomainEntry): object {
  const description = domain.description ?? systemDomains.get(name);
  const org = orgOf(name, domain);
  return { ...(description === undefined ? {} : { description }), ...(org === '' ? {} : { org }) };
}

/** The organisation of a domain, which its subdomains get when they are made; empty: none. */
export function orgOf(name: string, { org }: SandboxDomain): string {
  return org ?? (systemDomains.has(name) ? '' : (name.split('.', 1)[0] ?? ''));
}

function settings(domain: SandboxDomain): object {
  return {
    auditEnabled: domain.auditEnabled ?? false,
    ypmId: 0,
    ...applicationOf(domain),
    ...daysAndTags(domain),
    ...writtenOwners(domain.owners),
  };
}

/** What a signed document says of it too (setDomainDataAttributes); owners are not in one. */
function daysAndTags(domain: SandboxDomain): object {
  const { memberExpiryDays, serviceExpiryDays, groupExpiryDays, memberPurgeExpiryDays, tags } = domain;
  return {
    ...(memberExpiryDays === undefined ? {} : { memberExpiryDays }),
    ...(serviceExpiryDays === undefined ? {} : { serviceExpiryDays }),
    ...(groupExpiryDays === undefined ? {} : { groupExpiryDays }),
    ...writtenTags(tags),
    ...(memberPurgeExpiryDays === undefined ? {} : { memberPurgeExpiryDays }),
  };
}

function applicationOf({ applicationId }: SandboxDomain): object {
  return applicationId === undefined ? {} : { applicationId };
}
