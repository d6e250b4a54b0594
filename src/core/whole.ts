import type { Problem } from '../model/error.ts';
import type { Change } from './change.ts';
import type { Decision, Differing } from './decision.ts';
import { unitKey } from './unit.ts';

/**
 * Decides a unit that is one thing: it comes, goes or becomes another, and nothing of it can be held without the rest. What could
 * not be read of it leaves all of it as it is.
 *
 * @param detail what the generator knows of the change
 */
export function decideWhole<D>(differing: Differing<unknown, unknown>, detail: D): Decision<D> {
  const { unit, desired, current, same } = differing;
  const isNew = current.length + same.size === 0;
  const effect = desired === undefined ? 'remove' : isNew ? 'add' : 'modify';
  const change: Change<D> = { ...unit, id: unitKey(unit), effect, proven: false, weight: 1, detail };
  const weight = isNew ? 0 : 1;
  const unread = desired?.files.find(({ rendered }) => rendered === undefined);
  if (unread !== undefined) return leaveWhole(differing, unreadProblem(unread.path));
  return {
    unit,
    removals: effect === 'remove' ? [change] : [],
    additions: () => (effect === 'add' ? [change] : []),
    weight,
    kept: [],
    settle(held) {
      if (held.has(change.id)) return { kind: 'changed', changes: [], files: new Map(), weight };
      const gone = current.map(({ file }) => [file.path, undefined] as const);
      const there = (desired?.files ?? []).map(({ path, rendered }) => [path, rendered] as const);
      const after = desired === undefined ? 0 : 1;
      return { kind: 'changed', changes: [change], files: new Map([...gone, ...there]), weight: after };
    },
  };
}

/**
 * Leaves a unit that is one thing as it is.
 *
 * @param problem why, where that is not told elsewhere
 * @param each what limits count for one that is there
 */
export function leaveWhole(
  { unit, current, same }: Differing<unknown, unknown>,
  problem?: Problem,
  each = 1,
): Decision<never> {
  const weight = current.length + same.size === 0 ? 0 : each;
  const settled = { kind: 'changed', changes: [], files: new Map(), weight } as const;
  const kept = problem === undefined ? [] : [{ ...unit, problem }];
  return { unit, ...noChanges, weight, kept, settle: () => settled };
}

/** Decides a unit that is there for its folder's sake: its files are written or removed, and no change is reported. */
export function decideFilesOnly({ unit, desired, current }: Differing<unknown, unknown>): Decision<never> {
  const gone = current.map(({ file }) => [file.path, undefined] as const);
  const there = (desired?.files ?? []).map(({ path, rendered }) => [path, rendered] as const);
  const settled = { kind: 'changed', changes: [], files: new Map([...gone, ...there]), weight: 0 } as const;
  return { unit, ...noChanges, weight: 0, kept: [], settle: () => settled };
}

/** Of a unit that nothing is added to or removed from. */
export const noChanges = { removals: [], additions: () => [] } as const;

function unreadProblem(path: string): Problem {
  const message = `rendering ${path}: what it is made from could not be read`;
  return { code: 'INVENTORY_UNREADABLE', message, next: 'the next run reads it again' };
}
