import { type ApprovalKind, type Held, withEffect } from '../core/change.ts';
import type { Plan } from '../core/plan.ts';
import type { Scope } from '../core/scope.ts';
import type { Words } from '../core/words.ts';
import { count, type Show } from '../model/text.ts';
import type { GeneratorReport } from './run-report.ts';

/** How everything of one kind that a run holds is approved. */
export interface Approval {
  readonly what: 'removal' | 'addition';
  /** The option, and the input of the workflow, that takes the digest. */
  readonly name: 'accept-removals' | 'accept-additions';
  /** Names exactly these changes. */
  readonly digest: string;
  /** Changes in all scopes. */
  readonly changes: number;
}

/** What of a run can be approved: the digests are over all scopes, whatever a single proposal shows. */
export function approvalsOf(plan: Pick<Plan, 'held' | 'heldRemovals' | 'heldAdditions'>): readonly Approval[] {
  const { held, heldRemovals, heldAdditions } = plan;
  const removals = approvableIn({ held }, 'removal');
  const additions = approvableIn({ held }, 'addition');
  return [
    ...(heldRemovals === undefined || removals === 0
      ? []
      : [{ what: 'removal', name: 'accept-removals', digest: heldRemovals, changes: removals } as const]),
    ...(heldAdditions === undefined || additions === 0
      ? []
      : [{ what: 'addition', name: 'accept-additions', digest: heldAdditions, changes: additions } as const]),
  ];
}

/** As `approvalsOf`, of every generator of a run. */
export function approvalsOfAll(generators: readonly Pick<GeneratorReport, 'plan'>[]): readonly Approval[] {
  return generators.flatMap(({ plan }) => approvalsOf(plan));
}

/** Those that are about something of a scope. */
export function approvalsIn(scope: Pick<Scope, 'held'>, approvals: readonly Approval[]): readonly Approval[] {
  return approvals.filter(({ what }) => approvableIn(scope, what) > 0);
}

/** Whether some of it can be approved. */
export function needsApproval(scope: Pick<Scope, 'held'>): boolean {
  return approvableIn(scope, 'removal') + approvableIn(scope, 'addition') > 0;
}

/** Additions are approved only where a limit of their own holds them: not what is too large, or held along with a removal. */
function approvableIn({ held }: Pick<Scope, 'held'>, what: Approval['what']): number {
  return heldIn({ held: what === 'removal' ? held : held.filter(isLimitOfAdditions) }, what);
}

function isLimitOfAdditions({ code }: Held): boolean {
  return code === 'LIMIT_ADDED_GRANTS' || code === 'LIMIT_ADDED';
}

/** How many changes of one kind are held. */
export function heldIn({ held }: Pick<Scope, 'held'>, what: Approval['what']): number {
  const effect = what === 'removal' ? 'remove' : 'add';
  return held.reduce((sum, { changes }) => sum + withEffect(changes, effect).length, 0);
}

/** `the 126 held removals` */
export function describeApproval({ what, changes }: Approval): string {
  return changes === 1 ? `the held ${what}` : `the ${changes} held ${what}s`;
}

/** Where a text with approvals is shown. */
export interface ApprovalPlace {
  /** A workflow of GitHub Actions takes the digest, too: its file, where that is known. */
  readonly workflow?: string | true;
  /** Where the whole list is, in Markdown, besides the command that prints it. */
  readonly list?: string;
}

/**
 * How to approve in Markdown, a sentence each, after the command that prints the whole list.
 *
 * @param scope of which the text is; not set: of all
 */
export function approvalSentences(
  approvals: readonly Approval[],
  { workflow, list }: ApprovalPlace,
  scope?: Pick<Scope, 'held'>,
): readonly string[] {
  return approvals.map((approval) => {
    const { what, name, digest, changes } = approval;
    const here = scope === undefined ? changes : approvableIn(scope, what);
    const of = here === changes ? '' : ` of this run (${here} of them here)`;
    const also = list === undefined ? '' : `, and so does ${list}`;
    return [
      `To approve exactly ${describeApproval(approval)}${of}, run \`athenz-gitops sync --${name} ${digest}\``,
      `${dispatch(workflow, name, digest)}. Check the whole list first: \`athenz-gitops plan\` prints it${also}.`,
    ].join('');
  });
}

function dispatch(workflow: ApprovalPlace['workflow'], name: string, digest: string): string {
  if (workflow === undefined) return '';
  const input = `, or run the workflow by hand with the input \`${name}\` set to \`${digest}\``;
  return workflow === true ? input : `${input} (\`gh workflow run ${workflow} -f ${name}=${digest}\`)`;
}

/**
 * What became of approvals that match nothing: whoever gave one has to know that it did nothing. A digest is of one generator;
 * it matches where any has it.
 */
export function unmatchedSentences(
  generators: readonly Pick<GeneratorReport, 'plan'>[],
  show: Show,
): readonly string[] {
  const given = (kind: ApprovalKind) => generators.map(({ plan }) => plan.unmatched.find((it) => it.kind === kind));
  return (['additions', 'removals'] as const).flatMap((kind) => {
    const [first, ...others] = given(kind);
    if (first === undefined || others.some((it) => it === undefined)) return [];
    const plans = generators.map(({ plan }) => plan);
    const held = plans.flatMap((it) => (kind === 'removals' ? it.heldRemovals : it.heldAdditions) ?? []);
    const approved = plans
      .flatMap((it) => it.approved.filter((one) => one.kind === kind))
      .reduce((sum, { changes }) => sum + changes, 0);
    const now =
      held.length === 0
        ? `no ${kind} are held`
        : `other ${kind} are held now; review them, then approve them with --accept-${kind} ${held.join(' or ')}`;
    const before = approved === 0 ? '' : `; ${approved} approved before stay proposed`;
    return [`--accept-${kind} ${show(first.digest)} matches nothing: ${now}${before}`];
  });
}

/** What is proposed although it exceeds a limit, a sentence per kind. */
export function approvedSentences({ approved }: Pick<Scope, 'approved'>, { nouns }: Words<unknown>): readonly string[] {
  return [...Map.groupBy(approved, ({ kind }) => kind)].map(([kind, units]) => {
    const changes = units.reduce((sum, unit) => sum + unit.changes, 0);
    const what = count(changes, kind === 'removals' ? 'removal' : 'addition');
    return `${what} in ${count(units.length, nouns.unit)} approved with --accept-${kind}.`;
  });
}
