import type { Gain, Held, Loss, Plan, Scope, WouldEmpty } from '../model/change.ts';
import { count, placeIn, type Show, someOf } from './words.ts';

/** Everything that is held for one cause: a limit, or a mistake that several files share. */
export interface HeldGroup extends Pick<Held, 'code' | 'next'> {
  /** What is wrong, and in which namespace, as `placeIn` names it; one for all `changes`. */
  readonly causes: readonly { readonly place?: string; readonly message: string }[];
  /** Who keeps access or does not get it. */
  readonly changes: readonly (Gain | Loss)[];
  /** Roles that would be left without anyone. */
  readonly emptied: readonly WouldEmpty[];
}

/** Groups what is held by its cause, in the order of the first of each. */
export function groupHeld(scope: Pick<Scope, 'held' | 'totals'>): readonly HeldGroup[] {
  const groups = Map.groupBy(scope.held, (held) => {
    const { code, message, next } = held;
    return JSON.stringify([code, next, changesOf(held).length > 0 ? message : null]);
  });
  return [...groups.values()].flatMap((all): HeldGroup[] => {
    const [first] = all;
    if (first === undefined) return [];
    const { code, next, message } = first;
    const changes = all.flatMap(changesOf);
    const emptied = all.flatMap((it) => it.emptied ?? []);
    const causes = all.map((it) =>
      it.namespace === undefined
        ? { message: it.message }
        : { place: placeIn(scope, it.cluster, it.namespace), message: it.message },
    );
    return [{ code, next, changes, emptied, causes: changes.length > 0 ? [{ message }] : causes }];
  });
}

/** One cause in one line: where it is, and what is wrong. */
export function describeCause({ place, message }: HeldGroup['causes'][number], show: Show): string {
  return place === undefined ? show(message) : `${show(place)}: ${show(message)}`;
}

/** What several mistakes of one kind are, where no change is held: `2 files were not written by athenz-gitops (OUTPUT_FOREIGN)`. */
export function describeMany(amount: number, code: Held['code']): string {
  const files = fileWords[code];
  return files === undefined ? `${count(amount, 'problem')} (${code})` : `${count(amount, 'file')} ${files} (${code})`;
}

const fileWords: Readonly<Partial<Record<Held['code'], string>>> = {
  OUTPUT_FOREIGN: 'were not written by athenz-gitops',
  OUTPUT_COLLISION: 'differ from another only by case',
  OUTPUT_PATH: 'have a path that cannot be changed',
  OUTPUT_UNPARSABLE: 'were written by athenz-gitops but cannot be read back',
};

function changesOf({ losses, gains = [] }: Pick<Held, 'losses' | 'gains'>): readonly (Gain | Loss)[] {
  return [...losses, ...gains];
}

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
  const losses = approvableIn({ held }, 'removal');
  const gains = approvableIn({ held }, 'addition');
  return [
    ...(heldRemovals === undefined || losses === 0
      ? []
      : [{ what: 'removal', name: 'accept-removals', digest: heldRemovals, changes: losses } as const]),
    ...(heldAdditions === undefined || gains === 0
      ? []
      : [{ what: 'addition', name: 'accept-additions', digest: heldAdditions, changes: gains } as const]),
  ];
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
  return heldIn({ held: what === 'removal' ? held : held.filter(({ code }) => code === 'LIMIT_ADDED_GRANTS') }, what);
}

function heldIn({ held }: Pick<Scope, 'held'>, what: Approval['what']): number {
  return held.reduce((sum, { losses, gains = [] }) => sum + (what === 'removal' ? losses : gains).length, 0);
}

/** `all 126 held removals` */
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

/** `126 removals, 3 additions, 2 others`: what is held. */
export function tallyHeld(scope: Pick<Scope, 'held'>): string {
  const others = scope.held.filter((it) => changesOf(it).length === 0).length;
  const parts = [
    [heldIn(scope, 'removal'), 'removal'],
    [heldIn(scope, 'addition'), 'addition'],
    [others, others === scope.held.length ? 'problem' : 'other problem'],
  ] as const;
  return parts.flatMap(([amount, what]) => (amount > 0 ? [count(amount, what)] : [])).join(', ');
}

/** What became of approvals that match nothing: whoever gave one has to know that it did nothing. */
export function unmatchedSentences(
  { unmatched, letThrough, ...digests }: Pick<Plan, 'unmatched' | 'letThrough' | 'heldRemovals' | 'heldAdditions'>,
  show: Show,
): readonly string[] {
  return unmatched.map(({ kind, digest }) => {
    const held = kind === 'removals' ? digests.heldRemovals : digests.heldAdditions;
    const approved = letThrough.filter((it) => it.kind === kind).reduce((sum, { changes }) => sum + changes, 0);
    const now =
      held === undefined
        ? `no ${kind} are held`
        : `other ${kind} are held now; review them, then approve them with --accept-${kind} ${held}`;
    const before = approved === 0 ? '' : `; ${approved} approved before stay proposed`;
    return `--accept-${kind} ${show(digest)} matches nothing: ${now}${before}`;
  });
}

/**
 * Which roles the held changes of a group would leave without anyone, a sentence each, with the limit on that where the
 * group's cause is another one.
 */
export function emptiedSentences(
  { emptied, code }: Pick<HeldGroup, 'emptied' | 'code'>,
  { totals }: Pick<Scope, 'totals'>,
  show: Show,
  most?: number,
): readonly string[] {
  const places = (neverEmpty: boolean) =>
    emptiedPlaces({ emptied: emptied.filter((it) => it.neverEmpty === neverEmpty), totals }, show);
  const [limited, others] = [code === 'LIMIT_NEVER_EMPTY' ? [] : places(true), places(false)];
  const their = limited.length === 1 ? 'its' : 'their';
  return [
    ...(limited.length === 0
      ? []
      : [`also held by limits.neverEmpty: ${someOf(limited, most)} would lose ${their} last member`]),
    ...(others.length === 0 ? [] : [`would leave without anyone: ${someOf(others, most)}`]),
  ];
}

/** `admins in search`, of roles that are left without anyone. */
export function emptiedPlaces(scope: Pick<Scope, 'emptied' | 'totals'>, show: Show): readonly string[] {
  return scope.emptied.map(
    ({ cluster, namespace, role }) => `${show(role)} in ${show(placeIn(scope, cluster, namespace))}`,
  );
}

/** What is proposed although it exceeds a limit, a sentence per kind. */
export function letThroughSentences({ letThrough }: Pick<Scope, 'letThrough'>): readonly string[] {
  return [...Map.groupBy(letThrough, ({ kind }) => kind)].map(([kind, parts]) => {
    const changes = parts.reduce((sum, part) => sum + part.changes, 0);
    const what = count(changes, kind === 'removals' ? 'removal' : 'addition');
    return `${what} in ${count(parts.length, 'namespace')} approved with --accept-${kind}.`;
  });
}
