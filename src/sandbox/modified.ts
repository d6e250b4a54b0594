import { type Answer, notModified, ok, servletError } from './answer.ts';
import type { Call } from './call.ts';
import { listEntry, signedDomain } from './document.ts';
import { quote, since } from './etag.ts';
import type { Signer } from './sign.ts';
import type { DomainReader } from './store.ts';

/** Answers `GET /sys/modified_domains`: the list of domains, in full where that is allowed, as far as it changed. */
export function modifiedDomains(
  store: DomainReader,
  signer: Signer,
  now: () => number,
  { path, query, principal, ifNoneMatch }: Call,
): Answer {
  const only = query.get('domain')?.toLowerCase();
  const full = query.get('metaonly') !== 'true';
  // Full data of all domains is for Athenz' own services, which have to ask for it in so many words.
  const system = query.get('master') === 'true' && principal.startsWith('sys.');
  if (full && only === undefined && !system) return servletError(400, path);
  const after = since(ifNoneMatch);
  const entries = only === undefined ? store.list() : store.list().filter(({ name }) => name === only);
  if (entries.length === 0) return ok({ domains: [] }, { ETag: quote(new Date(now()).toISOString()) });
  const changed = entries.filter(({ modified }) => Date.parse(modified) > after);
  const newest = (changed.length > 0 ? changed : entries).reduce((a, b) => (a.modified < b.modified ? b : a));
  if (changed.length > 0) {
    const attributes = query.get('metaattr') === 'all' ? 'all' : 'none';
    const domains = changed.map((entry) => (full ? signedDomain(entry, signer) : listEntry(entry, attributes)));
    return ok({ domains }, { ETag: quote(newest.modified) });
  }
  // The list repeats what it was sent, however it was written; one domain gives its real stamp.
  return notModified(only === undefined && ifNoneMatch !== undefined ? ifNoneMatch : quote(newest.modified));
}
