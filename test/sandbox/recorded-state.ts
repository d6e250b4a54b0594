import type { SandboxMember } from '../../src/sandbox/role-state.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import type { Step } from './exchange.ts';

type Domain = NonNullable<StateInput['domains'][string]>;
export type Roles = NonNullable<Domain['roles']>;

/** A role with expiring members, including this user. */
export function expiring(user: SandboxMember): Roles[string] {
  return {
    memberExpiryDays: 30,
    serviceExpiryDays: 10,
    groupExpiryDays: 20,
    members: [
      user,
      { name: 'eks.users.ns1.api', expires: '2026-12-01T01:28:10Z' },
      { name: 'eks.users.ns1:group.devs', expires: '2026-12-11T01:28:10Z' },
    ],
  };
}

/** Domains of the recorded server during most of the reads, as far as a state can express them. */
export const ns1: Domain = {
  roles: {
    k8s_view: ['user.alice', 'user.bob'],
    k8s_edit: ['user.alice'],
    legacy: ['user.alice'],
    shortname: ['user.alice'],
    mixedrole: ['user.alice'],
    unkuser: ['user.doesnotexist'],
    unksvc: ['eks.users.ns1.nosvc'],
    k8s_svc: ['eks.users.ns1.api'],
    k8s_grp: ['eks.users.ns1:group.devs', 'user.alice'],
    empty: [],
    wild_all: ['*'],
    wild_user: ['user.*'],
    wild_part: ['user.al*'],
    wild_pre: ['eks.users.*'],
    wild_dom: ['eks.users.ns1.*'],
    delegated: { trust: 'eks.users.my-ns-2' },
    exp: [
      { name: 'user.alice', expires: '2026-11-21T02:28:10Z' },
      { name: 'user.bob', expires: '2026-11-21T01:28:10+01:00' },
    ],
    expdays: expiring({ name: 'user.alice', expires: '2026-12-21T01:28:10Z' }),
    selfserve: { selfServe: true, members: ['user.athenz_admin', { name: 'user.bob', by: 'user.bob' }] },
    review: { reviewEnabled: true },
    owned: {
      owners: { meta: 'gitops', members: 'gitops', object: 'gitops' },
      members: [{ name: 'user.bob', by: '' }],
    },
  },
  groups: { devs: ['user.alice', 'user.bob'] },
};

export const myNs2: Domain = {
  roles: { trusted_admins: ['user.alice'] },
  assumes: [{ role: 'trusted_admins', resource: 'eks.users.ns1:role.delegated' }],
};

/** Changes in order, so that every domain gets its recorded stamp. */
const stamps: readonly (readonly [at: string, domain: string, content: Domain | null])[] = [
  ['2026-11-21T01:25:33.415Z', 'user', null],
  ['2026-11-21T01:25:33.788Z', 'sys', null],
  ['2026-11-21T01:25:34.228Z', 'sys.auth.audit', null],
  ['2026-11-21T01:25:34.452Z', 'sys.auth.audit.org', null],
  ['2026-11-21T01:25:34.691Z', 'sys.auth.audit.domain', null],
  ['2026-11-21T01:25:35.316Z', 'sys.auth', null],
  ['2026-11-21T01:26:52.583Z', 'eks', null],
  ['2026-11-21T01:26:53.101Z', 'bad_name', null],
  ['2026-11-21T01:26:53.472Z', 'unkfield', null],
  ['2026-11-21T01:26:53.692Z', 'home', null],
  ['2026-11-21T01:26:53.778Z', 'uppercase', null],
  ['2026-11-21T01:26:53.878Z', 'eks.users', null],
  ['2026-11-21T01:26:54.566Z', 'eks.users.my_ns', null],
  ['2026-11-21T01:26:54.611Z', 'eks.users.a--b', null],
  ['2026-11-21T01:26:54.837Z', 'eks.users.mixedcase', null],
  ['2026-11-21T01:26:54.954Z', `eks.users.${'n'.repeat(63)}`, null],
  ['2026-11-21T01:28:11.865Z', 'eks.users.my-ns-2', myNs2],
  ['2026-11-21T01:28:12.071Z', 'eks.users.ns1', ns1],
];

/** All domains exist from the start, with other content. */
const before: Step = [
  '2026-11-21T01:25:00.000Z',
  Object.fromEntries(stamps.map(([, domain]) => [domain, { enabled: false }])),
];

export const lab: readonly Step[] = [
  before,
  ...stamps.map(([at, domain, content]): Step => [at, { [domain]: content }]),
];

/** The lab after one more change of `eks.users.ns1`. */
export function later(at: string, roles: Roles, groups: Domain['groups'] = {}): readonly Step[] {
  return [...lab, [at, { 'eks.users.ns1': withMore(roles, groups) }]];
}

/** `eks.users.ns1` with roles and groups added or replaced. */
export function withMore(roles: Roles, groups: Domain['groups'] = {}): Domain {
  return { ...ns1, roles: { ...ns1.roles, ...roles }, groups: { ...ns1.groups, ...groups } };
}
