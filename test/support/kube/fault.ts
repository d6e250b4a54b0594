import type { ServerResponse } from 'node:http';
import { type Answer, interruption, json, plain } from './status.ts';

/** Something that goes wrong with one request. */
export type Fault =
  /** Another answer. */
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** The connection breaks instead of an answer. */
  | { readonly kind: 'reset' }
  /** The connection breaks in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** No answer until the client goes away. */
  | { readonly kind: 'hang' };

export interface NamedFault {
  readonly name: string;
  readonly fault: Fault;
}

const instead = (answer: Answer): Fault => ({ kind: 'answer', answer });

/** What a server says when too much is asked of it. @param retryAfter seconds */
export function tooManyRequests(retryAfter = 1): Fault {
  const answer = interruption(429, 'TooManyRequests', 'Too many requests, please try again later.');
  return instead({ ...answer, headers: { ...answer.headers, 'Retry-After': String(retryAfter) } });
}

/** An answer with a Status that is not about access. */
export function serverError(status: 500 | 502 | 503 | 504): Fault {
  switch (status) {
    case 500:
      return instead(interruption(500, 'InternalError', 'Internal error occurred: etcdserver: request timed out'));
    case 502:
      return instead({
        ...plain(502, '<html><h1>502 Bad Gateway</h1></html>'),
        headers: { 'Content-Type': 'text/html' },
      });
    case 503:
      return instead(interruption(503, 'ServiceUnavailable', 'the server is currently unable to handle the request'));
    case 504:
      return instead(interruption(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout'));
  }
}

/** What can go wrong with any request at all. */
export const faults: readonly NamedFault[] = [
  { name: 'no answer', fault: { kind: 'hang' } },
  { name: 'a connection that is reset', fault: { kind: 'reset' } },
  { name: 'a reset in the middle of the body', fault: { kind: 'cut' } },
  { name: '429', fault: tooManyRequests() },
  { name: '500', fault: serverError(500) },
  { name: '502 of a load balancer', fault: serverError(502) },
  { name: '503', fault: serverError(503) },
  { name: '504', fault: serverError(504) },
  {
    name: 'HTML with 200',
    fault: instead({ ...plain(200, '<html>a proxy</html>'), headers: { 'Content-Type': 'text/html' } }),
  },
  { name: 'an empty 200', fault: instead({ ...plain(200, ''), headers: { 'Content-Type': 'application/json' } }) },
  {
    name: 'JSON that is no list',
    fault: instead(json(200, { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } })),
  },
  { name: 'a list without items', fault: instead(json(200, { kind: 'RoleList', apiVersion: 'v1', metadata: {} })) },
];

/** Sends an answer, or what the fault makes of it. */
export function deliver(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const { status, headers, body, stream } = fault?.kind === 'answer' ? fault.answer : answer;
  if (fault?.kind !== 'reset' && fault?.kind !== 'hang' && stream !== undefined) {
    response.writeHead(status, { ...headers, 'Cache-Control': 'no-cache, private' });
    response.flushHeaders();
    stream(response);
    return;
  }
  switch (fault?.kind) {
    case 'reset':
      response.socket?.destroy();
      return;
    case 'hang':
      return;
    case 'cut':
      response.writeHead(status, { ...headers, 'Content-Length': body.length });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
      return;
    default:
      response.writeHead(status, { ...headers, 'Cache-Control': 'no-cache, private', 'Content-Length': body.length });
      response.end(body);
  }
}
