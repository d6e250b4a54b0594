import type { PlanContext } from '../generators/rbac/context.ts';
import type { LiveBinding, LiveCluster, LiveOwner, LiveRole, LiveWrite } from '../model/cluster.ts';
import { domainOf } from '../model/domain.ts';
import { absent, type Planned, type PlannedInput, plannedBindings } from './planned.ts';
import type { BindingSides } from './result.ts';

/** A binding of a cluster, in all three places. */
export interface ComparedBinding extends BindingSides {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** The file of git that holds it, or would. */
  readonly path: string;
  readonly owner?: LiveOwner;
  /** The last change of its subjects. */
  readonly written?: LiveWrite;
  /** The last change of its Role's rules. */
  readonly roleWritten?: LiveWrite;
  /** The cluster has no such namespace. */
  readonly namespaceAbsent?: true;
  /** Neither the config nor git has the namespace: another config may manage it. */
  readonly elsewhere?: true;
}

export interface SidesInput extends PlannedInput {
  readonly live: readonly LiveCluster[];
}

/**
 * Puts every binding of the clusters beside itself: as Athenz asks for it, as git has it and as the cluster has it. Also in:
 * bindings of a cluster that neither asks for, marked as ours or an operator's by label or by name.
 *
 * @returns in the order of cluster, namespace, name
 */
export function compareSides(input: SidesInput): readonly ComparedBinding[] {
  const planned = plannedBindings(input);
  return input.live.flatMap((cluster) => {
    const byNamespace = planned.get(cluster.cluster) ?? new Map<string, ReadonlyMap<string, Planned>>();
    const names = [...new Set([...byNamespace.keys(), ...cluster.namespaces.keys()])].sort();
    return names.flatMap((namespace) =>
      namespaceBindings(input, cluster, namespace, byNamespace.get(namespace) ?? new Map()),
    );
  });
}

function namespaceBindings(
  { context, incomplete }: SidesInput,
  { cluster, namespaces }: LiveCluster,
  namespace: string,
  planned: ReadonlyMap<string, Planned>,
): readonly ComparedBinding[] {
  const objects = namespaces.get(namespace) ?? { kind: 'value', value: { bindings: [], roles: [] } };
  const place = { cluster, namespace };
  if (objects.kind !== 'value') {
    const mark = objects.kind === 'absent' ? ({ namespaceAbsent: true } as const) : {};
    return [...planned].map(([name, it]) => ({ ...place, name, ...it, live: objects, ...mark })).sort(byName);
  }
  const bindings = new Map(objects.value.bindings.map((binding) => [binding.name, binding]));
  const roles = new Map(objects.value.roles.map((role) => [role.name, role]));
  const found = [...planned].map(([name, it]): ComparedBinding => {
    const binding = bindings.get(name);
    return { ...place, name, ...it, ...(binding === undefined ? { live: absent } : liveSide(binding, roles)) };
  });
  const domain = domainIn(context, cluster, namespace);
  const mark = planned.size === 0 ? ({ elsewhere: true } as const) : {};
  // It may be one of the namespaces that could not be found.
  const missed = planned.size === 0 ? incomplete.get(cluster) : undefined;
  const athenz = missed === undefined ? absent : ({ kind: 'unknown', problem: missed } as const);
  const others = objects.value.bindings
    .filter((it) => !planned.has(it.name) && isLeftOver(it, domain, planned.size === 0))
    .map((binding): ComparedBinding => {
      const path = context.layout.pathOf({ ...place, role: portableRole(binding.name) });
      return { ...place, name: binding.name, athenz, git: absent, path, ...liveSide(binding, roles), ...mark };
    });
  return [...found, ...others].sort(byName);
}

function liveSide(
  { roleRef, subjects, owner, written }: LiveBinding,
  roles: ReadonlyMap<string, LiveRole>,
): Pick<ComparedBinding, 'live' | 'owner' | 'written' | 'roleWritten'> {
  const role = roleRef.kind === 'Role' ? roles.get(roleRef.name) : undefined;
  const permission = role === undefined ? { roleRef } : { roleRef, rules: role.rules };
  return {
    live: { kind: 'value', value: { permission, subjects } },
    owner,
    ...(written === undefined ? {} : { written }),
    ...(role?.written === undefined ? {} : { roleWritten: role.written }),
  };
}

/**
 * Whether an orphaned binding is ours or an operator's, by its label or by the name that operators give:
 * `<domain of the namespace>:role.<role>:members`. In a namespace of another config, what was rendered from another
 * domain is that config's: two of them may share a cluster.
 */
function isLeftOver({ owner, name, athenzRole }: LiveBinding, domain: string | undefined, elsewhere: boolean): boolean {
  switch (owner) {
    case 'athenz-gitops':
      return !elsewhere || athenzRole === undefined || athenzRole.startsWith(`${domain}:role.`);
    case 'operator':
      return true;
    case 'other':
      return name.startsWith(`${domain}:role.`) && name.endsWith(':members');
  }
}

/** The Athenz domain of a namespace. */
function domainIn({ config }: PlanContext, cluster: string, namespace: string): string | undefined {
  const found = config.clusters.find((it) => it.name === cluster);
  return found && domainOf(found, namespace);
}

/** The Athenz role in a portable name, `athenz-<role>-<hash>`: what its file was called where each role has one. */
function portableRole(name: string): string {
  return /^athenz-(.+)-[0-9a-f]{8}$/.exec(name)?.[1] ?? /:role\.(.+):members$/.exec(name)?.[1] ?? name;
}

function byName(a: ComparedBinding, b: ComparedBinding): number {
  return a.name < b.name ? -1 : 1;
}
