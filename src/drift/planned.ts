import type { PlanContext } from '../generators/rbac/context.ts';
import { type Draft, subjectsOf } from '../generators/rbac/desired.ts';
import { nameObjects } from '../generators/rbac/names.ts';
import { configuredPermission, renderedPermission } from '../generators/rbac/permission.ts';
import type { RbacFile } from '../generators/rbac/role.ts';
import type { Problem } from '../model/error.ts';
import type { RoleAccess } from '../model/grant.ts';
import type { RenderedRole } from '../model/manifest.ts';
import type { Outcome } from '../model/outcome.ts';
import type { BoundAccess } from './result.ts';

/** What Athenz and git say, as a plan has read it. */
export interface PlannedInput {
  readonly context: PlanContext;
  readonly drafts: readonly Draft[];
  /** Files of the base that differ from their draft, or that have none; read. */
  readonly current: readonly RbacFile[];
  /** Paths of all files below the output folders. */
  readonly files: ReadonlySet<string>;
  /** Why what Athenz says of a role is not known, by `roleKey`. */
  readonly unknown: ReadonlyMap<string, Problem>;
  /** Clusters whose namespaces are not all known: what git has beyond them is not for removal. */
  readonly incomplete: ReadonlyMap<string, Problem>;
}

/** Identifies a role of a namespace. */
export function roleKey({ cluster, namespace, role }: Pick<RoleAccess, 'cluster' | 'namespace' | 'role'>): string {
  return `${cluster}\0${namespace}\0${role}`;
}

export const absent = { kind: 'absent' } as const;

/** What Athenz asks for of one binding, and what git has. */
export interface Planned {
  readonly athenz: Outcome<BoundAccess>;
  readonly git: Outcome<BoundAccess>;
  readonly path: string;
}

/** By cluster, namespace and name. */
type ByCluster = Map<string, Map<string, Map<string, Planned>>>;

/** What Athenz and git say, by cluster, namespace and name. */
export function plannedBindings(
  input: PlannedInput,
): ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Planned>>> {
  const all: ByCluster = new Map();
  const read = new Map(input.current.map((file) => [file.file.path, file]));
  for (const draft of input.drafts) {
    for (const role of draft.roles) addWanted(all, input, draft, role, read.get(draft.path));
  }
  for (const { cluster, file, parsed } of input.current) {
    if (!('state' in parsed)) continue;
    for (const role of parsed.state) addRendered(all, input, cluster, file.path, role);
  }
  return all;
}

/** As Athenz wants it; with a file that is to the byte what was drafted, or that cannot be read, git's side as well. */
function addWanted(
  all: ByCluster,
  { context, files, unknown }: PlannedInput,
  draft: Draft,
  role: RoleAccess,
  current: RbacFile | undefined,
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
  current: RbacFile | undefined,
  files: ReadonlySet<string>,
): Outcome<BoundAccess> {
  if (current === undefined) return files.has(draft.path) ? athenz : absent;
  switch (current.parsed.kind) {
    case 'rendered':
    case 'mixed':
      return absent;
    case 'unparsable':
      return { kind: 'unknown', problem: unreadable(draft.path, current.parsed.reason) };
    case 'foreign':
    case 'twin':
    case 'unwritable':
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

function addRendered(all: ByCluster, input: PlannedInput, cluster: string, path: string, role: RenderedRole): void {
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
