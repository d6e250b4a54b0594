import { signedPolicies } from './policies.ts';
import { signedGroups, signedRoles } from './roles.ts';
import { type Signer, ybase64 } from './sign.ts';
import { type DomainEntry, systemDomains } from './store.ts';

/** What `GET /domain/D` answers. */
export function domainMeta({ name, domain, modified, id }: DomainEntry): object {
  const meta = { enabled: domain.enabled, auditEnabled: false, ypmId: 0, autoDeleteTenantAssumeRoleAssertions: false };
  return { ...about(name), ...meta, name, modified, id };
}

/** A line of the list of domains, with what is set for the domain where all of that is asked for. */
export function listEntry({ name, domain, modified }: DomainEntry, attributes: 'all' | 'none'): object {
  const { enabled } = domain;
  const set = attributes === 'all' ? { ...about(name), enabled, auditEnabled: false, ypmId: 0 } : { enabled };
  const absent = { roles: null, policies: null, services: null, entities: null, groups: null };
  return { domain: { ...set, name, ...absent, modified } };
}

/** The payload of a signed domain document, key by key as ZMS writes it. */
export function documentPayload(entry: DomainEntry, signer: Signer): object {
  const { name, domain, modified } = entry;
  return {
    ...about(name),
    enabled: domain.enabled,
    auditEnabled: false,
    ypmId: 0,
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
    ...about(name),
    enabled: state.enabled,
    ypmId: 0,
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
function about(name: string): object {
  const description = systemDomains.get(name);
  return description === undefined ? { org: name.split('.', 1)[0] } : { description };
}
