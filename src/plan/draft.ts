import { AppError } from '../model/error.ts';
import { compareText, type RoleAccess, type Subject } from '../model/grant.ts';
import { type RoleToRender, renderFile } from '../rbac/render.ts';
import type { PlanContext } from './context.ts';
import { type RenderedIds, renderedIds } from './rendered-ids.ts';

/** The desired content of a file, from Athenz alone: before the current tree is read. */
export interface Draft {
  readonly path: string;
  readonly cluster: string;
  readonly namespace: string;
  /** The file's roles, in their order. */
  readonly roles: readonly RoleAccess[];
  /** Of what would be rendered. Not set when a role is unknown: then the file depends on what is there. */
  readonly ids?: RenderedIds;
}

/**
 * Groups resolved roles into files, sorted, and renders those that are known. One pass over the roles, in any order.
 *
 * @throws AppError `OUTPUT_COLLISION` when two would render to one path, also on a file system that folds case
 */
export function draftFiles(context: PlanContext, access: readonly RoleAccess[]): ReadonlyMap<string, Draft> {
  const { layout } = context;
  const files = new Map<string, RoleAccess[]>();
  for (const role of access) {
    const path = layout.pathOf(role);
    const roles = files.get(path);
    if (roles === undefined) files.set(path, [role]);
    else roles.push(role);
  }
  const folded = new Map<string, string>();
  const drafts = new Map<string, Draft>();
  for (const [path, roles] of files) {
    refuseCollision(path, roles, layout.perRole, folded);
    roles.sort((a, b) => compareText(a.role, b.role));
    const [first] = roles;
    if (first === undefined) continue;
    const ids = roles.some((role) => role.outcome.kind === 'unknown') ? undefined : idsOf(context, roles);
    const { cluster, namespace } = first;
    drafts.set(path, { path, cluster, namespace, roles, ...(ids === undefined ? {} : { ids }) });
  }
  return drafts;
}

function refuseCollision(
  path: string,
  roles: readonly RoleAccess[],
  perRole: boolean,
  folded: Map<string, string>,
): void {
  const nameOf = ({ cluster, namespace, role }: RoleAccess) => `${cluster}/${namespace}${perRole ? `/${role}` : ''}`;
  const [first = '', second] = new Set(roles.map(nameOf));
  const other = second ?? folded.get(path.toLowerCase());
  if (other !== undefined) {
    throw new AppError('OUTPUT_COLLISION', `rendering ${path}: ${first} and ${other} would share it`, {
      next: 'use {cluster}, {namespace} and {role} as separate folders in output.path',
    });
  }
  folded.set(path.toLowerCase(), first);
}

/** Only ids are kept of what is rendered: most files are as desired, and their text is never needed. */
function idsOf(context: PlanContext, roles: readonly RoleAccess[]): RenderedIds {
  const text = renderFile(
    context.render,
    roles.map((access): RoleToRender => {
      const config = context.roleConfig(access.cluster, access.role);
      if (config === undefined) throw new TypeError(`role ${access.role} of ${access.cluster} is not configured`);
      const { cluster, namespace, domain } = access;
      return { cluster, namespace, domain, config, subjects: subjectsOf(access) };
    }),
  );
  return renderedIds(text, context.objectFormat);
}

/** Whom a role gives access, by Athenz alone; nobody when it is absent or unknown. */
export function subjectsOf({ outcome }: RoleAccess): readonly Subject[] {
  return outcome.kind === 'value' ? outcome.grants.map((grant) => grant.subject) : [];
}
