import type { Change, Kept } from '../core/change.ts';
import type { Scope } from '../core/scope.ts';
import { isSameUnit, namesOf, type UnitId, unitKey } from '../core/unit.ts';
import type { Words } from '../core/words.ts';
import type { Problem } from '../model/error.ts';
import { count, type Show, shortTime, someOf } from '../model/text.ts';
import type { RunReport } from './run-report.ts';

export interface Tally {
  readonly added: number;
  readonly removed: number;
  readonly modified: number;
  /** Units in which something changes. */
  readonly units: number;
}

/** Counts a list of changes. */
export function tally(changes: readonly Change[]): Tally {
  const counts = { add: 0, remove: 0, modify: 0 };
  const units = new Set<string>();
  let last: Change | undefined;
  for (const change of changes) {
    counts[change.effect]++;
    // Most stand beside others of their unit.
    if (last === undefined || !isSameUnit(last, change)) units.add(unitKey(change));
    last = change;
  }
  return { added: counts.add, removed: counts.remove, modified: counts.modify, units: units.size };
}

/** `athenz-gitops: prod: 3 grants to add, 2 to remove (3 namespaces)`: a title, safe by its parts. */
export function titleOf(
  { label, changes, files }: Pick<Scope, 'label' | 'changes' | 'files'>,
  words: Words<unknown>,
): string {
  const counts = tally(changes);
  const parts = words.tally(counts);
  if (parts.length === 0) return `athenz-gitops: ${label}: ${count(files.length, 'file')}, ${words.nothing} changes`;
  return `athenz-gitops: ${label}: ${parts.join(', ')} (${count(counts.units, words.nouns.unit)})`;
}

/** How many units the clusters of a report have. */
function unitsIn(totals: Scope['totals']): number {
  return totals.reduce((sum, { units }) => sum + units, 0);
}

/** ` in 2 of 6 namespaces`: how much of what there is changes. A unit that is one thing comes and goes: ` (6 copies now, 4 after)`. */
export function extent(changed: number, totals: Scope['totals'], { unit, weight }: Words<unknown>['nouns']): string {
  if (unit !== weight) return ` in ${changed} of ${count(unitsIn(totals), unit)}`;
  const before = totals.reduce((sum, it) => sum + it.before, 0);
  const after = totals.reduce((sum, it) => sum + it.after, 0);
  return ` (${count(before, unit)} now, ${after} after)`;
}

/** How a scope names a unit: with its cluster where there are several. */
export function placeIn({ totals }: Pick<Scope, 'totals'>, unit: UnitId): string {
  const names = namesOf(unit);
  return [...(totals.length > 1 || names.length === 0 ? [unit.cluster] : []), ...names].join('/');
}

/** What stays unchanged for one reason. */
export interface KeptGroup {
  readonly problem: Kept['problem'];
  readonly cluster: string;
  /** As `placeIn` names them, sorted; empty when it is the cluster's inventory that is incomplete. */
  readonly places: readonly string[];
  /** Since when the first of them is so. */
  readonly since?: string;
}

/** One group per reason: one source that cannot be read may concern hundreds of units. */
export function groupKept(scope: Pick<Scope, 'kept' | 'totals'>): readonly KeptGroup[] {
  const groups = new Map<
    string,
    Omit<KeptGroup, 'places' | 'since'> & { readonly places: Set<string>; since?: string }
  >();
  for (const kept of scope.kept) {
    const { cluster, problem } = kept;
    const whole = namesOf(kept).length === 0;
    const key = `${whole ? cluster : ''}\0${problem.code}\0${problem.message}`;
    const group = groups.get(key) ?? { problem, cluster, places: new Set<string>() };
    groups.set(key, group);
    if (!whole) group.places.add(placeIn(scope, kept));
    const { since } = kept;
    if (since !== undefined && (group.since === undefined || since < group.since)) group.since = since;
  }
  return [...groups.values()].map((group) => ({ ...group, places: [...group.places].sort() }));
}

/** What stays unchanged, why, and what to do. */
export function describeKept(
  { problem, cluster, places, since }: KeptGroup,
  { unit }: Pick<Words<unknown>['nouns'], 'unit'>,
  show: Show,
): string {
  const what = places.length === 0 ? `no ${unit} of ${show(cluster)} is removed` : someOf(places.map(show));
  return `${what} (${problem.code}: ${show(problem.message)}${sinceWords(since)}${nextWords(problem, show)})`;
}

/** Why nothing of a generator was planned. */
export function describeUnplanned({ generator, problem }: RunReport['failed'][number], show: Show): string {
  return `${generator}: ${show(problem.message)}${nextWords(problem, show)} (${problem.code})`;
}

/** `; check the network`: what to do about a problem; empty where nobody knows. */
export function nextWords({ next }: Pick<Problem, 'next'>, show: Show): string {
  return next === undefined ? '' : `; ${show(next)}`;
}

/** `, since 2026-11-20 10:00 UTC`; empty where that is not known. */
export function sinceWords(since: string | undefined): string {
  return since === undefined ? '' : `, since ${shortTime(since)}`;
}

/** Whether a report has anything to say of a scope. */
export function isWorthTelling({ files, held, kept, staleKustomizations }: Scope): boolean {
  return files.length + held.length + kept.length + staleKustomizations.length > 0;
}

/** What a scope changes, in counts: `3 grants to add, 2 to remove in 2 of 6 namespaces`. */
export function headline({ changes, files, totals }: Scope, words: Words<unknown>): string {
  const counts = tally(changes);
  if (changes.length === 0)
    return files.length === 0 ? 'no change' : `${count(files.length, 'file')}, ${words.nothing} changes`;
  return `${words.tally(counts).join(', ')}${extent(counts.units, totals, words.nouns)}`;
}
