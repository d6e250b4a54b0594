import type { Held, Kept } from '../model/change.ts';
import type { PlanContext } from './context.ts';
import type { CurrentFile } from './current.ts';
import type { Draft } from './draft.ts';
import { decideRole, departedRole, type Place, type RoleDecision, rolesIn, unchangedRole } from './role.ts';

/** The decision for one namespace, before limits apply. */
export interface NamespaceDecision extends Place {
  readonly drafts: readonly Draft[];
  /** The files that hold it now. */
  readonly current: readonly CurrentFile[];
  readonly roles: readonly RoleDecision[];
  readonly kept: readonly Kept[];
  /** The whole namespace stays as it is. */
  readonly held?: Held;
  /** The namespace is orphaned. */
  readonly departed?: true;
}

/** Distinct grants of a namespace, actual or desired. */
export function countGrants({ roles }: NamespaceDecision, when: 'before' | 'after'): number {
  return roles.reduce((sum, role) => sum + (role[when]?.subjects.length ?? 0), 0);
}

/**
 * Decides one namespace whose files differ from the drafts.
 *
 * @param current the files that hold the namespace or are at its path; unchanged ones are not among them
 * @param unchanged drafts that are in the tree already, to the byte
 */
export function decideNamespace(
  context: PlanContext,
  place: Place,
  drafts: readonly Draft[],
  current: readonly CurrentFile[],
  unchanged: ReadonlySet<string>,
): NamespaceDecision {
  const kept: Kept[] = [];
  const before = rolesIn(current);
  const decisions: RoleDecision[] = [];
  for (const draft of drafts) {
    for (const access of draft.roles) {
      const was = before.get(access.role);
      before.delete(access.role);
      const decision = unchanged.has(draft.path)
        ? unchangedRole(context, access, was)
        : decideRole(context, access, was);
      decisions.push(decision);
      if (decision.kept !== undefined) kept.push({ ...place, role: access.role, problem: decision.kept });
    }
  }
  for (const role of before.values()) decisions.push(departedRole(place, role, 'role-unconfigured'));
  const held = holdUnreadable(place, current);
  return { ...place, drafts, current, roles: decisions, kept, ...(held === undefined ? {} : { held }) };
}

function holdUnreadable(place: Place, current: readonly CurrentFile[]): Held | undefined {
  for (const { file, parsed } of current) {
    const held = holdFile(place, file.path, parsed);
    if (held !== undefined) return held;
  }
  return undefined;
}

/** Why a file must be left alone, if it must. */
export function holdFile(
  place: { readonly cluster: string; readonly namespace?: string },
  path: string,
  parsed: CurrentFile['parsed'],
): Held | undefined {
  switch (parsed.kind) {
    case 'rendered':
      return undefined;
    case 'foreign':
      return {
        ...place,
        code: 'OUTPUT_FOREIGN',
        message: `${path} was not written by athenz-gitops`,
        next: 'move it out of the output folder, or list it under output.keep',
        losses: [],
      };
    case 'twin':
      return {
        ...place,
        code: 'OUTPUT_COLLISION',
        message: `${path} and ${parsed.of} differ only by case: they collide on case-insensitive file systems`,
        next: 'rename the first, or move it out of the output folder',
        losses: [],
      };
    case 'unwritable':
      return {
        ...place,
        code: 'OUTPUT_PATH',
        message: `${path} was written by athenz-gitops, but a path with an empty part, ".", ".." or ".git" cannot be changed`,
        next: 'remove the file from the branch manually',
        losses: [],
      };
    case 'unparsable':
      return {
        ...place,
        code: 'OUTPUT_UNPARSABLE',
        message: `${path} was written by athenz-gitops but cannot be read back: ${parsed.reason}`,
        next: 'restore it from git, or delete it to render it again',
        losses: [],
      };
  }
}
