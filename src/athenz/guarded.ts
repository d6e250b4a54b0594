import type { Breaker } from '../model/breaker.ts';
import type { DomainDocument } from '../model/domain.ts';
import { AppError } from '../model/error.ts';
import { isOutage, patience } from '../model/transient.ts';
import { openBreaker } from '../runtime/breaker.ts';
import type { Zms } from './zms.ts';

/** The breaker of one ZMS, closed: it opens after 32 reads in a row that failed because ZMS is down, further tries included. */
export function zmsBreaker(): Breaker {
  return openBreaker({
    failures: patience,
    isOutage: (error) => error instanceof AppError && isOutage(error.code),
    isOwn: (error) => error instanceof AppError && (error.code === 'CANCELLED' || error.code === 'DEADLINE'),
  });
}

/**
 * As `zms`, which is left alone while it is down: its reads then fail as `ZMS_UNAVAILABLE`, without a request. Against a ZMS that
 * fails every read those are at most (31 + reads at a time) reads, each of as many requests as the retry policy has tries.
 */
export function guarded<D extends DomainDocument>(zms: Zms<D>, breaker: Breaker): Zms<D> {
  const read = <T>(doing: string, call: () => Promise<T>) => breaker.run(call, () => skipped(doing));
  return {
    ...zms,
    get requests() {
      return zms.requests;
    },
    get traffic() {
      return zms.traffic;
    },
    listDomains: () => read('listing the domains', zms.listDomains),
    domainDocument: (name, notBefore) =>
      read(`reading the document of ${name}`, () => zms.domainDocument(name, notBefore)),
    domainExists: (name) => read(`looking for the domain ${name}`, () => zms.domainExists(name)),
  };
}

function skipped(doing: string): AppError {
  return new AppError('ZMS_UNAVAILABLE', `${doing}: skipped: the last ${patience} reads failed`, {
    next: 'try again when ZMS is available',
  });
}
