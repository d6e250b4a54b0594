import { reasonOf } from './error.ts';

/** Why no answer came. */
export type TroubleKind = 'timeout' | 'tls-name' | 'tls-issuer' | 'tls-time' | 'tls-client' | 'tls' | 'unreachable';

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
    return { kind: 'tls', why: `TLS failed: ${reasonOf(error)} (${code})` };
  }
  return { kind: 'unreachable', why: reasonOf(error) || code };
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
