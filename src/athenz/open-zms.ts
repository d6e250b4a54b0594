import type { Breaker } from '../model/breaker.ts';
import { type DomainDocument, isDomainName } from '../model/domain.ts';
import { AppError } from '../model/error.ts';
import { openCaches } from './cache-settings.ts';
import { guarded, zmsBreaker } from './guarded.ts';
import { keysInUse, once } from './keys-in-use.ts';
import { checkPinnedKeys, pinnedKeys } from './pinned-keys.ts';
import { openZmsSession, type Session, type ZmsSessionOptions } from './session.ts';
import { createVerifier } from './signature.ts';
import { isOwn404, succeeded } from './status.ts';
import { parseDocument, parseDomain, parseList, parsePublicKey, parseSigned } from './wire.ts';
import type { Zms } from './zms.ts';

/** Opens a client; nothing is sent before the first read. @param breaker of this ZMS; default: a new one */
export function openZms(options: ZmsSessionOptions, breaker?: Breaker): Zms {
  return zmsOf(openZmsSession(options), parseDocument, breaker);
}

/**
 * The reads of a session.
 *
 * @param parse what is to be known of a document, from its verified payload
 * @param breaker of this ZMS; default: a new one
 */
export function zmsOf<D extends DomainDocument>(
  session: Session,
  parse: (payload: string, name: string) => D,
  breaker: Breaker = zmsBreaker(),
): Zms<D> {
  const { config, read } = session;
  const pinned = pinnedKeys(config.publicKeys);
  const publicKey = pinned ?? once((id) => readKey(session, id));
  const signingKeys = new Set<string>();
  const verify = createVerifier((id) => {
    signingKeys.add(id);
    return publicKey(id);
  });
  const headers = new Set<string>();
  const { documents: cache, sealed } = openCaches(session, session.credentials, {
    verify,
    parse,
    used: (header) => void headers.add(header),
  });

  const zms: Zms<D> = {
    url: config.zmsUrl,
    concurrency: config.concurrency,
    signingKeys,
    ...(sealed === undefined ? {} : { sealed }),
    keys: keysInUse({ signingKeys, headers, ...(pinned === undefined ? { keyOf: publicKey } : {}) }),
    get requests() {
      return session.requests;
    },
    get traffic() {
      const expires = session.credentials.expires();
      const known = expires === undefined ? {} : { credentialExpires: expires };
      return { ...session.traffic, isDown: breaker.state !== 'closed', ...known };
    },
    async listDomains() {
      await checkPinnedKeys(config.publicKeys);
      const list = await read('/sys/modified_domains?metaonly=true', (it) =>
        parseList(succeeded(it, 'listing the domains')),
      );
      cache.expect(list);
      return list;
    },
    domainDocument: async (name, notBefore) =>
      // ES256 signatures come in DER unless the JWS form is asked for.
      read(`${pathOf(name)}/signed?signaturep1363format=true`, async (answer) => {
        // With its database down ZMS says so of domains that are there (measured on 1.12.44), and this one is listed.
        if (isOwn404(answer)) throw missing(name);
        const signed = parseSigned(succeeded(answer, `reading the document of ${name}`), name);
        const document = parse(await verify(signed, name), name);
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
    isCached: (name, modified) => cache.has(name, modified),
    flushCache: () => cache.flush(),
    saveCache: () => cache.save(),
    close: () => session.close(),
  };
  return guarded(zms, breaker);
}

/** A name is never part of a path unless a domain can have it: `..` would be another path. */
function pathOf(domain: string): string {
  if (isDomainName(domain)) return `/domain/${domain}`;
  throw badDocument(domain, 'this is not a valid domain name');
}

/** Reads a key that documents are verified with. */
function readKey(session: Session, id: string): Promise<string> {
  return session.read(`/domain/sys.auth/service/zms/publickey/${id}`, (answer) => {
    if (isOwn404(answer)) {
      const next = 'check for a new ZMS key, or a proxy in front of ZMS';
      throw new AppError('ZMS_SIGNATURE', `ZMS knows no public key ${id}`, { next });
    }
    return parsePublicKey(succeeded(answer, `reading the public key ${id} of ZMS`));
  });
}

function badDocument(name: string, why: string): AppError {
  return new AppError('ZMS_BAD_RESPONSE', `reading the document of ${name}: ${why}`, {
    next: 'ask the ZMS administrators',
  });
}

function missing(name: string): AppError {
  return new AppError('ZMS_UNAVAILABLE', `reading the document of ${name}: 404, but the domain list has it`, {
    next: 'the ZMS database may be down, or the domain was just deleted; the next run retries',
  });
}

function stale(name: string, got: string, wanted: string): AppError {
  return new AppError(
    'ZMS_STALE',
    `reading the document of ${name}: modified at ${got}, but the domain list says ${wanted}`,
    {
      next: 'a replica lags behind; the next run retries',
    },
  );
}
