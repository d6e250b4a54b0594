import type { FileChange, Held } from '../core/change.ts';
import { accessChanges } from '../generators/rbac/access-changes.ts';
import type { PlanContext } from '../generators/rbac/context.ts';
import { desiredFiles } from '../generators/rbac/files.ts';
import { holdBack } from '../generators/rbac/hold.ts';
import { nameObjects, type ObjectNames } from '../generators/rbac/names.ts';
import type { NamespaceDecision } from '../generators/rbac/namespace.ts';
import { comparePlaces } from '../generators/rbac/order.ts';
import { decideRole, type RoleDecision } from '../generators/rbac/role.ts';
import { heldSubjects } from '../generators/rbac/subjects.ts';
import type { AccessChange } from '../model/access.ts';
import type { LiveObjects } from '../model/cluster.ts';
import type { RoleAccess } from '../model/grant.ts';
import type { RenderedRole } from '../model/manifest.ts';
import { compareText } from '../model/text.ts';
import { blobId } from '../model/tree.ts';
import type { BindingAdoption } from './result.ts';

export interface AdoptionInput {
  /** Of the proposed config. */
  readonly context: PlanContext;
  /** By namespace. */
  readonly live: ReadonlyMap<string, LiveObjects>;
  readonly access: readonly RoleAccess[];
}

export interface AdoptionPlan {
  /** By namespace, then role. */
  readonly bindings: readonly BindingAdoption[];
  /** The first rendered tree. */
  readonly files: readonly FileChange[];
  /** Additions that do not fit into a binding. */
  readonly held: readonly Held<AccessChange>[];
  /** Domains whose absence would remove access if it were true. */
  readonly doubted: readonly string[];
}

/** Plans what the first apply makes of each binding, and renders what is applied. Pure, for any order of its input. */
export function planAdoption({ context, live, access }: AdoptionInput): AdoptionPlan {
  const bindings: BindingAdoption[] = [];
  const files: FileChange[] = [];
  const held: Held<AccessChange>[] = [];
  const doubted = new Set<string>();
  const byNamespace = Map.groupBy([...access].sort(comparePlaces), ({ namespace }) => namespace);
  for (const [namespace, roles] of byNamespace) {
    const [first] = roles;
    if (first === undefined) continue;
    const was = new Map(roles.map((role) => [role, liveRole(live.get(namespace), role, namesOf(context, role))]));
    const wanted = toNamespace(
      first,
      roles.map((role) => decideRole(context, role, was.get(role))),
    );
    const large = heldSubjects(context.config.limits, wanted);
    const decision = holdBack(wanted, new Set(large.flatMap(({ changes }) => changes.map(({ id }) => id))));
    held.push(...large);
    files.push(...rendered(context, decision));
    for (const role of decision.roles) {
      const { access: of, kept } = role;
      if (of === undefined) continue;
      bindings.push(toAdoption(of, namesOf(context, of), was.get(of), role));
      if (kept?.code !== 'ZMS_ABSENCE_UNCONFIRMED' || of.outcome.kind === 'unknown') continue;
      for (const domain of of.outcome.unconfirmed) doubted.add(domain);
    }
  }
  return { bindings, files: files.sort((a, b) => compareText(a.path, b.path)), held, doubted: [...doubted].sort() };
}

function rendered(context: PlanContext, decision: NamespaceDecision): readonly FileChange[] {
  const { cluster, namespace } = decision;
  return [...desiredFiles(context, decision)].flatMap(([path, it]): readonly FileChange[] => {
    if (it === undefined) return [];
    const oid = blobId(it.text, context.objectFormat);
    return [{ path, cluster, namespace, after: { oid, formerOid: oid, text: it.text } }];
  });
}

function namesOf(context: PlanContext, { cluster, role, domain }: RoleAccess): ObjectNames {
  const config = context.roleConfig(cluster, role);
  if (config === undefined) throw new TypeError(`role ${role} of ${cluster} is not configured`);
  return nameObjects(context.config.names, domain, config);
}

/** What the cluster has of a role, as if it had been rendered; undefined without a binding. */
function liveRole(
  live: LiveObjects | undefined,
  { namespace, domain, role }: RoleAccess,
  names: ObjectNames,
): RenderedRole | undefined {
  const binding = live?.bindings.find(({ name }) => name === names.binding);
  if (binding === undefined) return undefined;
  const { roleRef, subjects } = binding;
  const rules = roleRef.kind === 'Role' ? live?.roles.find(({ name }) => name === roleRef.name)?.rules : undefined;
  const base = { namespace, domain, role, bindingName: binding.name, roleRef, subjects };
  return rules === undefined ? base : { ...base, rules };
}

function toAdoption(
  access: RoleAccess,
  { binding: name, roleRef }: ObjectNames,
  was: RenderedRole | undefined,
  decision: RoleDecision,
): BindingAdoption {
  const { namespace, domain, role, outcome } = access;
  const { before, after, gains, losses, kept } = decision;
  const [permission] = accessChanges(toNamespace(access, [decision])).filter((it) => it.kind === 'permission');
  const other = was !== undefined && (was.roleRef.kind !== roleRef.kind || was.roleRef.name !== roleRef.name);
  const alive = (before?.subjects.length ?? 0) > 0;
  return {
    namespace,
    role,
    name,
    domain,
    ...(before === undefined ? {} : { before: before.subjects }),
    ...(after === undefined ? {} : { after: after.subjects }),
    gains,
    losses,
    ...(permission === undefined ? {} : { permission }),
    ...(other ? { roleRef: { before: was.roleRef, after: roleRef } } : {}),
    ...(kept === undefined && alive && outcome.kind === 'absent' ? { orphan: outcome.what } : {}),
    ...(kept === undefined ? {} : { unknown: kept }),
  };
}

/** Nothing is rendered yet: whatever there is of the namespace is in the cluster. */
function toNamespace({ cluster, namespace }: RoleAccess, roles: readonly RoleDecision[]): NamespaceDecision {
  return { cluster, namespace, roles, drafts: [], current: [] };
}
