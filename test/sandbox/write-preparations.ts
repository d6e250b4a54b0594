import type { Domains } from './exchange.ts';
import { type Preparation, references } from './preparations.ts';
import { lab, withMore } from './recorded-state.ts';

/** The lab, and then the clock of the recorded write, if its answer shows the time. */
function at(time: string, domains: Domains = {}): Preparation {
  return { steps: [...lab, ['2026-11-21T01:30:00.000Z', domains], [time, {}]] };
}

/** The lab with other domains in it. */
function among(domains: Domains): Preparation {
  return { steps: [...lab, ['2026-11-21T01:30:00.000Z', domains]] };
}

/** The first minutes, in which the lab came to be. */
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
const asked = { name: 'user.bob', requested: '2026-11-21T01:28:11.068Z' };

/** For each recorded write that the lab as it is does not answer as recorded. */
export const writePreparations: Readonly<Record<string, Preparation>> = {
  'authz/post-sub-as-service-ok': at('2026-11-21T01:47:27.326Z', provisioner),
  'authz/put-provisioner-role': among(system),
  'authz/put-role-as-service-in-own-domain': among(prov1),
  'authz/put-role-as-service-in-other-domain': among(prov1),
  'authz/post-sub-as-service-deeper': among(provisioner),
  'authz/delete-sub-as-service': among(prov1),

  'domain/delete-after-group-unreferenced': among({ 'eks.users.tmpd': { groups: { g: ['user.alice'] } } }),
  'domain/delete-with-referenced-group': { steps: references },
  'domain/delete-audit-enabled-no-ref': among(audited),
  'domain/delete-no-owner-409': among(owned),
  'domain/delete-other-owner-409': among(owned),
  'domain/delete-right-owner': among(owned),
  'domain/delete-sub-ok': among(twoMore),
  'domain/delete-sub-via-domain-endpoint': among(twoMore),
  'domain/delete-tld-with-subdomains': among(twoMore),
  'domain/delete-with-subdomains': among(twoMore),
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
  'domain/put-audit-enabled': among({ 'eks.users.audited': null }),
  'domain/put-disable': among(deltans),
  'domain/put-role-in-disabled': among({ 'eks.users.deltans': { enabled: false } }),
  'domain/put-meta-member-expiry': among({ 'eks.users.explim': null }),

  'error/subdomain-quota-exceeded': among({ 'eks.scale': null, ...scale }),

  // The other role that holds the group was made later.
  'group/delete-referenced': among({ 'eks.users.ns1': withMore({ expdays: [] }) }),

  'role/decision-approve': among({
    'eks.users.ns1': withMore({ selfserve: { selfServe: true, pending: [{ ...asked, by: 'user.bob' }] } }),
  }),
  'role/decision-approve-own-request': among({
    'eks.users.ns1': withMore({ review: { reviewEnabled: true, pending: [{ ...asked, by: 'user.athenz_admin' }] } }),
  }),
  'role/delete-role': among({ 'eks.users.ns1': withMore({ 'a.b.c': ['user.alice'] }) }),
  'role/delete-role-used-by-policy': among({
    'eks.users.ns1': {
      ...withMore({ tagged: ['user.alice'] }),
      policies: { p: [{ role: 'tagged', resource: 'eks.users.ns1:*', action: 'read' }] },
    },
  }),
  'role/member-delete': among({ 'eks.users.ns1': withMore({ k8s_view: ['user.alice', 'user.athenz_admin'] }) }),
  'role/member-put-audit-enabled': among(auditedRole),
  'role/put-audit-domain-no-ref-400': among(audited),
  'role/put-audit-domain-with-ref': among(audited),
  'role/put-audit-enabled-role': among(audited),
  'role/put-audit-enabled-role-with-members': among(auditedRole),
  'role/put-domain-expiry-limit': among({ 'eks.users.explim': { memberExpiryDays: 10 } }),
  'role/put-expiring-group-member': among({ 'eks.users.ns1': withMore({}, { expg: ['user.alice'] }) }),
  'role/put-in-owned-domain-no-owner': among(owned),
  'role/put-return-object-200': early('2026-11-21T01:28:08.725Z', {
    eks: null,
    'eks.users': null,
    'eks.users.ns1': null,
  }),
};
