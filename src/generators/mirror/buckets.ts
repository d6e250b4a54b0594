import { createHash } from 'node:crypto';

/** The endpoint slice controller fills slices up to this by default (kube-controller-manager, `--max-endpoints-per-slice`). */
const most = 100;
/** What a slice holds on average at least, before there are more of them. */
const aim = 64;

/**
 * Divides addresses among slices, so that a change of one address touches the fewest files: each is in the bucket that its hash says.
 *
 * How many buckets there are follows from the number of addresses alone, so that it needs no look at what is in the tree, and one
 * address in place of another touches two at most. It grows by one at a time, where each new bucket takes half of one other ("linear
 * hashing", W. Litwin 1980): adding or removing an address touches three at most, where doubling would rewrite them all.
 *
 * @param keys unique
 * @returns by number of the bucket, in their order; without empty ones
 */
export function bucketsOf(keys: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const hashed = keys.map((key) => ({ key, hash: createHash('sha256').update(key).digest().readUInt32BE(0) }));
  const amount = bucketCount(keys.length);
  const buckets = Map.groupBy(hashed, ({ hash }) => bucketOf(hash, amount));
  const slices = [...buckets].flatMap(([bucket, list]) => {
    // By chance one in 100,000 sets has a bucket with more. More buckets would leave those together whose hashes were chosen to meet.
    const pieces = Math.ceil(list.length / most);
    return Array.from({ length: pieces }, (_, index) => {
      const piece = list.slice(index * most, (index + 1) * most);
      return [bucket + index * amount, piece.map(({ key }) => key)] as const;
    });
  });
  return new Map(slices.sort(([a], [b]) => a - b));
}

/** From each power of two on, a bucket is added for every four addresses until there are twice as many. */
function bucketCount(keys: number): number {
  if (keys <= most) return 1;
  const base = 2 ** Math.floor(Math.log2(keys / aim));
  return base + Math.min(base, Math.ceil((keys - aim * base) / 4));
}

function bucketOf(hash: number, amount: number): number {
  const base = 2 ** Math.floor(Math.log2(amount));
  const bucket = hash % (2 * base);
  return bucket < amount ? bucket : hash % base;
}
