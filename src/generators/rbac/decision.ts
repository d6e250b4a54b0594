import type { Decision, EmptiedPart, Settled } from '../../core/decision.ts';
import type { AccessChange } from '../../model/access.ts';
import { accessChanges } from './access-changes.ts';
import { changeId, toChange } from './change.ts';
import type { PlanContext } from './context.ts';
import { doubtsIn, explain, proofsIn } from './evidence.ts';
import { desiredFiles, isRenderable } from './files.ts';
import { holdBack } from './hold.ts';
import { countGrants, keptRoles, type NamespaceDecision } from './namespace.ts';
import { grantKey } from './proof.ts';
import { heldSubjects } from './subjects.ts';

/** A namespace's decision as plans handle it. */
export function toDecision(context: PlanContext, decision: NamespaceDecision): Decision<AccessChange> {
  const { cluster, namespace, roles } = decision;
  const unit = { cluster, namespace };
  return {
    unit,
    removals: roles.flatMap(({ losses }) => losses.map(toChange)),
    additions: () => roles.flatMap(({ gains }) => gains.map(toChange)),
    weight: countGrants(decision, 'before'),
    kept: keptRoles(decision).map(({ role, problem }) => ({ ...unit, part: role, problem })),
    unconfirmed: unconfirmedDomains(decision),
    doubts: doubtsIn(decision),
    withEvidence: (evidence) => toDecision(context, explain(decision, evidence)),
    proofs: (polled) => proofsIn(decision, polled),
    has: (key) => grantsBefore(decision).includes(key),
    tooLarge: (held) => heldSubjects(context.config.limits, holdBack(decision, held)),
    emptied: (held) => emptiedBy(context, holdBack(decision, held)),
    settle: (held) => settle(context, holdBack(decision, held)),
  };
}

/** Domains whose absence would remove access if it were true: those are worth a second look. */
function unconfirmedDomains({ roles }: NamespaceDecision): readonly string[] {
  return roles.flatMap(({ access, kept }) => {
    if (kept?.code !== 'ZMS_ABSENCE_UNCONFIRMED' || access === undefined || access.outcome.kind === 'unknown')
      return [];
    return access.outcome.unconfirmed;
  });
}

/** By `grantKey`. */
function grantsBefore({ cluster, namespace, roles }: NamespaceDecision): readonly string[] {
  return roles.flatMap(({ role, before }) =>
    (before?.subjects ?? []).map((subject) => grantKey({ cluster, namespace, role, subject })),
  );
}

/** Roles that unproven losses leave without anyone. One that leaves the config or git with its namespace is not left at all. */
function emptiedBy({ config }: PlanContext, { cluster, namespace, roles }: NamespaceDecision): readonly EmptiedPart[] {
  return roles.flatMap(({ role, after, losses }): readonly EmptiedPart[] => {
    const unproven = losses.filter((loss) => !loss.proven);
    if (after?.subjects.length !== 0 || unproven.length === 0) return [];
    return [
      {
        cluster,
        namespace,
        part: role,
        protected: config.limits.neverEmpty.includes(role),
        code: 'LIMIT_NEVER_EMPTY',
        message: `${role} would lose its last member (limits.neverEmpty)`,
        next: 'add a member to the role in Athenz, or approve the removal',
        changes: unproven.map(changeId),
      },
    ];
  });
}

function settle(context: PlanContext, decision: NamespaceDecision): Settled<AccessChange> {
  if (!isRenderable(context, decision)) return { kind: 'stuck', held: heldAlong(decision) };
  const { cluster, namespace, roles } = decision;
  const emptied = roles.flatMap(({ role, before, after }) => {
    const left = (before?.subjects.length ?? 0) > 0 && after?.subjects.length === 0;
    return left ? [{ cluster, namespace, role }] : [];
  });
  return {
    kind: 'changed',
    changes: accessChanges(decision).map(toChange),
    files: desiredFiles(context, decision),
    weight: countGrants(decision, 'after'),
    notes: { emptied },
  };
}

/** What a namespace cannot get because a role that left the config is held in it and cannot be written under other names. */
function heldAlong({
  cluster,
  namespace,
  roles,
}: NamespaceDecision): Extract<Settled<AccessChange>, { kind: 'stuck' }>['held'] {
  const changes = [...roles.flatMap(({ losses }) => losses), ...roles.flatMap(({ gains }) => gains)].map(toChange);
  if (changes.length === 0) return [];
  return [
    {
      cluster,
      namespace,
      code: 'LIMIT_REMOVED_GRANTS',
      message: `${namespace} has a held role that left the config and cannot be written with the new names`,
      next: 'approve the held removals; the other changes of the namespace follow',
      changes,
    },
  ];
}
