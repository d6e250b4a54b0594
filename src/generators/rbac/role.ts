import type { CurrentFile } from '../../core/decision.ts';
import type { Gain, Loss, LossReason, Permission } from '../../model/access.ts';
import type { Problem } from '../../model/error.ts';
import { compareSubjects, type RoleAccess, type Subject, subjectKey } from '../../model/grant.ts';
import type { RenderedRole } from '../../model/manifest.ts';
import type { PlanContext } from './context.ts';
import { subjectsOf } from './desired.ts';
import { lossExplainer } from './loss.ts';
import { configuredPermission, renderedPermission } from './permission.ts';

/** A file of ours, or in its way. */
export type RbacFile = CurrentFile<readonly RenderedRole[]>;

export interface Place {
  readonly cluster: string;
  readonly namespace: string;
}

/** A role, actual or desired. */
export interface RoleState {
  /** Sorted and unique. */
  readonly subjects: readonly Subject[];
  readonly permission: Permission;
  readonly domain: string;
}

/** One role of a namespace, before and after. */
export interface RoleDecision {
  readonly role: string;
  /** Not set for a role that is no longer configured. */
  readonly access?: RoleAccess;
  readonly before?: RoleState;
  /** Not set when nothing is rendered for the role. */
  readonly after?: RoleState;
  /** Made when it is asked for: a first run has one for each grant of a fleet. */
  readonly gains: readonly Gain[];
  readonly losses: readonly Loss[];
  /** `after` is what Athenz says, to the last subject. */
  readonly asDesired?: true;
  /** Why the role keeps what it has. */
  readonly kept?: Problem;
}

/** The roles of some files. Two may hold one role while it moves to another path: whoever is in one of them has access. */
export function rolesIn(current: readonly RbacFile[]): Map<string, RenderedRole> {
  const roles = new Map<string, RenderedRole>();
  for (const { parsed } of current) {
    for (const role of parsed.kind === 'rendered' ? parsed.state : []) {
      const known = roles.get(role.role);
      roles.set(role.role, known === undefined ? role : { ...role, subjects: union(known.subjects, role.subjects) });
    }
  }
  return roles;
}

function union(...lists: readonly (readonly Subject[])[]): readonly Subject[] {
  const subjects = new Map(lists.flat().map((subject) => [subjectKey(subject), subject]));
  return [...subjects.values()].sort(compareSubjects);
}

/**
 * A role that is in the tree already as Athenz has it.
 *
 * @param also the same role in a second file, which goes: whoever is only in there loses access
 */
export function unchangedRole(context: PlanContext, access: RoleAccess, also: RenderedRole | undefined): RoleDecision {
  const state = { subjects: subjectsOf(access), permission: permissionOf(context, access), domain: access.domain };
  if (also === undefined)
    return { role: access.role, access, before: state, after: state, gains: [], losses: [], asDesired: true };
  return decideRole(context, access, { ...also, subjects: union(also.subjects, state.subjects) });
}

/** Decides a configured role: what Athenz says where it is known, what the tree says where it is not. */
export function decideRole(context: PlanContext, access: RoleAccess, was: RenderedRole | undefined): RoleDecision {
  const before = was && stateOf(was);
  const permission = permissionOf(context, access);
  const base = { role: access.role, access, ...(before ? { before } : {}) };
  const keep = (problem: Problem): RoleDecision => ({
    ...base,
    ...(before ? { after: { subjects: before.subjects, permission, domain: access.domain } } : {}),
    gains: [],
    losses: [],
    kept: problem,
  });
  if (access.outcome.kind === 'unknown') return keep(access.outcome.problem);
  const subjects = subjectsOf(access);
  const losses = before ? lossesOf(access, before.subjects, subjects, before.permission) : [];
  const [doubted] = access.outcome.unconfirmed;
  if (losses.length > 0 && doubted !== undefined) return keep(unconfirmed(doubted));
  const unlisted = unlistedAmong(access, losses);
  if (unlisted !== undefined) return keep(unlisted);
  const after = { subjects, permission, domain: access.domain };
  return {
    ...base,
    after,
    get gains() {
      return gainsOf(access, before?.subjects ?? [], permission);
    },
    losses,
    asDesired: true,
  };
}

/** Why it is not known whether one of these is a loss: its namespace may be one of those that could not be read. */
function unlistedAmong({ outcome }: RoleAccess, losses: readonly Loss[]): Problem | undefined {
  const may = outcome.kind === 'value' ? outcome.unlisted : undefined;
  return may && losses.map(({ subject }) => may.get(subjectKey(subject))).find((it) => it !== undefined);
}

function permissionOf(context: PlanContext, access: RoleAccess): Permission {
  const config = context.roleConfig(access.cluster, access.role);
  if (config === undefined) throw new TypeError(`role ${access.role} of ${access.cluster} is not configured`);
  return configuredPermission(context, access.domain, config);
}

function gainsOf(access: RoleAccess, before: readonly Subject[], permission: Permission): readonly Gain[] {
  if (access.outcome.kind !== 'value') return [];
  const had = new Set(before.map(subjectKey));
  const { cluster, namespace, role } = access;
  const { grants } = access.outcome;
  const added = had.size === 0 ? grants : grants.filter(({ subject }) => !had.has(subjectKey(subject)));
  return added.map(({ subject, paths, expires }): Gain => {
    const gain = { kind: 'gain', cluster, namespace, role, subject, permission, paths } as const;
    return expires === undefined ? gain : { ...gain, expires };
  });
}

function lossesOf(
  access: RoleAccess,
  before: readonly Subject[],
  after: readonly Subject[],
  permission: Permission,
): readonly Loss[] {
  const stays = new Set(after.map(subjectKey));
  const explain = lossExplainer(access, before);
  const { cluster, namespace, role } = access;
  return before
    .filter((subject) => !stays.has(subjectKey(subject)))
    .map((subject): Loss => ({ kind: 'lose', cluster, namespace, role, subject, permission, ...explain(subject) }));
}

/** An orphaned role of the tree. */
export function departedRole(place: Place, was: RenderedRole, reason: LossReason): RoleDecision {
  const before = stateOf(was);
  const losses = was.subjects.map(
    (subject): Loss => ({
      kind: 'lose',
      ...place,
      role: was.role,
      subject,
      permission: before.permission,
      reason,
      proven: false,
    }),
  );
  return { role: was.role, before, gains: [], losses };
}

function stateOf(was: RenderedRole): RoleState {
  return { subjects: was.subjects, permission: renderedPermission(was), domain: was.domain };
}

function unconfirmed(domain: string): Problem {
  return {
    code: 'ZMS_ABSENCE_UNCONFIRMED',
    message: `resolving access: domain ${domain} is missing from the list and its absence is not confirmed`,
    next: 'run again when ZMS is reachable',
  };
}
