import type { StateInput } from '../../src/sandbox/state.ts';

/*
 * A company in which everybody's access changes in one night: of each team one stays, one leaves and one joins. Who is bound
 * to a role afterwards shows which documents were believed.
 */

/** Of the night. */
type Day = 'before' | 'after';

/** Everything that ZMS says. */
export function companyOn(day: Day): StateInput {
  const team = (name: string) => teamOn(day, name);
  return {
    domains: {
      'acme.org': { groups: { payments: team('payments'), search: team('search') } },
      'acme.crew': { groups: { night: team('night') } },
      'acme.platform': {
        roles: { sre: [...team('sre'), 'acme.crew:group.night'], auditors: team('auditors') },
        assumes: [
          { role: 'sre', resource: 'acme.eks.*:role.oncall' },
          { role: 'sre', resource: 'acme.eks.payments-*:role.k8s_ns_viewers' },
          { role: 'auditors', resource: 'acme.eks.payments-*:role.k8s_ns_viewers' },
        ],
      },
      'acme.eks.checkout': { roles: { k8s_ns_admins: team('checkout') } },
      'acme.eks.payments-api': {
        roles: {
          k8s_ns_admins: [...team('api'), 'acme.org:group.payments'],
          k8s_ns_viewers: { trust: 'acme.platform' },
          oncall: { trust: 'acme.platform' },
        },
      },
      'acme.eks.payments-web': {
        roles: {
          k8s_ns_admins: ['acme.org:group.payments'],
          k8s_ns_viewers: { trust: 'acme.platform' },
          oncall: team('web'),
        },
      },
      'acme.eks.reports': { enabled: false, roles: { k8s_ns_admins: team('nobody') } },
      'acme.eks.search': {
        roles: {
          k8s_ns_admins: team('finders'),
          k8s_ns_viewers: [...team('keepers'), 'acme.org:group.search'],
          oncall: { trust: 'acme.platform' },
        },
      },
      // The sixth namespace, labs, has no domain yet.
    },
  };
}

function teamOn(day: Day, name: string): readonly string[] {
  return [`user.${name}_${day === 'before' ? 'leaves' : 'joins'}`, `user.${name}_stays`];
}

/** Who a role binds, and whose documents say so: nothing else may make a difference to it. */
interface Reliance {
  readonly place: `${string}/${string}`;
  readonly domains: readonly string[];
  readonly teams: readonly string[];
}

const role = (place: Reliance['place'], domains: Reliance['domains'], ...teams: Reliance['teams']): Reliance => ({
  place,
  domains,
  teams,
});

const delegated = ['acme.platform', 'acme.crew'];

const reliances: readonly Reliance[] = [
  role('checkout/k8s_ns_admins', ['acme.eks.checkout'], 'checkout'),
  role('checkout/k8s_ns_viewers', ['acme.eks.checkout']),
  role('checkout/oncall', ['acme.eks.checkout']),
  role('labs/k8s_ns_admins', []),
  role('labs/k8s_ns_viewers', []),
  role('labs/oncall', []),
  role('payments-api/k8s_ns_admins', ['acme.eks.payments-api', 'acme.org'], 'api', 'payments'),
  role('payments-api/k8s_ns_viewers', ['acme.eks.payments-api', ...delegated], 'sre', 'night', 'auditors'),
  role('payments-api/oncall', ['acme.eks.payments-api', ...delegated], 'sre', 'night'),
  role('payments-web/k8s_ns_admins', ['acme.eks.payments-web', 'acme.org'], 'payments'),
  role('payments-web/k8s_ns_viewers', ['acme.eks.payments-web', ...delegated], 'sre', 'night', 'auditors'),
  role('payments-web/oncall', ['acme.eks.payments-web'], 'web'),
  role('reports/k8s_ns_admins', ['acme.eks.reports']),
  role('reports/k8s_ns_viewers', ['acme.eks.reports']),
  role('reports/oncall', ['acme.eks.reports']),
  role('search/k8s_ns_admins', ['acme.eks.search'], 'finders'),
  role('search/k8s_ns_viewers', ['acme.eks.search', 'acme.org'], 'keepers', 'search'),
  role('search/oncall', ['acme.eks.search', ...delegated], 'sre', 'night'),
];

/** The roles that rely on a domain. */
export function relyingOn(domain: string): readonly string[] {
  return reliances.filter(({ domains }) => domains.includes(domain)).map(({ place }) => place);
}

/** Who has what after the night, told as `bindingsIn` does; where a domain is unread, still as before it. */
export function boundWithout(unread?: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    reliances.map(({ place, domains, teams }) => {
      const day = unread !== undefined && domains.includes(unread) ? 'before' : 'after';
      return [`prod/${place}`, teams.flatMap((name) => teamOn(day, name)).sort()];
    }),
  );
}

/** As `boundWithout`, with these teams alone in some roles: what is left of them when a domain is no more. */
export function boundWith(rest: Readonly<Record<string, readonly string[]>>): ReturnType<typeof boundWithout> {
  const left = Object.entries(rest).map(([place, teams]) => [
    `prod/${place}`,
    teams.flatMap((name) => teamOn('after', name)).sort(),
  ]);
  return { ...boundWithout(), ...Object.fromEntries(left) };
}
