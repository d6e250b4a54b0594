import { isAllowed } from './allowed.ts';
import { ok, zmsError } from './answer.ts';
import type { Handle } from './call.ts';
import type { DomainReader } from './store.ts';

/**
 * `GET /access/A/R`: whether the caller may do A on R. That it may is as recorded; a refusal, and a domain that is not there, are as
 * in ZMS' source (`ZMSImpl.getAccessCheck`).
 */
export function accessReader(store: DomainReader, now: () => number): Handle {
  return ({ principal }, action = '', resource = '') => {
    const domain = resource.split(':', 1)[0] ?? '';
    if (store.get(domain) === undefined) {
      return zmsError(404, `getAccessCheck: Resource Domain not found: '${domain}'`);
    }
    return ok({ granted: isAllowed(store.get, { principal, now: now() }, action, resource) });
  };
}
