/** Whether a host is this machine. @param hostname as a URL has it: in lower case, an IPv6 address in brackets */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Whether nobody on the way to a URL can read what is sent there: over https, or without leaving this machine. */
export function isProtected(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
