import { reasonOf } from '../model/error.ts';
import type { Zms } from './zms.ts';

/** What is shown while ZMS is read. @param url of ZMS */
export function listing(url: string): string {
  return `listing the domains of ${url} …`;
}

/** @param done documents that were read, of `total` that are known to be needed so far */
export function reading(done: number, total: number): string {
  return `reading domain documents: ${done} of ${total}`;
}

/** Leaves to later runs what was read. A run does not depend on it. @param warn called where it cannot be written */
export async function saveCache(zms: Pick<Zms, 'saveCache'>, warn: (message: string) => void): Promise<void> {
  await zms.saveCache().catch((error) => warn(cacheWarning(error)));
}

/** What a cache that cannot be written means. */
export function cacheWarning(error: unknown): string {
  return `writing the cache: ${reasonOf(error)}; later runs read unchanged domains again`;
}
