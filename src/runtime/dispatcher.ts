import { buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import type { ProxySettings } from './proxy.ts';

/** PEM texts, and the name to expect in the server's certificate where it is not the host of the URL. */
export interface TlsSettings {
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Default: Node's CAs and those of `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | Buffer;
  readonly servername?: string;
}

export interface DispatcherOptions {
  readonly proxy: ProxySettings;
  readonly tls?: TlsSettings;
  /** Milliseconds that connecting may take, and that the server may be silent. */
  readonly silence: number;
  /** At the same time. Default: no limit. */
  readonly connections?: number;
  /** Milliseconds that a connection is kept which nobody uses. Default: undici's. */
  readonly idle?: number;
  /** Default: true. */
  readonly http2?: boolean;
  /** Bytes of an answer at most. Default: far beyond any real one, and below what a text can hold. */
  readonly largest?: number;
}

/**
 * Connections to one server, through its proxy where there is one. The certificates of the server and of the proxy are always
 * verified: `NODE_TLS_REJECT_UNAUTHORIZED` does not count.
 */
export function openDispatcher(options: DispatcherOptions): Dispatcher {
  const { tls = {}, silence, connections, idle, http2 = true, largest = 256 * 2 ** 20 } = options;
  const { proxy = '', noProxy } = options.proxy;
  // Load balancers close what looks dead after a minute. What comes while a body waits is buffered: see `textOf`.
  const verified = { rejectUnauthorized: true, timeout: silence, keepAliveInitialDelay: 30_000 };
  const server = { ...tls, ...verified, allowH2: http2, ...(http2 ? {} : { highWaterMark: 2 ** 18 }) };
  const timeouts = { headersTimeout: silence, bodyTimeout: silence };
  return new EnvHttpProxyAgent({
    ...timeouts,
    maxResponseSize: largest,
    ...(connections === undefined ? {} : { connections }),
    ...(idle === undefined ? {} : { keepAliveTimeout: idle, keepAliveMaxTimeout: idle }),
    // An empty text, unlike undefined, keeps the process' own environment out.
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy,
    allowH2: http2,
    connect: server,
    requestTls: server,
    proxyTls: verified,
    clientFactory: (origin, more) => new Pool(origin, { ...more, ...timeouts }),
    factory: (origin, more) => poolOf(origin, more),
  });
}

/** As undici makes them, but for what is done about each new connection. */
function poolOf(origin: string | URL, options: Pool.Options): Pool {
  const { connect = {} } = options;
  return new Pool(origin, {
    ...options,
    connect: alerted(typeof connect === 'function' ? connect : buildConnector(connect)),
  });
}

/** Errors of TLS reach whoever sent the request. */
function alerted(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    try {
      connect(options, (...result) => {
        // An alert of TLS 1.3 comes after connecting; else the end of the stream behind it would be the error.
        result[1]?.once('error', (alert) => result[1]?.destroy(alert));
        callback(...result);
      });
    } catch (error) {
      // A key that does not belong to its certificate is thrown, not called back.
      callback(error as Error, null);
    }
  };
}
