import type { Call } from './route.ts';
import { type Pull, pullsOf } from './world.ts';

/** The pull requests that a query asks for, in its order. */
export function listPulls({ world, query }: Call): readonly Pull[] {
  const state = query.get('state') ?? 'open';
  const base = query.get('base');
  // A head without its owner is no filter at all.
  const [owner, head] = splitHead(query.get('head') ?? '');
  const visible = pullsOf(world).filter((pull) => {
    if (pull.hiddenFromLists === 0) return true;
    pull.hiddenFromLists -= 1;
    return false;
  });
  const wanted = visible.filter(
    (pull) =>
      (state === 'all' || pull.state === state) &&
      (base === null || pull.base === base) &&
      (owner === undefined || (owner.toLowerCase() === world.owner.toLowerCase() && pull.head === head)),
  );
  const sort = query.get('sort') ?? 'created';
  const byTime = (pull: Pull) => (sort === 'updated' ? pull.updatedAt : pull.createdAt);
  const direction = query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc');
  const sign = direction === 'asc' ? 1 : -1;
  return wanted.sort((a, b) => sign * (byTime(a) < byTime(b) ? -1 : byTime(a) > byTime(b) ? 1 : a.number - b.number));
}

/** `owner:branch` → both; without a colon the branch alone. */
export function splitHead(head: string): readonly [string | undefined, string] {
  const colon = head.indexOf(':');
  return colon === -1 ? [undefined, head] : [head.slice(0, colon), head.slice(colon + 1)];
}
