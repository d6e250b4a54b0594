import assert from 'node:assert/strict';
import { mark } from '../../src/model/tags.ts';
import type { ProvisionResult, StepResult } from '../../src/provision/result.ts';
import type { SandboxState, StateInput } from '../../src/sandbox/state.ts';
import { allowed } from './provision-fixture.ts';

export const service = 'acme.platform.gitops';
export const kept = 'acme.eks.kept';
export const fresh = 'acme.eks.fresh';
export const whole = 'acme.eks.whole';
export const platform = 'acme.platform';

const ours = { [mark.key]: [mark.value] };

/** One domain lacks a role, one is missing, one has everything; people have been at work in those that are there. */
export const provisionState: StateInput = {
  domains: {
    ...allowed.domains,
    [platform]: {
      roles: { admin: [service, 'user.chen'], sre: ['user.chen', 'user.dan'] },
      assumes: [kept, whole].map((domain) => ({ role: 'sre', resource: `${domain}:role.oncall` })),
    },
    [kept]: {
      description: 'Ours by hand',
      tags: { ...ours, team: ['a', 'b'] },
      roles: {
        admin: [service, 'user.lead', 'user.own'],
        k8s_ns_admins: {
          members: ['user.ada', { name: 'user.bob', expires: '2099-01-01T00:00:00.000Z' }],
          tags: { ...ours, ticket: ['1'] },
          selfServe: true,
        },
        oncall: { trust: platform },
        by_hand: ['user.eve'],
      },
      groups: { crew: ['user.kim', 'user.own'] },
    },
    [whole]: {
      org: 'shop',
      roles: {
        admin: [service, 'user.lead'],
        k8s_ns_admins: ['user.fay'],
        k8s_ns_viewers: { trust: 'acme.eks' },
        oncall: { members: ['user.gus'], memberExpiryDays: 30, reviewEnabled: true },
      },
      groups: { crew: ['user.hal'] },
    },
  },
};

/** What the config says of provisioning in it. */
export const provision = `
  adminUsers: [user.lead, ${service}]
  org: shop
  groups: {crew: {members: [user.kim]}}
  roles:
    k8s_ns_admins: {description: May do all, members: [user.ida]}
    k8s_ns_viewers: {members: [user.jon, user.kim]}
    oncall: {trust: {domain: ${platform}, role: sre, policy: true}}`;

/** What did not come to a good end, with why. */
export function failuresIn({ steps, plan }: ProvisionResult): readonly Pick<StepResult, 'domain' | 'outcome'>[] {
  const refused = plan.problems.map(({ domain = '', problem }) => ({
    domain,
    outcome: { kind: 'failed', problem } as const,
  }));
  return [...refused, ...steps.filter(({ outcome }) => 'problem' in outcome)];
}

/** What is in a state, one line for each part of each domain. */
export function partsOf({ domains }: SandboxState): ReadonlyMap<string, string> {
  const parts = Object.entries(domains).flatMap(([name, { roles, groups, policies, ...rest }]) => [
    [name, spelled(rest)] as const,
    ...Object.entries({ roles, groups, policies: policies ?? {} }).flatMap(([kind, all]) =>
      Object.entries(all).map(([short, part]) => [`${name} ${kind} ${short}`, spelled(part)] as const),
    ),
  ]);
  return new Map(parts);
}

/** The same text for the same content: the order of members says nothing, nor does the order of keys. */
function spelled(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (Array.isArray(inner)) return inner.map((it) => JSON.stringify(it)).sort();
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Each part is as it was or as it shall be; in domains that are not `touched`, as it shall be. */
export function assertBetween(
  before: SandboxState,
  after: SandboxState,
  now: SandboxState,
  touched: readonly string[],
): void {
  const [was, shall, is] = [partsOf(before), partsOf(after), partsOf(now)];
  for (const part of new Set([...was.keys(), ...shall.keys(), ...is.keys()])) {
    const old = touched.includes(part.split(' ', 1)[0] ?? '') ? [was.get(part)] : [];
    assert.ok([...old, shall.get(part)].includes(is.get(part)), `${part}: ${is.get(part)}`);
  }
}
