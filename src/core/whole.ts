import type { Change } from './change.ts';
import type { Decision, Differing } from './decision.ts';
import { unitKey } from './unit.ts';

/**
 * Decides a unit that is one thing: it comes, goes or becomes another, and nothing of it can be held without the rest.
 *
 * @param detail what the generator knows of the change
 */
export function decideWhole<D>({ unit, desired, current }: Differing<unknown, unknown>, detail: D): Decision<D> {
  const effect = desired === undefined ? 'remove' : current.length === 0 ? 'add' : 'modify';
  const change: Change<D> = { ...unit, id: unitKey(unit), effect, proven: false, weight: 1, detail };
  const weight = current.length === 0 ? 0 : 1;
  return {
    unit,
    changes: [change],
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
