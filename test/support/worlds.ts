import fc from 'fast-check';
import type { LimitsConfig, RoleConfig } from '../../src/config/types.ts';
import type { Dropped, RoleAccess } from '../../src/model/grant.ts';
import type { Situation } from './planning.ts';
import { absent, clusterOf, configOf, everything, granted, type RoleId, unknown } from './roles.ts';

/** What Athenz, git and the config say at one moment. */
export type World = Required<Pick<Situation, 'config' | 'access'>>;

const clusters = ['dev', 'prod'];
const namespaces = ['payments', 'search', 'web'];
const roles = ['k8s_ns_admins', 'k8s_ns_viewers', 'on.call-1'];
const members = ['user.ada', 'user.bo', 'user.chen', 'user.dara', 'search/builder'];

/** All below one folder, so that files move when the path changes. */
const paths = [
  'output/{cluster}/{namespace}/rbac.yaml',
  'output/{cluster}/{namespace}/{role}.yaml',
  'output/{cluster}/{shard}/{namespace}.yaml',
  'output/{cluster}/{role}/{shard}/{namespace}.yml',
];

const permissions = fc.constantFrom<Partial<RoleConfig>>(
  { rules: everything },
  { rules: [{ apiGroups: ['', 'apps'], resources: ['pods'], verbs: ['get', 'list'] }] },
  { clusterRole: 'view' },
  { clusterRole: 'edit' },
);

const outcome = fc.oneof(
  { weight: 6, arbitrary: fc.subarray(members) },
  { weight: 1, arbitrary: fc.constantFrom('domain' as const, 'role' as const) },
);

/** So that the lists of what ends soon and of who is no subject are not empty. */
const expires = '2026-12-01T00:00:00.000Z';
const dropped: readonly Dropped[] = [{ member: 'user.*', reason: 'wildcard', path: {} }];

interface Draw {
  readonly clusters: readonly string[];
  readonly namespaces: readonly string[];
  readonly roles: readonly string[];
  readonly permissions: readonly Partial<RoleConfig>[];
  readonly path: string;
  readonly operator: boolean;
  readonly outcomes: readonly (readonly string[] | 'domain' | 'role')[];
  readonly unknown: readonly boolean[];
}

const size = clusters.length * namespaces.length * roles.length;

/** Any world: some clusters, namespaces and roles of a few, any layout, any names; `unread` makes roles unknown too. */
function anyWorld({ unread = false } = {}): fc.Arbitrary<World> {
  const draw: fc.Arbitrary<Draw> = fc.record({
    clusters: fc.subarray(clusters, { minLength: 1 }),
    namespaces: fc.subarray(namespaces),
    roles: fc.subarray(roles, { minLength: 1 }),
    permissions: fc.array(permissions, { minLength: roles.length, maxLength: roles.length }),
    path: fc.constantFrom(...paths),
    operator: fc.boolean(),
    outcomes: fc.array(outcome, { minLength: size, maxLength: size }),
    unknown: fc.array(unread ? fc.boolean() : fc.constant(false), { minLength: size, maxLength: size }),
  });
  return draw.map(toWorld);
}

export interface Change {
  /** What the tree was rendered from; the files of an older world may be left, where a move was not finished. */
  readonly before: readonly World[];
  readonly after: World;
}

/** A world and what becomes of it; `unread` is about the latter. Files of a cluster that left are known by their path. */
export function anyChange({ unread = false } = {}): fc.Arbitrary<Change> {
  return fc
    .record(
      { before: anyWorld({ unread: true }), older: anyWorld(), after: anyWorld({ unread }) },
      { requiredKeys: ['before', 'after'] },
    )
    .map(({ before, older, after }): Change => {
      const left = (world: World) =>
        world.config.clusters.some(({ name }) => after.config.clusters.every((it) => it.name !== name));
      const { output } = before.config;
      const moved = left(before) ? { ...after, config: { ...after.config, output } } : after;
      return { before: older === undefined || left(older) ? [before] : [older, before], after: moved };
    });
}

function toWorld(draw: Draw): World {
  // Operators' names are for own Roles only.
  const allowed = (it: Partial<RoleConfig> = {}) => (draw.operator && 'clusterRole' in it ? { rules: everything } : it);
  const configs = roles
    .map((athenzRole, index) => ({ athenzRole, ...allowed(draw.permissions[index]) }) as RoleConfig)
    .filter((role) => draw.roles.includes(role.athenzRole));
  const ids = clusters.flatMap((cluster) =>
    namespaces.flatMap((namespace) => roles.map((role): RoleId => `${cluster}/${namespace}/${role}`)),
  );
  const access = ids.flatMap((id, index): readonly RoleAccess[] => {
    const [cluster = '', namespace = '', role = ''] = id.split('/');
    const wanted = draw.clusters.includes(cluster) && draw.namespaces.includes(namespace) && draw.roles.includes(role);
    const said = draw.outcomes[index] ?? 'domain';
    if (!wanted) return [];
    if (draw.unknown[index]) return [unknown(id)];
    return [typeof said === 'string' ? absent(id, said) : granted(id, said, { expires, dropped })];
  });
  return {
    access,
    config: configOf({
      clusters: draw.clusters.map((name) => clusterOf(name, configs)),
      names: draw.operator ? 'operator' : 'portable',
      output: { path: draw.path, templates: null, keep: [] },
    }),
  };
}

/** More changes than a world can have. */
export const many = 1000;

/** Limits that hold something now and then: of removals, of additions, of both or of none. */
export const anyLimits = fc
  .tuple(fc.option(fc.nat(6)), fc.option(fc.nat(6)), fc.subarray(['k8s_ns_admins']))
  .map(([removed, added, neverEmpty]): LimitsConfig => {
    const limit = (floor: number | null) => (floor === null ? null : { percent: 0, floor });
    return { maxRemovedGrants: limit(removed), maxAddedGrants: limit(added), neverEmpty, maxSubjects: many };
  });

/** As `anyLimits`, and now and then a role is too large, which nobody can approve. */
export const tightLimits = fc
  .tuple(anyLimits, fc.constantFrom(many, 2))
  .map(([limits, maxSubjects]): LimitsConfig => ({ ...limits, maxSubjects }));
