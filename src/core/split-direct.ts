import { compareText } from '../model/text.ts';
import type { FileChange } from './change.ts';
import type { Direct } from './direct.ts';
import type { Generator } from './generator.ts';
import type { Plan } from './plan.ts';
import { type Scope, splitScopes } from './scope.ts';
import { unitKey } from './unit.ts';

/** A plan in two. */
export interface SplitPlan<D = unknown> {
  readonly proposed: Plan<D>;
  /** What is committed at once; not set where nothing is. */
  readonly direct?: Scope<D>;
  /** Units whose files of the branch wait until what is proposed of them is merged. */
  readonly waiting: number;
}

/**
 * Takes out of a plan what is committed directly. The files of a unit that has something to propose as well stay as they are: its
 * parts belong together, and the others are not merged yet.
 *
 * @param direct `moved`: what the base has of it although it is on the branch by now; to be removed from the base
 */
export function splitDirect<D>(
  plan: Plan<D>,
  direct: (Direct & { readonly moved?: readonly FileChange[] }) | undefined,
  generator: Pick<Generator<unknown, unknown, unknown, D>, 'name' | 'schema' | 'digestOf'>,
): SplitPlan<D> {
  if (direct === undefined) return { proposed: plan, waiting: 0 };
  const [taken = [], files = []] = partition(plan.files, ({ path }) => direct.takes(path));
  const open = new Set(files.map(unitKey));
  const [now, later] = partition(taken, (it) => !open.has(unitKey(it)));
  const units = new Set(now.map(unitKey));
  const [committed, changes] = partition(plan.changes, (it) => units.has(unitKey(it)));
  const all = [...files, ...(direct.moved ?? [])].sort((a, b) => compareText(a.path, b.path));
  const proposed = { ...plan, files: all, changes };
  const waiting = new Set(later.map(unitKey)).size;
  if (now.length === 0) return { proposed, waiting };
  const nothing = { kept: [], held: [], notes: {}, approved: [], staleKustomizations: [], proofs: [] };
  const [scope] = splitScopes({ ...plan, ...nothing, files: now, changes: committed }, generator, { groupBy: 'all' });
  if (scope === undefined) throw new TypeError('a plan with files has a scope');
  const { digest } = scope;
  return { proposed, waiting, direct: { ...scope, digest, key: directKey, label: `${generator.name} ${directKey}` } };
}

/** In place of the key of a scope. */
export const directKey = 'direct';

function partition<T>(list: readonly T[], is: (item: T) => boolean): readonly [yes: readonly T[], no: readonly T[]] {
  const { true: yes = [], false: no = [] } = Object.groupBy(list, (item) => (is(item) ? 'true' : 'false'));
  return [yes, no];
}
