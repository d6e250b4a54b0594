import { type Answer, containerError, notAcceptable, servletError, zmsError } from './answer.ts';
import type { Handle } from './call.ts';

export interface ZmsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** Undefined without a client certificate. */
  readonly principal: string | undefined;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A path of ZMS' API, with the names in it as groups, and what can be done there. */
export interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Partial<Record<Method, Handle>>>;
}

const prefix = '/zms/v1';

/** Answers with the route that a request is for, or with the error of one that no route takes. */
export function dispatch(routes: readonly Route[], request: ZmsRequest): Answer {
  const { method, url, headers, body, principal } = request;
  const [path = '', query = ''] = url.split('?', 2);
  const inside = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  for (const { path: shape, methods } of routes) {
    const match = shape.exec(inside);
    if (match === null) continue;
    const handle = new Map<string, Handle>(Object.entries(methods)).get(method);
    if (handle === undefined) {
      const allowed = [...Object.keys(methods), 'OPTIONS'].sort().join(',');
      return containerError(405, { method, path }, { Allow: allowed });
    }
    if (!takesJson(header(headers, 'accept'))) return notAcceptable(path);
    const contentType = header(headers, 'content-type') ?? 'application/json';
    if (method !== 'GET' && mediaType(contentType) !== 'application/json') return containerError(415, { method, path });
    if (principal === undefined) {
      return zmsError(401, 'Invalid credentials', { 'WWW-Authenticate': 'AthenzX509Certificate realm="athenz"' });
    }
    const names = match.slice(1).map(decode);
    if (names.some((name) => name === undefined)) return servletError(400, path);
    const call = {
      method,
      path,
      query: new URLSearchParams(query),
      principal,
      ifNoneMatch: header(headers, 'if-none-match'),
      body,
      auditRef: header(headers, 'y-audit-ref'),
      owner: header(headers, 'athenz-resource-owner'),
      returnObject: header(headers, 'athenz-return-object') === 'true',
    };
    return handle(call, ...names.map((name) => name ?? ''));
  }
  return containerError(404, { method, path });
}

function header(headers: ZmsRequest['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(',');
}

function takesJson(accept = '*/*'): boolean {
  return accept.split(',').some((type) => ['application/json', 'application/*', '*/*'].includes(mediaType(type)));
}

function mediaType(text: string): string {
  return text.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
