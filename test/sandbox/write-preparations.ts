import type { Domains } from './exchange.ts';
import { type Preparation, references } from './preparations.ts';
import { lab, withMore } from './recorded-state.ts';

/** The lab with the clock of the recorded write, for responses that contain the time. */
function at(time: string, domains: Domains = {}): Preparation {
  return { steps: [...lab, ['2026-11-21T01:30:00.000Z', domains], [time, {}]] };
}

/** The lab with these domains. */
function withDomains(domains: Domains): Preparation {
  return { steps: [...lab, ['2026-11-21T01:30:00.000Z', domains]] };
}

/** The first minutes, before the lab was complete. */
function early(time: string, domains: Domains = { eks: null, 'eks.users': null }): Preparation {
  return {
    steps: [
      ['2026-11-21T01:26:00.000Z', domains],
      [time, {}],
    ],
  };
}

const system: Domains = { 'eks.system': null };
const provisioner: Domains = {
  ...system,
  'eks.users': {
    roles: { provisioner: ['eks.system.gitops'] },
    policies: { provisioner: [{ role: 'provisioner', resource: 'eks.users:domain', action: 'create' }] },
  },
};
const prov1: Domains = {
  ...provisioner,
  'eks.users.prov1': { roles: { admin: ['eks.system.gitops', 'user.athenz_admin'] } },
};
const owned: Domains = { 'eks.users.ownedns': { owners: { meta: 'gitops', object: 'gitops' } } };
const audited: Domains = { 'eks.users.audited': { auditEnabled: true } };
const auditedRole: Domains = { 'eks.users.audited': { auditEnabled: true, roles: { ar: { auditEnabled: true } } } };
const deltans: Domains = { 'eks.users.deltans': null };
const twoMore: Domains = { 'eks.users.9ns': null, 'eks.users.ab-': null };
const scale = Object.fromEntries(
  Array.from({ length: 92 }, (_, index) => [`eks.scale.s${String(index).padStart(4, '0')}`, null]),
);
const pendingBob = { name: 'user.bob', requested: '2026-11-21T01:28:11.068Z' };

/** For each recorded write that the unchanged lab does not reproduce. */
export const writePreparations: Readonly<Record<string, Preparation>> = {
  'authz/post-sub-as-service-ok': at('2026-11-21T01:47:27.326Z', provisioner),
  'authz/put-provisioner-role': withDomains(system),
  'authz/put-role-as-service-in-own-domain': withDomains(prov1),
  'authz/put-role-as-service-in-other-domain': withDomains(prov1),
  'authz/post-sub-as-service-deeper': withDomains(provisioner),
  'authz/delete-sub-as-service': withDomains(prov1),

  'domain/delete-after-group-unreferenced': withDomains({ 'eks.users.tmpd': { groups: { g: ['user.alice'] } } }),
  'domain/delete-with-referenced-group': { steps: references },
  'domain/delete-audit-enabled-no-ref': withDomains(audited),
  'domain/delete-no-owner-409': withDomains(owned),
  'domain/delete-other-owner-409': withDomains(owned),
  'domain/delete-right-owner': withDomains(owned),
  'domain/delete-sub-ok': withDomains(twoMore),
  'domain/delete-sub-via-domain-endpoint': withDomains(twoMore),
  'domain/delete-tld-with-subdomains': withDomains(twoMore),
  'domain/delete-with-subdomains': withDomains(twoMore),
  'domain/post-sub-created': early('2026-11-21T01:26:53.865Z', { eks: null }),
  'domain/post-sub-ns-created': early('2026-11-21T01:26:54.306Z'),
  'domain/post-sub-ns-dash': early('2026-11-21T01:26:54.425Z'),
  'domain/post-sub-ns-underscore': early('2026-11-21T01:26:54.537Z'),
  'domain/post-sub-ns-double-dash': early('2026-11-21T01:26:54.598Z'),
  'domain/post-sub-ns-trailing-dash': early('2026-11-21T01:26:54.665Z'),
  'domain/post-sub-ns-digit': early('2026-11-21T01:26:54.705Z'),
  'domain/post-sub-ns-uppercase': early('2026-11-21T01:26:54.783Z'),
  'domain/post-sub-ns-63': early('2026-11-21T01:26:54.888Z'),
  'domain/recreate-after-delete': at('2026-11-21T01:47:27.103Z'),
  'domain/put-audit-enabled': withDomains({ 'eks.users.audited': null }),
  'domain/put-disable': withDomains(deltans),
  'domain/put-role-in-disabled': withDomains({ 'eks.users.deltans': { enabled: false } }),
  'domain/put-meta-member-expiry': withDomains({ 'eks.users.explim': null }),

  'error/subdomain-quota-exceeded': withDomains({ 'eks.scale': null, ...scale }),

  // The other role with this group was created later.
  'group/delete-referenced': withDomains({ 'eks.users.ns1': withMore({ expdays: [] }) }),

  'role/decision-approve': withDomains({
    'eks.users.ns1': withMore({ selfserve: { selfServe: true, pending: [{ ...pendingBob, by: 'user.bob' }] } }),
  }),
  'role/decision-approve-own-request': withDomains({
    'eks.users.ns1': withMore({
      review: { reviewEnabled: true, pending: [{ ...pendingBob, by: 'user.athenz_admin' }] },
    }),
  }),
  'role/delete-role': withDomains({ 'eks.users.ns1': withMore({ 'a.b.c': ['user.alice'] }) }),
  'role/delete-role-used-by-policy': withDomains({
    'eks.users.ns1': {
      ...withMore({ tagged: ['user.alice'] }),
      policies: { p: [{ role: 'tagged', resource: 'eks.users.ns1:*', action: 'read' }] },
    },
  }),
  'role/member-delete': withDomains({ 'eks.users.ns1': withMore({ k8s_view: ['user.alice', 'user.athenz_admin'] }) }),
  'role/member-put-audit-enabled': withDomains(auditedRole),
  'role/put-audit-domain-no-ref-400': withDomains(audited),
  'role/put-audit-domain-with-ref': withDomains(audited),
  'role/put-audit-enabled-role': withDomains(audited),
  'role/put-audit-enabled-role-with-members': withDomains(auditedRole),
  'role/put-domain-expiry-limit': withDomains({ 'eks.users.explim': { memberExpiryDays: 10 } }),
  'role/put-expiring-group-member': withDomains({ 'eks.users.ns1': withMore({}, { expg: ['user.alice'] }) }),
  'role/put-in-owned-domain-no-owner': withDomains(owned),
  'role/put-return-object-200': early('2026-11-21T01:28:08.725Z', {
    eks: null,
    'eks.users': null,
    'eks.users.ns1': null,
  }),
};
