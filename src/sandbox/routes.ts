import { type Answer, notAcceptable, notModified, ok, servletError, zmsError } from './answer.ts';
import type { Call } from './call.ts';
import { documentPayload, domainMeta } from './document.ts';
import { quote, since } from './etag.ts';
import { expandRole } from './expand.ts';
import { modifiedDomains } from './modified.ts';
import { roleDetail, rolesOf } from './roles.ts';
import { type SignatureFormat, type Signer, signDocument, ybase64 } from './sign.ts';
import type { DomainEntry, DomainStore } from './store.ts';

interface ZmsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Undefined without a client certificate. */
  readonly principal: string | undefined;
}

/** Answers every request that ZMS' API knows, and the errors for those that it does not. */
export type Router = (request: ZmsRequest) => Answer;

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

  function domain(_: Call, name = ''): Answer {
    const entry = store.get(name);
    return entry === undefined ? zmsError(404, `getDomain: Domain not found: ${name}`) : ok(domainMeta(entry));
  }

  function role({ query }: Call, name = '', short = ''): Answer {
    const entry = store.get(name);
    const found = entry && rolesOf(entry).get(short);
    if (entry === undefined || found === undefined)
      return zmsError(404, `getRole: Role not found: '${name}:role.${short}'`);
    const expanded = query.get('expand') === 'true' ? expandRole(store.get, name, short, found) : undefined;
    const listed = expanded ?? found.members.map((member) => ({ member, through: 'role' as const }));
    return ok(roleDetail(entry, short, found, listed));
  }

  function publicKey(_: Call, name = '', service = '', id = ''): Answer {
    const known = name === 'sys.auth' && service === 'zms' && id === signer.keyId;
    if (!known) return zmsError(404, `getPublicKeyEntry: Public key not found: ${name}.${service}, ${id}`);
    return ok({ key: ybase64(signer.publicKeyPem), id });
  }

  const routes: readonly Route[] = [
    { path: /^\/sys\/modified_domains$/, names: [], handle: (call) => modifiedDomains(store, signer, now, call) },
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

function route(routes: readonly Route[], { method, url, accept, ifNoneMatch, principal }: ZmsRequest): Answer {
  const [path = '', query = ''] = url.split('?', 2);
  const inside = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  for (const { path: shape, names, handle } of routes) {
    const match = shape.exec(inside);
    if (match === null) continue;
    if (method !== 'GET') return servletError(405, path, { Allow: 'GET' });
    if (!takesJson(accept)) return notAcceptable(path);
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
    return handle({ path, query: new URLSearchParams(query), principal, ifNoneMatch }, ...given);
  }
  return servletError(404, path);
}

function takesJson(accept = '*/*'): boolean {
  const types = accept.split(',').map((type) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '');
  return types.some((type) => ['application/json', 'application/*', '*/*'].includes(type));
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
