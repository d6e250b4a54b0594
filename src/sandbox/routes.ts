import { type Answer, notModified, ok, servletError, zmsError } from './answer.ts';
import { documentPayload, domainMeta, roleDetail } from './document.ts';
import { type SignatureFormat, type Signer, signDocument, ybase64 } from './sign.ts';
import type { DomainEntry, DomainStore } from './store.ts';

interface ZmsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly ifNoneMatch: string | undefined;
  /** Undefined without a client certificate. */
  readonly principal: string | undefined;
}

/** Answers every request that ZMS' API knows, and the errors for those that it does not. */
export type Router = (request: ZmsRequest) => Answer;

interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly ifNoneMatch: string | undefined;
}

type NameType = 'DomainName' | 'EntityName' | 'SimpleName';

interface Route {
  readonly path: RegExp;
  readonly names: readonly NameType[];
  readonly handle: (call: Call, ...names: string[]) => Answer;
}

const simpleName = '[a-zA-Z0-9_][a-zA-Z0-9_-]*';
const patterns: Readonly<Record<NameType, string>> = {
  DomainName: `(${simpleName}\\.)*${simpleName}`,
  EntityName: `(${simpleName}\\.)*${simpleName}`,
  SimpleName: simpleName,
};
const prefix = '/zms/v1';

/** Builds the router over a store; signed documents are kept for as long as their domain does not change. */
export function createRouter(store: DomainStore, signer: Signer, now: () => number): Router {
  const documents = new WeakMap<DomainEntry, Map<SignatureFormat, string>>();

  function signed({ query, ifNoneMatch }: Call, name = ''): Answer {
    const entry = store.get(name);
    if (entry === undefined) return zmsError(404, `No such domain: ${name}`);
    const etag = quote(entry.modified);
    if (Date.parse(entry.modified) <= since(ifNoneMatch)) return notModified(etag);
    const format = query.get('signaturep1363format') === 'true' ? 'ieee-p1363' : 'der';
    const kept = documents.get(entry) ?? new Map<SignatureFormat, string>();
    documents.set(entry, kept);
    let body = kept.get(format);
    if (body === undefined) {
      body = JSON.stringify(signDocument(JSON.stringify(documentPayload(entry, signer)), signer, format));
      kept.set(format, body);
    }
    return ok(body, { ETag: etag });
  }

  function modifiedDomains({ path, query, ifNoneMatch }: Call): Answer {
    // Full data in one answer is for ZMS' own services; the sandbox refuses it to everybody.
    if (query.get('metaonly') !== 'true') return servletError(400, path);
    const after = since(ifNoneMatch);
    const only = query.get('domain')?.toLowerCase();
    const entries = only === undefined ? store.list() : store.list().filter(({ name }) => name === only);
    if (entries.length === 0) return ok({ domains: [] }, { ETag: quote(new Date(now()).toISOString()) });
    const changed = entries.filter(({ modified }) => Date.parse(modified) > after);
    const newest = (changed.length > 0 ? changed : entries).reduce((a, b) => (a.modified < b.modified ? b : a));
    if (changed.length > 0) return ok({ domains: changed.map(metaEntry) }, { ETag: quote(newest.modified) });
    // The list repeats what it was sent, however it was written; one domain gives its real stamp.
    return notModified(only === undefined && ifNoneMatch !== undefined ? ifNoneMatch : quote(newest.modified));
  }

  function domain(_: Call, name = ''): Answer {
    const entry = store.get(name);
    return entry === undefined ? zmsError(404, `getDomain: Domain not found: ${name}`) : ok(domainMeta(entry));
  }

  function role(_: Call, name = '', short = ''): Answer {
    const entry = store.get(name);
    const detail = entry && roleDetail(entry, short);
    return detail === undefined ? zmsError(404, `getRole: Role not found: '${name}:role.${short}'`) : ok(detail);
  }

  function publicKey(_: Call, name = '', service = '', id = ''): Answer {
    const known = name === 'sys.auth' && service === 'zms' && id === signer.keyId;
    if (!known) return zmsError(404, `getPublicKeyEntry: Public key not found: ${name}.${service}, ${id}`);
    return ok({ key: ybase64(signer.publicKeyPem), id });
  }

  const routes: readonly Route[] = [
    { path: /^\/sys\/modified_domains$/, names: [], handle: modifiedDomains },
    { path: /^\/domain\/([^/]+)$/, names: ['DomainName'], handle: domain },
    { path: /^\/domain\/([^/]+)\/signed$/, names: ['DomainName'], handle: signed },
    { path: /^\/domain\/([^/]+)\/role\/([^/]+)$/, names: ['DomainName', 'EntityName'], handle: role },
    {
      path: /^\/domain\/([^/]+)\/service\/([^/]+)\/publickey\/([^/]+)$/,
      names: ['DomainName', 'SimpleName', 'SimpleName'],
      handle: publicKey,
    },
  ];
  return (request) => route(routes, request);
}

function route(routes: readonly Route[], { method, url, ifNoneMatch, principal }: ZmsRequest): Answer {
  const [path = '', query = ''] = url.split('?', 2);
  const inside = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  for (const { path: shape, names, handle } of routes) {
    const match = shape.exec(inside);
    if (match === null) continue;
    if (method !== 'GET') return servletError(405, path, { Allow: 'GET' });
    if (principal === undefined) {
      return zmsError(401, 'Invalid credentials', { 'WWW-Authenticate': 'AthenzX509Certificate realm="athenz"' });
    }
    const given: string[] = [];
    for (const [index, type] of names.entries()) {
      const name = decode(match[index + 1] ?? '');
      if (name === undefined) return servletError(400, path);
      if (!new RegExp(`^${patterns[type]}$`).test(name)) return zmsError(400, badName(type));
      given.push(name.toLowerCase());
    }
    return handle({ path, query: new URLSearchParams(query), ifNoneMatch }, ...given);
  }
  return servletError(404, path);
}

/** The time an `If-None-Match` stands for; one that ZMS cannot read (`W/"…"`, `*`, a list) counts as not sent. */
function since(ifNoneMatch: string | undefined): number {
  const text = ifNoneMatch?.replace(/^"(.*)"$/, '$1') ?? '';
  const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  const time = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

function metaEntry({ name, domain, modified }: DomainEntry): object {
  const absent = { roles: null, policies: null, services: null, entities: null, groups: null };
  return { domain: { enabled: domain.enabled, name, ...absent, modified } };
}

function quote(stamp: string): string {
  return `"${stamp}"`;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function badName(type: NameType): string {
  const pattern = `String pattern mismatch (expected "${patterns[type]}")  for type ${type} in data`;
  const inner = `Invalid ${type} error: ${pattern}`;
  return `Invalid ${type} error: ResourceException (400): {code: 400, message: "${inner}"}`;
}
