import type { SandboxMember } from '../../src/sandbox/role-state.ts';
import type { Domains, Step } from './exchange.ts';
import { expiring, lab, later, myNs2, ns1, type Roles, withMore } from './recorded-state.ts';

/** Steps that bring a sandbox to the state of the recorded server, where that differs from the lab. */
export interface Preparation {
  readonly steps: readonly Step[];
  /** Keys set by writes that a state cannot express. */
  readonly without?: readonly string[];
}

const soon = { name: 'user.bob', expires: '2026-11-21T01:32:32.283Z' };
export const expSoon = later('2026-11-21T01:32:28.328Z', { k8s_view: ['user.alice'], exp_soon: ['user.alice', soon] });
export const references: readonly Step[] = [
  ...lab,
  ['2026-11-21T01:47:20.000Z', { 'eks.users.tmpd': { groups: { g: ['user.alice'] } } }],
  [
    '2026-11-21T01:47:26.244Z',
    {
      'eks.users.ns1': withMore({
        refgrp: ['eks.users.tmpd:group.g', 'user.bob'],
        refsvc: ['eks.users.tmpd.api', 'user.bob'],
        reftrust: { trust: 'eks.users.tmpd' },
      }),
    },
  ],
];
const unreferenced: readonly Step[] = [...references, ['2026-11-21T01:47:30.000Z', { 'eks.users.tmpd': undefined }]];
const expg = [
  { name: 'user.alice', expires: '2026-11-21T02:33:57.138Z' },
  { name: 'user.bob', expires: '2026-11-21T00:33:57.138Z' },
  'user.carol',
];
const expiringGroup = (expires: string) =>
  later('2026-11-21T01:33:57.265Z', { expgrole: [{ name: 'eks.users.ns1:group.expg', expires }] }, { expg });

/** The lab while `user.alice` was suspended, and after that. */
function aroundAlice(alice: SandboxMember, more: Roles = {}): readonly Step[] {
  return later(
    '2026-11-21T01:33:55.425Z',
    {
      ...Object.fromEntries(['k8s_edit', 'legacy', 'shortname', 'mixedrole'].map((role) => [role, [alice]])),
      k8s_view: [alice, { name: 'user.bob', by: '' }],
      k8s_grp: ['eks.users.ns1:group.devs', alice],
      exp: [
        { ...alice, expires: '2026-11-21T03:32:52.960Z' },
        { name: 'user.bob', expires: '2026-11-21T00:28:10Z' },
      ],
      exp_soon: [alice, soon],
      expdays: expiring({ ...alice, expires: '2026-12-21T01:28:10Z' }),
      ...more,
    },
    { devs: [alice, 'user.bob'] },
  );
}

const alice = { name: 'user.alice', suspended: true };
export const suspended = aroundAlice(alice);
const released = { name: 'user.alice', by: 'sys.auth.monitor' };
const expgrole = [{ name: 'eks.users.ns1:group.expg', expires: '2026-11-21T01:03:57.239Z', by: '' }];

/** Alice is no longer suspended, and a user is deleted. */
export const afterwards = aroundAlice(released, { unkuser: [], expgrole });
/** A member was added. */
export const withGrace = aroundAlice(released, {
  unkuser: [],
  expgrole,
  k8s_view: [released, { name: 'user.bob', by: '' }, 'user.grace'],
});

/** A polled list: the state at the previous poll and the changes since. */
function polled(at: string, before: Domains, ...changes: readonly Step[]): Preparation {
  return { steps: [...lab, [at, before], ...changes] };
}

function ns1Polled(before: string, at: string, change: Parameters<typeof withMore>): Preparation {
  return polled(before, { 'eks.users.ns1': withMore({ changed: ['user.alice'] }) }, [
    at,
    { 'eks.users.ns1': withMore(...change) },
  ]);
}

