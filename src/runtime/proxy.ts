import { isLoopback } from '../model/address.ts';
import { AppError } from '../model/error.ts';

/** How one server is reached. */
export interface ProxySettings {
  /** URL of the proxy; undefined: there is none. May hold a password. */
  readonly proxy: string | undefined;
  /** The variable that names it. */
  readonly from?: string;
  /** Comma-separated hosts that are reached without it. */
  readonly noProxy: string;
}

const schemes: Readonly<Record<string, string>> = {
  'http:': 'http:',
  'https:': 'https:',
  'socks5:': 'socks5:',
  // Both leave the lookup of names to the proxy.
  'socks5h:': 'socks5:',
};

/**
 * The proxy for a server, from `HTTPS_PROXY` (`HTTP_PROXY` for plain http), else `ALL_PROXY`, unless `NO_PROXY` names the
 * server; lower case first, as in curl, so that git goes the same way. No proxy can reach this machine's own loopback: as in Go,
 * and unlike in curl, it is never asked to.
 *
 * @param url of the server
 * @param named a proxy that is set for this server alone; it wins, and `NO_PROXY` does not count
 * @throws AppError `CONFIG_INVALID` when a variable holds no URL of a proxy; its value, which may hold a password, is not
 *   shown
 */
export function proxyFor(url: string, env: NodeJS.ProcessEnv, named?: string): ProxySettings {
  if (named) return { proxy: parseProxy('proxy-url', named), noProxy: '' };
  const { protocol, hostname } = new URL(url);
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  if (isLoopback(hostname)) return { proxy: undefined, noProxy };
  const own = protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const name = [own, 'ALL_PROXY'].flatMap((it) => [it.toLowerCase(), it]).find((it) => env[it]);
  if (name === undefined) return { proxy: undefined, noProxy };
  return { proxy: parseProxy(name, env[name] ?? ''), from: name, noProxy };
}

function parseProxy(name: string, value: string): string {
  // curl takes a host and a port alone for a proxy over http.
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
  const scheme = schemes[url?.protocol ?? ''];
  if (url !== null && url.hostname !== '' && scheme !== undefined) return url.href.replace(url.protocol, scheme);
  throw new AppError('CONFIG_INVALID', `${name} is not a proxy URL`, {
    next: `set it to a URL such as http://proxy.example.com:3128 (http, https or socks5)`,
  });
}
