import pLimit from 'p-limit';
import { type DomainDocument, isDomainName, type Stamps } from '../model/domain.ts';
import { toProblem } from '../model/error.ts';
import type { DomainRead } from '../model/snapshot.ts';
import type { Zms } from './zms.ts';

/** Told after each document: how many are read, of how many known to be needed so far. */
export type Progress = (done: number, total: number) => void;

/** Reads documents of domains one by one, and keeps none. */
export interface DomainReader<D extends DomainDocument = DomainDocument> {
  /**
   * The outcome for one domain: from the cache where the list says that nothing has changed. No more are under way than the
   * server is to be asked for at a time, however many are asked for here.
   */
  read(name: string): Promise<DomainRead<D>>;
  /** Fetches ahead a document that the cache lacks. Never fails: `read` gives the outcome. */
  prepare(name: string): Promise<void>;
  /** Documents that were found in the cache so far. */
  readonly cached: number;
}

/** @param stamps of all domains: what they lack is absent */
export function openReader<D extends DomainDocument>({
  zms,
  stamps,
  progress,
}: {
  readonly zms: Zms<D>;
  readonly stamps: Stamps;
  readonly progress?: Progress;
}): DomainReader<D> {
  // No more are begun than can be under way, so that the failures of those before them are known.
  const limit = pLimit(zms.concurrency);
  let cached = 0;
  let done = 0;
  let total = 0;

  // What the cache has takes no turn: a queue would keep each document until the one after it has gone.
  async function read(name: string, modified: string): Promise<DomainRead<D>> {
    try {
      const found = await zms.cachedDocument(name, modified);
      if (found !== undefined) cached++;
      return { kind: 'value', value: found ?? (await limit(() => zms.domainDocument(name, modified))) };
    } catch (error) {
      return { kind: 'unknown', problem: toProblem(error) };
    } finally {
      progress?.(++done, total);
    }
  }

  /** Outcomes that were asked for ahead. */
  const prepared = new Map<string, Promise<DomainRead<D>>>();
  const reader: DomainReader<D> = {
    get cached() {
      return cached;
    },
    async prepare(name) {
      const modified = stamps.get(name);
      if (modified === undefined || prepared.has(name) || (await zms.isCached(name, modified))) return;
      const outcome = reader.read(name);
      prepared.set(name, outcome);
      await outcome;
    },
    read: async (name) => {
      const ahead = prepared.get(name);
      prepared.delete(name);
      if (ahead !== undefined) return ahead;
      const modified = stamps.get(name);
      // A name that no domain can have needs no second look, which ZMS would answer with 400 for ever.
      if (modified === undefined) return { kind: 'absent', confirmed: !isDomainName(name) };
      total++;
      return read(name, modified);
    },
  };
  return reader;
}
