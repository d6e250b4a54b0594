import { type ServerResponse, STATUS_CODES } from 'node:http';
import { gzipSync } from 'node:zlib';

/** A whole answer, before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Of an answer that goes on: what comes after its head. */
  readonly stream?: Stream;
}

/** Writes lines until it ends by itself or the client goes away. */
export type Stream = (response: ServerResponse) => void;

/** What went wrong, in the server's words. */
export interface Failure {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** Left out of the answer when undefined. */
  readonly details?: object;
  /** Only for 410: with it the rest of the list can be had. */
  readonly continue?: string;
}

/** Thrown by whoever cannot go on. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function badRequest(message: string): Refusal {
  return new Refusal({ code: 400, reason: 'BadRequest', message });
}

export const unauthorized = new Refusal({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });

/** A path below a known group that leads nowhere. */
export const noSuchResource = new Refusal({
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
});

export const notAllowed = new Refusal({
  code: 405,
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
  details: {},
});

export function failed({ code, reason, message, details, continue: token }: Failure): Answer {
  return json(code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: token === undefined ? {} : { continue: token },
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  });
}

export function json(status: number, body: object): Answer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: Buffer.from(`${JSON.stringify(body)}\n`) };
}

export function plain(status: number, text: string): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: Buffer.from(text) };
}

/** From this size on a server compresses for those who take it. */
const longestPlain = 128 * 1024;

export function compressed(answer: Answer, accepted: string): Answer {
  if (answer.body.length <= longestPlain || !/\bgzip\b/.test(accepted)) return answer;
  const headers = { ...answer.headers, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' };
  return { ...answer, headers, body: gzipSync(answer.body, { level: 1 }) };
}

/** A failure that a server in interruption answers with. */
export function interruption(code: number, reason: string, message = STATUS_CODES[code] ?? ''): Answer {
  return failed({ code, reason, message });
}
