import type { Zms } from '../../src/athenz/zms.ts';
import type { DomainDocument } from '../../src/model/domain.ts';
import { collectDomains } from '../../src/model/domain-list.ts';
import { AppError, type ErrorCode } from '../../src/model/error.ts';

/** A ZMS in memory that notes what is asked of it. */
export interface FakeZms extends Zms {
  /** Names of the documents asked for, in order. */
  readonly documents: readonly string[];
}

/** How a document's read ends: with it, or with an error. */
export type FakeRead = DomainDocument | ErrorCode;

/** Every domain is listed whose read is given; one that is not listed does not exist. */
export function fakeZms(reads: ReadonlyMap<string, FakeRead>, concurrency = 4): FakeZms {
  const documents: string[] = [];
  return {
    url: 'https://zms.example.com/zms/v1',
    concurrency,
    documents,
    signingKeys: new Set(),
    keys: { ids: new Set(), printOf: async () => '' },
    get requests() {
      return documents.length;
    },
    traffic: { responses: [], retries: 0, isDown: false },
    async listDomains() {
      const { add, list } = collectDomains();
      for (const name of reads.keys()) add({ name, modified: '2026-01-01T00:00:00.000Z', enabled: true });
      return list;
    },
    async domainDocument(name) {
      documents.push(name);
      await new Promise(setImmediate);
      const read = reads.get(name) ?? 'ZMS_NOT_FOUND';
      if (typeof read === 'string') throw new AppError(read, `reading the document of ${name}`, { next: 'wait' });
      return read;
    },
    cachedDocument: async () => undefined,
    isCached: async () => false,
    flushCache: async () => {},
    saveCache: async () => {},
    domainExists: async (name) => reads.has(name),
    close: async () => {},
  };
}

/** A domain without anything in it. */
export function emptyDocument(name: string): DomainDocument {
  return { name, modified: '2026-01-01T00:00:00.000Z', enabled: true, roles: [], groups: [], assumes: [] };
}
