import type { RoleConfig } from '../../config/types.ts';
import type { Permission } from '../../model/access.ts';
import type { PolicyRule, RenderedRole } from '../../model/manifest.ts';
import type { PlanContext } from './context.ts';
import { objectNames } from './render.ts';

/** What a configured role lets its subjects do. */
export function configuredPermission(context: PlanContext, domain: string, role: RoleConfig): Permission {
  const { roleRef } = objectNames(context.render, domain, role);
  return 'rules' in role ? { roleRef, rules: role.rules } : { roleRef };
}

/** What a role in the current tree lets its subjects do. */
export function renderedPermission({ roleRef, rules }: RenderedRole): Permission {
  return rules === undefined ? { roleRef } : { roleRef, rules };
}

/** Whether two permissions allow the same. An own Role's name is no permission: only its rules are. */
export function samePermission(a: Permission, b: Permission): boolean {
  if (a.roleRef.kind !== b.roleRef.kind) return false;
  if (a.roleRef.kind === 'ClusterRole') return a.roleRef.name === b.roleRef.name;
  return a.rules !== undefined && b.rules !== undefined && rulesKey(a.rules) === rulesKey(b.rules);
}

/** The same for two sets of rules exactly when they allow the same, as far as that shows in the text. */
export function rulesKey(rules: readonly PolicyRule[]): string {
  const lists = rules.map(({ apiGroups, resources, verbs, resourceNames = [] }) =>
    [apiGroups, resources, verbs, resourceNames].map((list) => [...new Set(list)].sort()),
  );
  // RBAC adds rules up: one that is repeated allows nothing more.
  return JSON.stringify([...new Set(lists.map((list) => JSON.stringify(list)))].sort());
}
