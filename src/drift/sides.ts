import type { LiveBinding, LiveCluster, LiveOwner, LiveRole, LiveWrite } from '../model/cluster.ts';
import type { BindingSides, BoundAccess } from '../model/drift.ts';
import type { Problem } from '../model/error.ts';
import type { RoleAccess } from '../model/grant.ts';
import type { RenderedRole } from '../model/manifest.ts';
import type { Outcome } from '../model/outcome.ts';
import type { PlanContext } from '../plan/context.ts';
import type { CurrentFile } from '../plan/current.ts';
import { type Draft, subjectsOf } from '../plan/draft.ts';
import { configuredPermission, renderedPermission } from '../plan/permission.ts';
import { nameObjects } from '../rbac/names.ts';

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
}

export interface SidesInput {
  readonly context: PlanContext;
  readonly drafts: ReadonlyMap<string, Draft>;
  /** Files of the base that differ from their draft, or that have none; read. */
  readonly current: readonly CurrentFile[];
  /** Paths of all files below the output folders. */
  readonly files: ReadonlySet<string>;
  /** Why what Athenz says of a role is not known, by `roleKey`. */
  readonly unknown: ReadonlyMap<string, Problem>;
  /** Clusters whose namespaces are not all known: what git has beyond them is not for removal. */
  readonly incomplete: ReadonlyMap<string, Problem>;
  readonly live: readonly LiveCluster[];
}

/** Identifies a role of a namespace. */
export function roleKey({ cluster, namespace, role }: Pick<RoleAccess, 'cluster' | 'namespace' | 'role'>): string {
  return `${cluster}\0${namespace}\0${role}`;
}

const absent = { kind: 'absent' } as const;

interface Planned {
  athenz: Outcome<BoundAccess>;
  git: Outcome<BoundAccess>;
  readonly path: string;
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
    const byNamespace = planned.get(cluster.cluster) ?? new Map<string, Map<string, Planned>>();
    const names = [...new Set([...byNamespace.keys(), ...cluster.namespaces.keys()])].sort();
    return names.flatMap((namespace) =>
      namespaceBindings(input, cluster, namespace, byNamespace.get(namespace) ?? new Map()),
    );
  });
}

type ByCluster = Map<string, Map<string, Map<string, Planned>>>;

/** What Athenz and git say, by cluster, namespace and name. */
function plannedBindings(input: SidesInput): ByCluster {
  const all: ByCluster = new Map();
  const read = new Map(input.current.map((file) => [file.file.path, file]));
  for (const draft of input.drafts.values()) {
    for (const role of draft.roles) addWanted(all, input, draft, role, read.get(draft.path));
  }
  for (const { cluster, file, parsed } of input.current) {
    if (parsed.kind !== 'rendered') continue;
    for (const role of parsed.roles) addRendered(all, input, cluster, file.path, role);
  }
  return all;
}

/** As Athenz wants it; with a file that is to the byte what was drafted, or that cannot be read, git's side as well. */
function addWanted(
  all: ByCluster,
  { context, files, unknown }: SidesInput,
  draft: Draft,
  role: RoleAccess,
  current: CurrentFile | undefined,
): void {
  const config = context.roleConfig(role.cluster, role.role);
  if (config === undefined) throw new TypeError(`role ${role.role} of ${role.cluster} is not configured`);
  const problem = unknown.get(roleKey(role));
  const access = { permission: configuredPermission(context, role.domain, config), subjects: subjectsOf(role) };
  const athenz: Outcome<BoundAccess> =
    problem === undefined ? { kind: 'value', value: access } : { kind: 'unknown', problem };
  const git = gitBefore(draft, athenz, current, files);
  const { binding } = nameObjects(context.config.names, role.domain, config);
  bindingsAt(all, role.cluster, role.namespace).set(binding, { athenz, git, path: draft.path });
}

/** What is known of git's side before its file is looked into. */
function gitBefore(
  draft: Draft,
  athenz: Outcome<BoundAccess>,
  current: CurrentFile | undefined,
  files: ReadonlySet<string>,
): Outcome<BoundAccess> {
  if (current === undefined) return files.has(draft.path) ? athenz : absent;
  switch (current.parsed.kind) {
    case 'rendered':
      return absent;
    case 'unparsable':
      return { kind: 'unknown', problem: unreadable(draft.path, current.parsed.reason) };
    case 'foreign':
    case 'twin':
      return { kind: 'unknown', problem: unreadable(draft.path, 'it was not written by athenz-gitops') };
  }
}

function unreadable(path: string, reason: string): Problem {
  return {
    code: 'OUTPUT_UNPARSABLE',
    message: `reading ${path} of the base branch: ${reason}`,
    next: 'restore the file',
  };
}

function addRendered(all: ByCluster, input: SidesInput, cluster: string, path: string, role: RenderedRole): void {
  const value = { permission: renderedPermission(role), subjects: role.subjects };
  const bindings = bindingsAt(all, cluster, role.namespace);
  const known = bindings.get(role.bindingName);
  const problem = input.incomplete.get(cluster);
  const gone: Outcome<BoundAccess> = problem === undefined ? absent : { kind: 'unknown', problem };
  bindings.set(role.bindingName, { path, athenz: known?.athenz ?? gone, git: { kind: 'value', value } });
}

function bindingsAt(all: ByCluster, cluster: string, namespace: string): Map<string, Planned> {
  const namespaces = all.get(cluster) ?? new Map<string, Map<string, Planned>>();
  all.set(cluster, namespaces);
  const bindings = namespaces.get(namespace) ?? new Map<string, Planned>();
  namespaces.set(namespace, bindings);
  return bindings;
}

function namespaceBindings(
  { context }: SidesInput,
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
  const isOperators = operatorNames(context, cluster, namespace);
  const others = objects.value.bindings
    .filter((it) => !planned.has(it.name) && (it.owner !== 'other' || isOperators(it.name)))
    .map((binding): ComparedBinding => {
      const path = context.layout.pathOf({ ...place, role: portableRole(binding.name) });
      return { ...place, name: binding.name, athenz: absent, git: absent, path, ...liveSide(binding, roles) };
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

/** Tells the names that in-cluster operators give: `<domain of the namespace>:role.<role>:members`. */
function operatorNames(context: PlanContext, cluster: string, namespace: string): (name: string) => boolean {
  const domain = context.config.clusters.find((it) => it.name === cluster)?.domain.replace('{namespace}', namespace);
  return (name) => domain !== undefined && name.startsWith(`${domain}:role.`) && name.endsWith(':members');
}

/** The Athenz role in a portable name, `athenz-<role>-<hash>`: what its file was called where each role has one. */
function portableRole(name: string): string {
  return /^athenz-(.+)-[0-9a-f]{8}$/.exec(name)?.[1] ?? /:role\.(.+):members$/.exec(name)?.[1] ?? name;
}

function byName(a: ComparedBinding, b: ComparedBinding): number {
  return a.name < b.name ? -1 : 1;
}
