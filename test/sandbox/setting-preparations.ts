import type { Domains } from './exchange.ts';
import { afterwards, expSoon, type Preparation, suspended, withGrace } from './preparations.ts';
import { lab, later, type Roles } from './recorded-state.ts';

/** The lab with these roles in `eks.users.ns1`. */
function withRoles(at: string, roles: Roles): Preparation {
  return { steps: later(at, roles) };
}

/** The lab with these domains. */
function withDomains(at: string, domains: Domains): Preparation {
  return { steps: [...lab, [at, domains]] };
}

const tagged: Roles = {
  tagged: {
    members: ['user.alice'],
    description: 'k8s role',
    tags: { 'k8s.cluster': ['prod', 'dev'], 'k8s.role': ['view'] },
  },
};
const quota = {
  subdomain: 5000,
  role: 1000,
  roleMember: 500,
  policy: 1000,
  assertion: 100,
  entity: 100,
  service: 250,
  serviceHost: 10,
  publicKey: 100,
  group: 100,
  groupMember: 100,
};
const bob = { name: 'user.bob', requested: '2026-11-21T01:28:11.068Z' };

/** For each recording of settings, alone or in lists, that the unchanged lab does not reproduce. */
export const settingPreparations: Readonly<Record<string, Preparation>> = {
  'domain/get-owned': withDomains('2026-11-21T01:43:50.403Z', {
    'eks.users.ownedns': { owners: { meta: 'gitops', object: 'gitops' } },
  }),
  'domain/get-roles-of-disabled': withDomains('2026-11-21T01:32:41.629Z', { 'eks.users.deltans': { enabled: false } }),
  'get/empty-domain-groups': withDomains('2026-11-21T01:47:27.103Z', { 'eks.users.tmpd': null }),
  'role/list-after-recreate': withDomains('2026-11-21T01:47:27.103Z', { 'eks.users.tmpd': null }),
  'quota/get-quota': withDomains('2026-11-21T01:34:53.000Z', { eks: { quota } }),
  'get/quota': { steps: [...lab, ['2026-11-21T01:30:43.736Z', {}]] },
  'get/role-list-skip-nonexistent': withRoles('2026-11-21T01:40:00.000Z', { conc: [] }),
  'get/roles-tag': withRoles('2026-11-21T01:43:50.257Z', tagged),
  'get/roles-tag-key': withRoles('2026-11-21T01:43:50.257Z', tagged),
  'get/roles-tag-key-value': withRoles('2026-11-21T01:43:50.257Z', tagged),
  'role/get-tags': withRoles('2026-11-21T01:43:50.257Z', tagged),
  'group/get-expiring-members': {
    steps: later(
      '2026-11-21T01:33:57.175Z',
      {},
      {
        expg: [
          { name: 'user.alice', expires: '2026-11-21T02:33:57.138Z' },
          { name: 'user.bob', expires: '2026-11-21T00:33:57.138Z' },
          'user.carol',
        ],
      },
    ),
  },
  'expiry/after-get-member': { steps: [...expSoon, ['2026-11-21T01:32:33.000Z', {}]] },
  'expiry/after-roles-members': { steps: expSoon },
  'principal/group-with-suspended-member': { steps: suspended },
  'principal/member-check-suspended': { steps: suspended },
  'principal/roles-members-suspended': { steps: suspended },
  'get/roles-members-expand-param': { steps: afterwards },
  'error/gzip-accept': { steps: withGrace },
  'role/get-after-meta-expiry': withRoles('2026-11-21T01:32:49.073Z', {
    k8s_view: { memberExpiryDays: 40, members: [{ name: 'user.alice', expires: '2026-12-31T01:32:49.059Z' }] },
  }),
  'role/get-audit-enabled-pending': withDomains('2026-11-21T01:43:50.721Z', {
    'eks.users.audited': {
      auditEnabled: true,
      roles: {
        ar: {
          auditEnabled: true,
          pending: [{ name: 'user.alice', requested: '2026-11-21T01:43:50.724Z', auditRef: 't' }],
        },
      },
    },
  }),
  'role/get-new-review-role-pending': withRoles('2026-11-21T01:55:16.336Z', {
    review2: { reviewEnabled: true, pending: [{ name: 'user.alice', requested: '2026-11-21T01:55:16.346Z' }] },
  }),
  'role/get-owned': withRoles('2026-11-21T01:28:08.787Z', {
    owned: { owners: { meta: 'gitops', members: 'gitops', object: 'gitops' }, members: ['user.alice'] },
  }),
  'role/get-review-pending': withRoles('2026-11-21T01:28:11.169Z', {
    review: { reviewEnabled: true, pending: [{ name: 'user.alice', requested: '2026-11-21T01:28:11.168Z' }, bob] },
  }),
  'role/get-review-after-overwrite': withRoles('2026-11-21T01:43:50.898Z', {
    review: { reviewEnabled: true, pending: [{ name: 'user.alice', requested: '2026-11-21T01:43:50.899Z' }, bob] },
  }),
  'role/get-selfserve-default': withRoles('2026-11-21T01:28:10.965Z', {
    selfserve: { selfServe: true, members: ['user.athenz_admin'] },
  }),
  'role/get-selfserve-pending': withRoles('2026-11-21T01:28:10.965Z', {
    selfserve: {
      selfServe: true,
      members: ['user.athenz_admin'],
      pending: [{ name: 'user.bob', requested: '2026-11-21T01:28:10.963Z' }],
    },
  }),
};
