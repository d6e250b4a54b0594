import type { DomainDocument } from '../model/domain.ts';
import type { DomainList } from '../model/domain-list.ts';
import type { Traffic } from '../model/traffic.ts';
import type { KeysInUse } from './keys-in-use.ts';
import type { SealedTexts } from './sealed.ts';

/**
 * The reads of ZMS that a poll is made of. Each throws AppError with a `ZMS_` code when it did not succeed.
 *
 * @typeParam D what is read of a document
 */
export interface Zms<D extends DomainDocument = DomainDocument> {
  readonly url: string;
  /** How many reads may be under way at the same time; for whoever reads many. */
  readonly concurrency: number;
  /** Every domain of the server; one request. */
  listDomains(): Promise<DomainList>;
  /** The document of exactly this stamp, if an earlier run left it in the cache; no request, and nothing is thrown. */
  cachedDocument(name: string, modified: string): Promise<D | undefined>;
  /** Whether the cache has something for that, which may still not prove itself; no request. */
  isCached(name: string, modified: string): Promise<boolean>;
  /**
   * A listed domain's document with its signature verified; ZMS' own 404 is an outage, and proves nothing.
   *
   * @param notBefore the list's stamp: a replica may answer with an older document, which is asked for again and then
   *   fails as `ZMS_STALE`
   */
  domainDocument(name: string, notBefore: string): Promise<D>;
  /** False only when ZMS itself says 404: any other 404 may come from something in between. */
  domainExists(name: string): Promise<boolean>;
  /** Leaves to later runs what was read so far, and lets go of it. @throws as `saveCache` does */
  flushCache(): Promise<void>;
  /** Leaves what was read to later runs. @throws what writing files throws; this run does not depend on it */
  saveCache(): Promise<void>;
  /** Ids of the keys that signed the documents read so far, cached ones apart. */
  readonly signingKeys: ReadonlySet<string>;
  /**
   * What later runs are to know besides documents; not set where nothing is kept. What is said there rests on documents: on
   * `keys` too, as they are now.
   */
  readonly sealed?: SealedTexts;
  /** The keys of the documents read so far, cached ones too. */
  readonly keys: KeysInUse;
  /** Requests sent so far, further tries included. */
  readonly requests: number;
  /** How they were answered. */
  readonly traffic: Omit<Traffic, 'cached' | 'recalled'>;
  close(): Promise<void>;
}
