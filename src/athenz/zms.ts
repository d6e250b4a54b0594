import pThrottle from 'p-throttle';
import type { AthenzConfig } from '../config/types.ts';
import { type DomainDocument, type DomainStamp, isDomainName } from '../model/domain.ts';
import { AppError } from '../model/error.ts';
import { openCacheOf } from './cache-settings.ts';
import { type CredentialSource, credentialSource } from './credentials.ts';
import { pinnedKeys } from './pinned-keys.ts';
import { type Clock, defaultRetry, type RetryPolicy, withRetry } from './retry.ts';
import { createVerifier } from './signature.ts';
import { succeeded } from './status.ts';
import { type HttpAnswer, openTransport, type Transport } from './transport.ts';
import { parseDocument, parseDomain, parseError, parseList, parsePublicKey, parseSigned } from './wire.ts';

/** The reads of ZMS that a poll is made of. Each throws AppError with a `ZMS_` code when it did not succeed. */
export interface Zms {
  readonly url: string;
  /** How many reads may be under way at the same time; for whoever reads many. */
  readonly concurrency: number;
  /** Every domain of the server, sorted by name; one request. */
  listDomains(): Promise<readonly DomainStamp[]>;
  /** The document of exactly this stamp, if an earlier run left it in the cache; no request, and nothing is thrown. */
  cachedDocument(name: string, modified: string): Promise<DomainDocument | undefined>;
  /**
   * A domain's document with its signature verified.
   *
   * @param notBefore the list's stamp: a replica may answer with an older document, which is asked for again and then
   *   fails as `ZMS_STALE`
   */
  domainDocument(name: string, notBefore: string): Promise<DomainDocument>;
  /** False only when ZMS itself says 404: any other 404 may come from something in between. */
  domainExists(name: string): Promise<boolean>;
  /** Leaves what was read to later runs. @throws what writing files throws; this run does not depend on it */
  saveCache(list: readonly DomainStamp[]): Promise<void>;
  /** Requests sent so far, further tries included. */
  readonly requests: number;
  close(): Promise<void>;
}

export interface ZmsOptions {
  readonly config: AthenzConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly retry?: RetryPolicy;
}

/** Opens a client; nothing is sent before the first read. */
export function openZms(options: ZmsOptions): Zms {
  const { config, env, clock, retry = defaultRetry } = options;
  const credentials: CredentialSource = credentialSource(config, env, () => clock.now());
  const transport = openTransport({
    baseUrl: config.zmsUrl,
    credentials,
    timeout: config.requestTimeout,
    connections: config.concurrency,
  });
  const counted = { requests: 0 };
  const send = throttled(transport, config, counted);
  const read = <T>(path: string, parse: (answer: HttpAnswer) => T | Promise<T>) =>
    withRetry(async (atMost) => parse(await send(path, atMost)), retry, clock);
  const publicKey = pinnedKeys(config.publicKeys) ?? ((id: string) => readKey(read, id));
  const verify = createVerifier(publicKey);
  const cache = openCacheOf(options, credentials, verify);

  return {
    url: config.zmsUrl,
    concurrency: config.concurrency,
    get requests() {
      return counted.requests;
    },
    listDomains: () =>
      read('/sys/modified_domains?metaonly=true', (answer) => parseList(succeeded(answer, 'listing the domains'))),
    domainDocument: async (name, notBefore) =>
      // ES256 signatures come in DER unless the JWS form is asked for.
      read(`${pathOf(name)}/signed?signaturep1363format=true`, async (answer) => {
        const signed = parseSigned(succeeded(answer, `reading the document of ${name}`), name);
        const document = parseDocument(await verify(signed, name), name);
        if (Date.parse(document.modified) < Date.parse(notBefore)) throw stale(name, document.modified, notBefore);
        cache.keep(document, signed);
        return document;
      }),
    domainExists: async (name) =>
      read(pathOf(name), (answer) => {
        if (isOwn404(answer)) return false;
        parseDomain(succeeded(answer, `looking for the domain ${name}`), name);
        return true;
      }),
    cachedDocument: (name, modified) => cache.find(name, modified),
    saveCache: (list) => cache.save(list),
    close: () => transport.close(),
  };
}

/** A name is never part of a path unless a domain can have it: `..` would be another path. */
function pathOf(domain: string): string {
  if (isDomainName(domain)) return `/domain/${domain}`;
  throw badDocument(domain, 'no domain can have this name');
}

function throttled(transport: Transport, config: AthenzConfig, counted: { requests: number }) {
  const send = (path: string, atMost?: number) => {
    counted.requests++;
    return transport.get(path, atMost);
  };
  const { requestsPerSecond } = config;
  if (requestsPerSecond === 'off') return send;
  // At least one at a time: half a request a second is one every two seconds.
  const perInterval = Math.max(1, Math.floor(requestsPerSecond));
  return pThrottle({ limit: perInterval, interval: (1000 * perInterval) / requestsPerSecond })(send);
}

type Read = <T>(path: string, parse: (answer: HttpAnswer) => T) => Promise<T>;

/** Reads a key that documents are verified with. */
function readKey(read: Read, id: string): Promise<string> {
  return read(`/domain/sys.auth/service/zms/publickey/${id}`, (answer) => {
    if (isOwn404(answer)) {
      const next = 'find out who signed it: a ZMS with another key, or somebody in between';
      throw new AppError('ZMS_SIGNATURE', `ZMS knows no public key ${id}`, { next });
    }
    return parsePublicKey(succeeded(answer, `reading the public key ${id} of ZMS`));
  });
}

/** Whether ZMS itself says so: any other 404 may come from something in between. */
function isOwn404({ status, body }: HttpAnswer): boolean {
  return status === 404 && parseError(body)?.code === 404;
}

function badDocument(name: string, why: string): AppError {
  return new AppError('ZMS_BAD_RESPONSE', `reading the document of ${name}: ${why}`, { next: 'ask the owners of ZMS' });
}

function stale(name: string, got: string, wanted: string): AppError {
  return new AppError('ZMS_STALE', `reading the document of ${name}: it is of ${got}, the list says ${wanted}`, {
    next: 'a replica lags behind; the next run will see it',
  });
}
