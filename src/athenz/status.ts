import { AppError, type ErrorCode } from '../model/error.ts';
import { unreachable } from '../model/outcome.ts';
import type { TroubleKind } from '../model/trouble.ts';
import type { HttpAnswer } from '../runtime/exchange.ts';
import type { HttpOptions } from '../runtime/http.ts';
import type { ProxySettings } from '../runtime/proxy.ts';
import { parseError } from './wire.ts';

/** The body of a 200. @throws AppError by status, with ZMS' own words where there are any */
export function succeeded({ status, body }: HttpAnswer, doing: string): string {
  if (status === 200) return body;
  const words = parseError(body)?.message;
  const [code, next] = meaningOf(status);
  const said = words === undefined ? '' : `: ${words.split('\n', 1)[0]}`;
  throw new AppError(code, `${doing}: ${status}${said}`, { next });
}

function meaningOf(status: number): readonly [ErrorCode, string] {
  if (status === 401)
    return ['ZMS_UNAUTHENTICATED', 'check the client certificate: ZMS does not know its issuer or name'];
  if (status === 403) return ['ZMS_FORBIDDEN', 'ask the ZMS administrators for read access for this identity'];
  if (status === 404) return ['ZMS_NOT_FOUND', 'check that athenz.zmsUrl ends in /zms/v1'];
  if (status === 429) return ['ZMS_QUOTA', 'lower athenz.requestsPerSecond'];
  if (status >= 500) return ['ZMS_UNAVAILABLE', 'try again; if it persists, ask the ZMS administrators'];
  return ['ZMS_BAD_RESPONSE', 'check athenz.zmsUrl'];
}

/** Whether ZMS itself says that there is no such thing: any other 404 may come from something in between. */
export function isOwn404({ status, body }: HttpAnswer): boolean {
  return status === 404 && parseError(body)?.code === 404;
}

/**
 * What a request that ZMS did not answer means.
 *
 * @param caPath file that the CA is read from; `null`: the system's CAs count
 */
export function noAnswer(zmsUrl: string, caPath: string | null, proxy: ProxySettings): HttpOptions['noAnswer'] {
  const { host, hostname, pathname } = new URL(zmsUrl);
  const direct = proxy.noProxy.split(',').includes(hostname);
  const hints = { caPath, proxy: direct ? undefined : proxy.from };
  return ({ method, path }, kind) => {
    const [code, next] = meaningOfTrouble(kind, hints);
    // Without a connection it is the same for each request.
    const doing =
      kind === 'timeout' || kind === 'closed' ? `${method} ${host}${pathname}${path}` : `connecting to ZMS at ${host}`;
    return { code, doing, next };
  };
}

/** What the next step depends on. */
interface Hints {
  readonly caPath: string | null;
  /** The variable that names the proxy. */
  readonly proxy: string | undefined;
}

function meaningOfTrouble(kind: TroubleKind, { caPath, proxy }: Hints): readonly [ErrorCode, string] {
  switch (kind) {
    case 'timeout':
      return ['ZMS_TIMEOUT', 'try again, or raise athenz.requestTimeout'];
    case 'tls-name':
      return ['ZMS_TLS', 'correct athenz.zmsUrl'];
    case 'tls-issuer':
      return ['ZMS_TLS', caPath === null ? 'set athenz.caPath to its CA' : `add its CA to ${caPath} (athenz.caPath)`];
    case 'tls-time':
      return ['ZMS_TLS', 'tell the ZMS administrators'];
    case 'tls-client':
      return ['ZMS_TLS', 'check which CA the server accepts'];
    case 'tls':
      return ['ZMS_TLS', 'check the certificate, the key and athenz.zmsUrl'];
    case 'closed': {
      const next = `try again; if it persists, check ${wayOf(proxy)}, and that ZMS accepts the CA of the client certificate`;
      return ['ZMS_UNREACHABLE', next];
    }
    case 'unreachable':
      return ['ZMS_UNREACHABLE', `check athenz.zmsUrl, ${wayOf(proxy)}`];
    default:
      return unreachable(kind);
  }
}

function wayOf(proxy: string | undefined): string {
  return proxy === undefined ? 'the network and the proxy' : `the network and the proxy of ${proxy}`;
}
