import type { Gain, Held, Loss, Plan, Scope } from '../model/change.ts';
import { count, type Show, someOf } from './words.ts';

/** The digests that let through what limits hold back. */
export type HeldDigests = Pick<Plan, 'heldRemovals' | 'heldAdditions'>;

/** Who keeps access and who does not get it, ending a sentence; empty when it is about nobody alone. */
export function heldPeople({ losses, gains = [] }: Pick<Held, 'losses' | 'gains'>, show: Show): string {
  const names = (changes: readonly (Gain | Loss)[]) => someOf(changes.map((change) => show(change.subject.name)));
  return [
    ...(losses.length > 0 ? [` Kept: ${names(losses)}.`] : []),
    ...(gains.length > 0 ? [` Not added: ${names(gains)}.`] : []),
  ].join('');
}

/** What to run to let through what is held, a scope's or all of it: what that is about, and the flag. */
export function overridesOf(
  { held }: Pick<Scope, 'held'>,
  { heldRemovals, heldAdditions }: HeldDigests,
): readonly { readonly what: string; readonly flag: string }[] {
  const removals = held.some(({ losses }) => losses.length > 0);
  const additions = held.some(({ gains = [] }) => gains.length > 0);
  return [
    ...(removals && heldRemovals !== undefined ? [{ what: 'removal', flag: `--accept-removals ${heldRemovals}` }] : []),
    ...(additions && heldAdditions !== undefined
      ? [{ what: 'addition', flag: `--accept-additions ${heldAdditions}` }]
      : []),
  ];
}

/** The same in Markdown, a sentence each. */
export function overrideSentences(held: Pick<Scope, 'held'>, digests: HeldDigests): readonly string[] {
  return overridesOf(held, digests).map(
    ({ what, flag }) =>
      `To let every ${what} that this run holds back through, and no other, once: \`athenz-gitops sync ${flag}\``,
  );
}

/** What is proposed although it is more than the limits allow, a sentence per kind. */
export function letThroughSentences({ letThrough }: Pick<Scope, 'letThrough'>): readonly string[] {
  return [...Map.groupBy(letThrough, ({ kind }) => kind)].map(([kind, parts]) => {
    const changes = parts.reduce((sum, part) => sum + part.changes, 0);
    const what = count(changes, kind === 'removals' ? 'removal' : 'addition');
    return `${what} in ${count(parts.length, 'namespace')} let through a limit with --accept-${kind}.`;
  });
}
