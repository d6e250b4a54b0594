import type { ServerResponse } from 'node:http';
import { unreachable } from '../model/outcome.ts';
import type { Answer } from './answer.ts';

/** What goes wrong with one request. */
export type Fault =
  /** This answer in place of ZMS' own. */
  | (Lost & { readonly kind: 'status'; readonly status: number; readonly body: string; readonly contentType: string })
  /** No answer, ever. */
  | (Lost & { readonly kind: 'hang' })
  /** An answer that stops in the middle of its headers, and never goes on. */
  | { readonly kind: 'stall' }
  /** The connection ends before the first byte. */
  | (Lost & { readonly kind: 'reset' })
  /** The connection ends half-way through the body that was announced. */
  | { readonly kind: 'reset-mid-body' }
  /** The right answer, slowly. */
  | { readonly kind: 'drip'; readonly bytesPerSecond: number }
  /** The right answer, so many milliseconds later. */
  | { readonly kind: 'late'; readonly milliseconds: number }
  /** Half of the right body, announced as if it were all. */
  | { readonly kind: 'truncate' }
  /** A read is answered as before the last change, by a replica that lags behind. Writes are as ever. */
  | { readonly kind: 'replica' };

interface Lost {
  /** Whether a write had its effect, and only the answer to it was lost. Default: it never arrived. */
  readonly carriedOut?: boolean;
}

/** Whether ZMS takes the request on. Where any of its own answer comes, it did. */
export function arrives(fault: Fault | undefined): boolean {
  const lost = fault?.kind === 'status' || fault?.kind === 'hang' || fault?.kind === 'reset';
  return !lost || fault.carriedOut === true;
}

/** Sends an answer, or what a fault makes of it. */
export function deliver(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  switch (fault?.kind) {
    case undefined:
    case 'replica':
      send(response, answer);
      break;
    case 'status':
      send(response, { status: fault.status, headers: { 'Content-Type': fault.contentType }, body: fault.body });
      break;
    case 'hang':
      break;
    case 'stall':
      response.socket?.write(`HTTP/1.1 ${answer.status} \r\nContent-`);
      break;
    case 'reset':
      response.socket?.destroy();
      break;
    case 'reset-mid-body':
      response.write(half(sendHead(response, answer)), () => response.socket?.destroy());
      break;
    case 'drip':
      drip(response, sendHead(response, answer), fault.bytesPerSecond);
      break;
    case 'late': {
      const timer = setTimeout(() => send(response, answer), fault.milliseconds);
      response.on('close', () => clearTimeout(timer));
      break;
    }
    case 'truncate':
      send(response, { ...answer, body: answer.body.slice(0, answer.body.length / 2) });
      break;
    default:
      unreachable(fault);
  }
}

/** The status a client can see; 0 when none is ever sent. */
export function deliveredStatus(answer: Answer, fault: Fault | undefined): number {
  if (fault?.kind === 'status') return fault.status;
  return fault?.kind === 'hang' || fault?.kind === 'stall' || fault?.kind === 'reset' ? 0 : answer.status;
}

function send(response: ServerResponse, answer: Answer): void {
  response.end(sendHead(response, answer));
}

/** Sends the status line and the headers for a body, and gives the body's bytes. */
function sendHead(response: ServerResponse, answer: Answer): Buffer {
  const body = Buffer.from(answer.body);
  // A new ZMS sends no Date header: its clock shows in ETag and `modified` only.
  response.sendDate = false;
  const length = answer.status === 204 ? {} : { 'Content-Length': String(body.byteLength) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  return body;
}

function half(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.byteLength / 2));
}

function drip(response: ServerResponse, body: Buffer, bytesPerSecond: number): void {
  const pause = Math.max(100, 1000 / bytesPerSecond);
  const size = Math.max(1, Math.round((bytesPerSecond * pause) / 1000));
  let sent = 0;
  response.flushHeaders();
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + size));
    sent += size;
    if (sent < body.byteLength) return;
    clearInterval(timer);
    response.end();
  }, pause);
  response.on('close', () => clearInterval(timer));
}
