import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import { isObject } from './json.ts';

/** Something that goes wrong with one request. */
export type Fault =
  /** Another answer. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Whether what was asked for happens all the same. Default: it does not. */
      readonly effect?: boolean;
    }
  /** The connection breaks instead of an answer. */
  | { readonly kind: 'reset'; readonly effect?: boolean }
  /** No answer until the client goes away. */
  | { readonly kind: 'hang'; readonly effect?: boolean }
  /** The pull request that this creates is missing from the next lists. */
  | { readonly kind: 'hidden'; readonly lists: number }
  /** Whether the pull request can be merged is not known yet. */
  | { readonly kind: 'computing' };

/** What GitHub's load balancer shows when nobody is behind it. */
export function badGateway(effect = false): Fault {
  const body = '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>Unicorn!</body>\r\n</html>\r\n';
  return { kind: 'status', status: 502, headers: { 'Content-Type': 'text/html' }, body, effect };
}

/** Too much at once. @param retryAfter seconds; undefined: GitHub does not say */
export function secondaryRateLimit(retryAfter?: number): Fault {
  const message =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.';
  return limited(message, retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) });
}

/** The hour's requests are used up. @param reset when there are new ones */
export function primaryRateLimit(reset: Date): Fault {
  return limited('API rate limit exceeded for installation ID 1.', {
    'X-RateLimit-Limit': '5000',
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Used': '5000',
    'X-RateLimit-Reset': String(Math.ceil(reset.getTime() / 1000)),
  });
}

function limited(message: string, headers: Readonly<Record<string, string>>): Fault {
  const body = JSON.stringify({ message, documentation_url: 'https://docs.github.com/rest', status: '403' });
  return { kind: 'status', status: 403, headers: { 'Content-Type': 'application/json', ...headers }, body };
}

/** An answer as it goes over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Whether what was asked for happens. */
export function takesEffect(fault: Fault | undefined): boolean {
  switch (fault?.kind) {
    case 'status':
    case 'reset':
    case 'hang':
      return fault.effect === true;
    default:
      return true;
  }
}

/** The status that the client sees; 0 for none. */
export function seenStatus(answer: RawAnswer | undefined, fault: Fault | undefined): number {
  if (fault?.kind === 'reset' || fault?.kind === 'hang') return 0;
  return fault?.kind === 'status' ? fault.status : (answer?.status ?? 0);
}

/** Sends an answer, or what the fault makes of it. */
export function deliver(response: ServerResponse, answer: RawAnswer | undefined, fault: Fault | undefined): void {
  switch (fault?.kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'hang':
      return;
    case 'status':
      response
        .writeHead(fault.status, { 'Content-Type': 'application/json', ...fault.headers })
        .end(fault.body ?? '{}');
      return;
    default:
      if (answer === undefined) throw new Error('nothing to answer with');
      response.writeHead(answer.status, { ...answer.headers, 'Content-Length': answer.body.length });
      response.end(answer.body);
  }
}

/** An answer of the API as bytes. */
export function toBytes({ status, headers, body }: Answer, fault: Fault | undefined): RawAnswer {
  const unknown = { mergeable: null, rebaseable: null, mergeable_state: 'unknown' };
  const shown = fault?.kind === 'computing' && isObject(body) ? { ...body, ...unknown } : body;
  const bytes = Buffer.from(shown === undefined ? '' : JSON.stringify(shown));
  const type = shown === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' };
  return { status, headers: { ...headers, ...type }, body: bytes };
}