/** For each recording that the unchanged lab does not reproduce. */
export const preparations: Readonly<Record<string, Preparation>> = {
  'domain/get-domain': { steps: [['2026-11-21T01:26:54.376Z', { 'eks.users.ns1': null }]] },
  'domain/get-domain-as-other-user': { steps: [['2026-11-21T01:26:54.376Z', { 'eks.users.ns1': null }]] },
  'error/accept-missing': { steps: later('2026-11-21T01:33:58.935Z', {}, { more: [] }) },
  'error/accept-star': { steps: later('2026-11-21T01:33:58.935Z', {}, { more: [] }) },

  // The clock of a server without the requested domain.
  'modified/domain-missing': { steps: [...lab, ['2026-11-21T01:32:07.683Z', {}]] },
  'modified/domain-missing-inm': { steps: [...lab, ['2026-11-21T01:32:07.720Z', {}]] },
  // Some top-level domains have no organization, one has a description and one has an owner.
  'modified/full-as-sys-master': { steps: lab, without: ['org', 'description', 'resourceOwnership'] },
  'modified/metaonly-metaattr-all': { steps: lab, without: ['org', 'description', 'resourceOwnership'] },

  'expiry/before': { steps: expSoon },
  'expiry/after-get-role': { steps: expSoon },
  'expiry/after-get-role-expand': { steps: expSoon },
  'expiry/after-modified-domain': { steps: expSoon },
  'role/get-cleared-members': { steps: later('2026-11-21T01:48:11.581Z', { dups: [] }) },
  'role/get-duplicate-members': { steps: later('2026-11-21T01:43:50.356Z', { dups: ['user.alice'] }) },
  'role/get-domain-expiry-limit': {
    steps: [
      [
        '2026-11-21T01:46:04.546Z',
        {
          'eks.users.explim': {
            roles: {
              lim: ['user.alice', 'user.bob'].map((name) => ({ name, expires: '2026-12-01T01:46:04.544Z' })),
            },
          },
        },
      ],
    ],
  },
  'role/get-expiring-group-member': { steps: expiringGroup('2026-11-21T02:03:57.187Z') },
  'role/get-expiring-group-member-expand': { steps: expiringGroup('2026-11-21T02:03:57.187Z') },
  'role/get-expired-group-member-expand': { steps: expiringGroup('2026-11-21T01:03:57.239Z') },
  'role/get-trust-expand-before': {
    steps: [...lab, ['2026-11-21T01:29:00.000Z', { 'eks.users.my-ns-2': { ...myNs2, assumes: [] } }]],
  },
  'role/get-trust-expand-no-policy': {
    steps: [...lab, ['2026-11-21T01:29:00.000Z', { 'eks.users.my-ns-2': { ...myNs2, assumes: [] } }]],
  },

  'principal/group-role-expand-suspended': { steps: suspended },
  'principal/role-with-suspended-member': { steps: suspended },
  'principal/modified-domain-suspended': { steps: suspended },
  'principal/role-after-user-delete': { steps: later('2026-11-21T01:33:57.084Z', { unkuser: [] }) },

  'delta/role-in-b-expanded-after-group-change': {
    steps: [
      ...later('2026-11-21T01:32:24.013Z', {}, { devs: ['user.alice', 'user.bob', 'user.dave'] }),
      ['2026-11-21T01:32:24.100Z', { 'eks.users.my-ns-2': { roles: { uses_group: ['eks.users.ns1:group.devs'] } } }],
    ],
  },
  'delta/role-ref-group-after-delete': { steps: references },
  'delta/role-ref-group-expand-after-delete': { steps: references },
  'delta/role-ref-service-after-delete': { steps: unreferenced },
  'delta/role-ref-service-after-recreate': {
    steps: [...unreferenced, ['2026-11-21T01:47:31.000Z', { 'eks.users.tmpd': null }]],
  },
  'delta/role-ref-trust-after-delete': { steps: unreferenced },
  'role/get-trust-domain-deleted': { steps: unreferenced },

  // Writes that change nothing, and one that is pending.
  'delta/put-role-identical': { steps: [...lab, ['2026-11-21T01:32:14.632Z', 'role/put-unknown-user']] },
  'delta/put-member-identical': {
    steps: [
      ...later('2026-11-21T01:32:14.632Z', { k8s_view: ['user.alice', 'user.athenz_admin'] }),
      ['2026-11-21T01:32:16.460Z', 'role/member-put-direct'],
    ],
  },
  'delta/pending-member': {
    steps: [
      ...later('2026-11-21T01:32:49.073Z', { selfserve: { selfServe: true } }),
      ['2026-11-21T01:32:50.529Z', 'role/member-put-selfserve-as-bob'],
    ],
  },
  'delta/put-role-change': ns1Polled('2026-11-21T01:32:16.460Z', '2026-11-21T01:32:17.666Z', [{ k8s_edit: [] }]),
  'delta/delete-role': ns1Polled('2026-11-21T01:32:21.402Z', '2026-11-21T01:32:22.616Z', [{}]),
  'delta/group-change-in-other-domain': polled(
    '2026-11-21T01:32:22.698Z',
    { 'eks.users.my-ns-2': { roles: { uses_group: ['eks.users.ns1:group.devs'] } } },
    ['2026-11-21T01:32:24.013Z', { 'eks.users.ns1': withMore({}, { devs: ['user.alice', 'user.bob', 'user.dave'] }) }],
  ),
  'delta/trusted-domain-change': polled(
    '2026-11-21T01:32:25.366Z',
    { 'eks.users.my-ns-2': { ...myNs2, roles: { trusted_admins: ['user.alice', 'user.bob'] } } },
    ['2026-11-21T01:32:26.645Z', { 'eks.users.my-ns-2': myNs2 }],
  ),
  'delta/expiry-passing': { steps: [...expSoon, ['2026-11-21T01:32:33.000Z', {}]] },
  'delta/create-subdomain': { steps: [...expSoon, ['2026-11-21T01:32:39.202Z', { 'eks.users.deltans': null }]] },
  'delta/domain-disabled': polled('2026-11-21T01:32:40.380Z', { 'eks.users.deltans': null }, [
    '2026-11-21T01:32:41.629Z',
    { 'eks.users.deltans': { enabled: false } },
  ]),
  'delta/delete-subdomain': polled('2026-11-21T01:32:42.822Z', { 'eks.users.deltans': null }, [
    '2026-11-21T01:32:43.000Z',
    { 'eks.users.deltans': undefined },
  ]),
  'delta/delete-subdomain-full-list': polled(
    '2026-11-21T01:32:28.269Z',
    { 'eks.users.my-ns-2': { ...myNs2, groups: { more: [] } } },
    ['2026-11-21T01:32:28.328Z', { 'eks.users.ns1': withMore({}, { more: [] }) }],
    ['2026-11-21T01:32:42.822Z', { 'eks.users.deltans': null }],
    ['2026-11-21T01:32:43.000Z', { 'eks.users.deltans': undefined }],
  ),
  'delta/principal-suspended': polled(
    '2026-11-21T01:33:54.683Z',
    { 'eks.users.ns1': ns1 },
    ['2026-11-21T01:33:55.412Z', { 'eks.users.my-ns-2': { ...myNs2, roles: { trusted_admins: [alice] } } }],
    ['2026-11-21T01:33:55.425Z', { 'eks.users.ns1': withMore({ k8s_view: [alice] }) }],
  ),
  'delta/delete-user': ns1Polled('2026-11-21T01:33:56.419Z', '2026-11-21T01:33:57.084Z', [{ unkuser: [] }]),
  'delta/domain-delete-with-references': { steps: unreferenced },
  'delta/overlap-cursor': polled(
    '2026-11-21T01:47:17.309Z',
    {},
    ['2026-11-21T01:47:26.696Z', { 'eks.users.ns1': withMore({}, { more: [] }) }],
    ['2026-11-21T01:47:27.109Z', { 'eks.users.tmpd': null }],
    ['2026-11-21T01:47:27.243Z', { 'eks.system': null }],
    ['2026-11-21T01:47:27.310Z', { 'eks.users': { groups: { more: [] } } }],
  ),
};
