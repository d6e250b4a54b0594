/** The first delay, doubled by each further failure, and the longest; milliseconds. As client-go's rate limiter. */
const backoff = { first: 1000, most: 1_000_000 };

/** Milliseconds until an item is tried again. @param failures in a row, at least 1 */
export function delayAfter(failures: number): number {
  return Math.min(backoff.most, backoff.first * 2 ** (failures - 1));
}

/** As `delayAfter`, less up to half by chance, so that many clients do not come back at once. @param random from 0 to 1 */
export function delayByChance(failures: number, random: () => number): number {
  return delayAfter(failures) * (1 - random() / 2);
}
