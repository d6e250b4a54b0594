import type { ErrorCode } from '../../src/model/error.ts';
import type { Fault } from '../../src/sandbox/fault.ts';

/** One way in which a request can go wrong. */
export interface NamedFault {
  readonly name: string;
  readonly fault: Fault;
  /** What a read that ends so is told as. */
  readonly code: ErrorCode;
  /** Another try may mend it. */
  readonly passing: boolean;
  /** What the report names, where it is not what was asked for. */
  readonly told?: string;
}

/** An answer in place of ZMS' own. */
export function answer(status: number, body: string, contentType = 'application/json'): Fault {
  return { kind: 'status', status, body, contentType };
}

/** An error in ZMS' own shape. */
export function zmsError(code: number, message = 'words of ZMS'): Fault {
  return answer(code, JSON.stringify({ code, message }));
}

/** A 404 of the servlet container around ZMS, which knows nothing of domains. */
export const servletError: Fault = answer(
  404,
  JSON.stringify({ servlet: 'zms-server', message: 'Not Found', url: '/zms/v1/x', status: '404' }),
);

const passes = (name: string, fault: Fault, code: ErrorCode): NamedFault => ({ name, fault, code, passing: true });
const stays = (name: string, fault: Fault, code: ErrorCode): NamedFault => ({ name, fault, code, passing: false });

/** What can go wrong with any request at all. */
export const faults: readonly NamedFault[] = [
  passes('no answer', { kind: 'hang' }, 'ZMS_TIMEOUT'),
  passes('an answer that stops in its headers', { kind: 'stall' }, 'ZMS_TIMEOUT'),
  passes('an answer that only drips', { kind: 'drip', bytesPerSecond: 10 }, 'ZMS_TIMEOUT'),
  passes('a connection that is reset', { kind: 'reset' }, 'ZMS_UNREACHABLE'),
  passes('a reset in the middle of the body', { kind: 'reset-mid-body' }, 'ZMS_UNREACHABLE'),
  stays('401', zmsError(401), 'ZMS_UNAUTHENTICATED'),
  stays('403', zmsError(403), 'ZMS_FORBIDDEN'),
  stays('404 in ZMS’ own shape', zmsError(404), 'ZMS_NOT_FOUND'),
  stays('404 in the servlet’s shape', servletError, 'ZMS_NOT_FOUND'),
  stays('404 without a body', answer(404, ''), 'ZMS_NOT_FOUND'),
  passes('429', zmsError(429), 'ZMS_QUOTA'),
  passes('500', zmsError(500), 'ZMS_UNAVAILABLE'),
  passes('503', zmsError(503, 'Communications link failure\n\nThe last packet'), 'ZMS_UNAVAILABLE'),
  passes('304, which nobody asked for', answer(304, ''), 'ZMS_BAD_RESPONSE'),
  passes('HTML with 200', answer(200, '<html>a proxy</html>', 'text/html'), 'ZMS_BAD_RESPONSE'),
  passes('truncated JSON with 200', { kind: 'truncate' }, 'ZMS_BAD_RESPONSE'),
  passes('an empty 200', answer(200, ''), 'ZMS_BAD_RESPONSE'),
  passes('an empty list', answer(200, '{"domains":[]}'), 'ZMS_BAD_RESPONSE'),
];

/** What can go wrong with a signed document: ZMS' own 404 for a domain that is listed says that its database is down. */
export const documentFaults: readonly NamedFault[] = faults.map((it) =>
  it.name === '404 in ZMS’ own shape' ? { ...it, code: 'ZMS_UNAVAILABLE', passing: true } : it,
);

const patience = '  requestTimeout: 500ms\n';

/** A config that does not wait long for an answer that never comes. */
export function hasten(config: string): string {
  return config.replace('athenz:\n', `athenz:\n${patience}`);
}

/** What `hasten` was given. */
export function unhasten(config: string): string {
  return config.replace(patience, '');
}
