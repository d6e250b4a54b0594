import { reasonOf } from './error.ts';

/** Why no answer came. */
export type TroubleKind =
  | 'timeout'
  | 'tls-name'
  | 'tls-issuer'
  | 'tls-time'
  | 'tls-client'
  | 'tls'
  /** By the server, before it answered. */
  | 'closed'
  | 'unreachable';

export interface Trouble {
  readonly kind: TroubleKind;
  /** For a message: what went wrong, with the code that the network or TLS gave. */
  readonly why: string;
}

/**
 * Tells what is wrong with a connection from what undici or a socket threw.
 *
 * @param timeout milliseconds that the request was given, where that is known
 */
export function connectionTrouble(error: unknown, timeout?: number): Trouble {
  const code = codeOf(error);
  if (code === 'TimeoutError' || code.includes('TIMEOUT') || code === 'ETIMEDOUT') {
    return {
      kind: 'timeout',
      why: timeout === undefined ? 'no complete response in time' : `no complete response within ${timeout / 1000} s`,
    };
  }
  if (/ALTNAME/.test(code)) return { kind: 'tls-name', why: `the server's certificate is for another name (${code})` };
  if (/SELF_SIGNED|UNABLE_TO_|ISSUER|DEPTH_ZERO/.test(code)) {
    return { kind: 'tls-issuer', why: `the server's certificate is from an unknown CA (${code})` };
  }
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(code)) {
    return { kind: 'tls-time', why: `the server's certificate is not valid now (${code})` };
  }
  if (/ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/.test(code)) {
    return { kind: 'tls-client', why: `the server refused the client certificate (${code})` };
  }
  if (/SSL|TLS|PEM|CERT|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/.test(code)) {
    return { kind: 'tls', why: `TLS failed: ${tlsReason(reasonOf(error))} (${code})` };
  }
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE') {
    return { kind: 'closed', why: `the server closed the connection (${code})` };
  }
  const words = Object.hasOwn(networkTroubles, code) ? networkTroubles[code] : undefined;
  return { kind: 'unreachable', why: words === undefined ? reasonOf(error) || code : `${words} (${code})` };
}

const networkTroubles: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host cannot be looked up now',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to its network',
};

/** The words among those of OpenSSL, which names its own functions and files too. */
function tlsReason(text: string): string {
  return /:SSL routines:[^:]*:([^:]+):/.exec(text)?.[1] ?? text;
}

/** The most telling code of an error and its causes: undici wraps what the socket said. */
function codeOf(error: unknown): string {
  let code = '';
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { name, code: own } = at as NodeJS.ErrnoException;
    // The code of a DOMException, which an AbortSignal throws, is a number that says nothing.
    if (name === 'TimeoutError') code = name;
    else if (typeof own === 'string') code = own;
  }
  return code;
}
