import type { RoleConfig } from '../config/types.ts';
import type { FileChange, Permission } from '../model/change.ts';
import { compareText } from '../model/grant.ts';
import type { TreeFile } from '../model/tree.ts';
import { type RoleToRender, renderFile } from '../rbac/render.ts';
import type { PlanContext } from './context.ts';
import type { NamespaceDecision } from './namespace.ts';
import { configuredPermission, samePermission } from './permission.ts';
import { isRendered, renderedIds } from './rendered-ids.ts';
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

/**
 * What a decision changes in files: each path is compared by git's id, and only what differs is given.
 *
 * @param files everything in the output folders, by path
 */
export function fileChanges(
  context: PlanContext,
  decision: NamespaceDecision,
  files: ReadonlyMap<string, TreeFile>,
): readonly FileChange[] {
  const { cluster, namespace } = decision;
  const texts = new Map<string, string | undefined>();
  for (const { file } of decision.current) texts.set(file.path, undefined);
  for (const draft of decision.drafts) texts.set(draft.path, undefined);
  for (const [path, roles] of rolesByPath(context, decision)) texts.set(path, renderFile(context.render, roles));
  const changes: FileChange[] = [];
  for (const [path, text] of texts) {
    const now = files.get(path);
    const before = now === undefined ? {} : { before: now.oid };
    if (text === undefined) {
      if (now !== undefined) changes.push({ path, cluster, namespace, ...before });
      continue;
    }
    const ids = renderedIds(text, context.objectFormat);
    if (now !== undefined && isRendered(now, ids)) continue;
    changes.push({ path, cluster, namespace, ...before, after: { ...ids, text } });
  }
  return changes;
}

function rolesByPath(context: PlanContext, decision: NamespaceDecision): ReadonlyMap<string, readonly RoleToRender[]> {
  const { cluster, namespace } = decision;
  const byPath = new Map<string, RoleToRender[]>();
  const sorted = [...decision.roles].sort((a, b) => compareText(a.role, b.role));
  for (const { role, after } of sorted) {
    if (after === undefined) continue;
    const path = context.layout.pathOf({ cluster, namespace, role });
    const rendered = {
      cluster,
      namespace,
      domain: after.domain,
      config: configOf(context, cluster, role, after),
      subjects: after.subjects,
    };
    const roles = byPath.get(path);
    if (roles === undefined) byPath.set(path, [rendered]);
    else roles.push(rendered);
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
