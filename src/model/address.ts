/** Whether a host is this machine. @param hostname as a URL has it: in lower case, an IPv6 address in brackets */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Whether nobody on the way to a URL can read what is sent there: over https, or without leaving this machine. */
export function isProtected(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

/** Where a server listens. */
export interface ListenAddress {
  /** Empty: every interface. An IPv6 address without its brackets. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/**
 * Reads `8080`, `:8080` (both: every interface), `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
 *
 * @returns undefined for anything else
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, ipv6, host = '', digits = ''] =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = parsePortNumber(digits);
  return port === undefined || (ipv6 !== undefined && !ipv6.includes(':')) ? undefined : { host: ipv6 ?? host, port };
}

/** A port in decimal digits; undefined for anything else. */
export function parsePortNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) < 65_536 ? Number(text) : undefined;
}
