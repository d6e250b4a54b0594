import { compareText } from '../model/text.ts';
import type { Kept } from './change.ts';
import { unitKey, unitOf } from './unit.ts';

/** What could not be read, and since when: what runs leave to those that follow. */
export type Unread = Pick<Kept, 'cluster' | 'namespace' | 'name' | 'part'> & { readonly since: string };

/** So many are remembered at most: where more cannot be read, it is one cause for all. */
const most = 20_000;

/**
 * Says since when parts could not be read, where earlier runs could not read them either.
 *
 * @param before what earlier runs left
 * @param asOf of this run, RFC 3339 UTC; a time after it is none
 */
export function sinceWhen(kept: readonly Kept[], before: readonly Unread[], asOf: string): readonly Kept[] {
  const known = new Map(before.map((it) => [keyOf(it), it.since]));
  return kept.map((it) => {
    const since = known.get(keyOf(it));
    return since !== undefined && Date.parse(since) < Date.parse(asOf) ? { ...it, since } : it;
  });
}

/**
 * What is left to the runs that follow, sorted: of a part that cannot be read for several reasons, the earliest.
 *
 * @param kept from `sinceWhen`
 * @param asOf of this run, RFC 3339 UTC
 */
export function unreadOf(kept: readonly Kept[], asOf: string): readonly Unread[] {
  const all = new Map<string, Unread>();
  for (const it of kept) {
    const { part, since = asOf } = it;
    const key = keyOf(it);
    const known = all.get(key);
    if (known !== undefined && known.since <= since) continue;
    all.set(key, { ...unitOf(it), ...(part === undefined ? {} : { part }), since });
  }
  return [...all]
    .sort(([a], [b]) => compareText(a, b))
    .slice(0, most)
    .map(([, it]) => it);
}

function keyOf(it: Pick<Kept, 'cluster' | 'namespace' | 'name' | 'part'>): string {
  return `${unitKey(it)}\0${it.part ?? ''}`;
}
