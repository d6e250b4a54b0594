import type { RoleConfig } from '../../config/types.ts';
import type { Text } from '../../core/decision.ts';
import type { Permission } from '../../model/access.ts';
import { compareText } from '../../model/text.ts';
import type { PlanContext } from './context.ts';
import type { NamespaceDecision } from './namespace.ts';
import { configuredPermission, samePermission } from './permission.ts';
import { type RoleToRender, renderFile } from './render.ts';
import type { RoleState } from './role.ts';

/**
 * Whether what is held although it is orphaned can be written, its people allowed what they were
 * before. A namespace that left has no config to be rendered by, and a role may be of a kind that the config's names do
 * not have: such a namespace stays to the byte.
 */
export function isRenderable(context: PlanContext, { roles, departed }: NamespaceDecision): boolean {
  return roles.every(({ role, access, after }) => {
    if (access !== undefined || after === undefined) return true;
    const { permission, domain } = after;
    return (
      !departed && samePermission(permission, configuredPermission(context, domain, formerConfig(role, permission)))
    );
  });
}

/** What the files of a namespace are to hold, by path; undefined for one to delete. */
export function desiredFiles(context: PlanContext, decision: NamespaceDecision): ReadonlyMap<string, Text | undefined> {
  const texts = new Map<string, Text | undefined>();
  for (const { file } of decision.current) texts.set(file.path, undefined);
  for (const draft of decision.drafts) texts.set(draft.path, undefined);
  for (const [path, roles] of rolesByPath(context, decision)) texts.set(path, textOf(context, decision, path, roles));
  return texts;
}

/** A file whose roles all are as Athenz says is rendered already. */
function textOf(context: PlanContext, { drafts }: NamespaceDecision, path: string, roles: readonly PlacedRole[]): Text {
  const draft = drafts.find((it) => it.path === path);
  const whole = roles.length === draft?.roles.length && roles.every(({ asDesired }) => asDesired);
  if (draft?.rendered !== undefined && whole) return draft.rendered;
  return { text: renderFile(context.render, roles) };
}

/** A role that is to be written. */
interface PlacedRole extends RoleToRender {
  readonly asDesired: boolean;
}

function rolesByPath(context: PlanContext, decision: NamespaceDecision): ReadonlyMap<string, readonly PlacedRole[]> {
  const { cluster, namespace } = decision;
  const byPath = new Map<string, PlacedRole[]>();
  const sorted = [...decision.roles].sort((a, b) => compareText(a.role, b.role));
  for (const { role, after, asDesired = false } of sorted) {
    if (after === undefined) continue;
    const path = context.layout.pathOf({ cluster, namespace, role });
    const placed = {
      cluster,
      namespace,
      domain: after.domain,
      config: configOf(context, cluster, role, after),
      subjects: after.subjects,
      asDesired,
    };
    const roles = byPath.get(path);
    if (roles === undefined) byPath.set(path, [placed]);
    else roles.push(placed);
  }
  return byPath;
}

/** The config of a role; one that is held although it left the config is rendered by what it was. */
function configOf(context: PlanContext, cluster: string, role: string, { permission }: RoleState): RoleConfig {
  return context.roleConfig(cluster, role) ?? formerConfig(role, permission);
}

function formerConfig(athenzRole: string, { roleRef, rules = [] }: Permission): RoleConfig {
  return roleRef.kind === 'ClusterRole' ? { athenzRole, clusterRole: roleRef.name } : { athenzRole, rules };
}
