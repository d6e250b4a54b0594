import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// The same fleet for every contender: namespaces of one cluster with two roles of 20 people each, out of 5,000.

export const roles = {
  k8s_ns_admins: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  k8s_ns_viewers: [{ apiGroups: [''], resources: ['pods', 'services', 'configmaps'], verbs: ['get', 'list', 'watch'] }],
} as const;

export type RoleName = keyof typeof roles;

export const roleNames = Object.keys(roles) as readonly RoleName[];

export const folder = (at: number) => `output/prod/${namespaceAt(at)}`;

export function namespaceAt(at: number): string {
  return `team-${at}`;
}

/** Members of a role of a namespace, as Athenz names them. @param size how many */
export function membersOf(at: number, role: RoleName, size = 20): readonly string[] {
  const first = at + roleNames.indexOf(role);
  return Array.from({ length: size }, (_, index) => `user.person_${(first * 7 + index * 251) % 5000}`);
}

/** What `render` writes for a namespace: for each role a Role and a RoleBinding. */
export function objectsOf(at: number): readonly object[] {
  const namespace = namespaceAt(at);
  const apiGroup = 'rbac.authorization.k8s.io';
  return roleNames.flatMap((role) => {
    const metadata = {
      name: `athenz-${role}`,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'athenz-gitops' },
      annotations: { 'athenz-gitops.io/athenz-role': `acme.eks.${namespace}:role.${role}` },
    };
    const subjects = membersOf(at, role).map((name) => ({ apiGroup, kind: 'User', name }));
    return [
      { apiVersion: `${apiGroup}/v1`, kind: 'Role', metadata, rules: roles[role] },
      {
        apiVersion: `${apiGroup}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup, kind: 'Role', name: `athenz-${role}` },
        subjects,
      },
    ];
  });
}

/** The domains of a fleet, for the sandbox. */
export function domainsOf(amount: number): Record<string, { roles: Record<RoleName, readonly string[]> }> {
  const domain = (at: number) => ({
    roles: {
      k8s_ns_admins: membersOf(at, 'k8s_ns_admins'),
      k8s_ns_viewers: membersOf(at, 'k8s_ns_viewers'),
    },
  });
  return Object.fromEntries(Array.from({ length: amount }, (_, at) => [`acme.eks.${namespaceAt(at)}`, domain(at)]));
}

/** What `athenz` in the config says besides `zmsUrl`. */
export type AthenzKeys = Readonly<Record<string, unknown>>;

/** Writes the config and the list of namespaces. */
export async function writeConfig(dir: string, amount: number, athenz: AthenzKeys, forge?: object): Promise<void> {
  await mkdir(join(dir, 'clusters'), { recursive: true });
  const names = Array.from({ length: amount }, (_, at) => namespaceAt(at));
  await writeFile(join(dir, 'clusters/prod.txt'), `${names.join('\n')}\n`);
  const config = {
    athenz,
    clusters: [{ name: 'prod', domain: 'acme.eks.{namespace}', namespaces: { files: ['clusters/prod.txt'] } }],
    roles: roleNames.map((athenzRole) => ({ athenzRole, rules: roles[athenzRole] })),
    limits: { maxRemovedGrants: { percent: 100, floor: 10 } },
    ...(forge === undefined ? {} : { forge }),
  };
  await writeFile(join(dir, 'athenz-gitops.yaml'), JSON.stringify(config, null, 2));
}

/** Writes a snapshot of the fleet. @param first how many members the first role of the first namespace has */
export async function writeSnapshot(file: string, amount: number, first = 20): Promise<void> {
  const modified = '2026-11-21T02:22:11.382Z';
  const names = Array.from({ length: amount }, (_, at) => ({ at, name: `acme.eks.${namespaceAt(at)}` }));
  names.sort((a, b) => (a.name < b.name ? -1 : 1));
  const role = (at: number, name: RoleName, size?: number) => ({
    name,
    members: membersOf(at, name, size).map((member) => ({ name: member })),
  });
  const lines = [
    { format: 'athenz-gitops snapshot 1', takenAt: '2026-11-21T03:00:00.000Z', zmsUrl: 'https://localhost:1/zms/v1' },
    ...names.map(({ name }) => ({ stamp: { name, modified, enabled: true } })),
    ...names.map(({ at, name }) => {
      const own = [role(at, 'k8s_ns_admins', at === 0 ? first : 20), role(at, 'k8s_ns_viewers')];
      return {
        domain: name,
        read: { kind: 'value', value: { name, modified, enabled: true, roles: own, groups: [], assumes: [] } },
      };
    }),
    { end: 2 * amount },
  ];
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
