/** An IP address, as a number. */
export interface Ip {
  readonly family: 'ipv4' | 'ipv6';
  readonly value: bigint;
}

/** A network, such as `10.0.0.0/16`. */
export interface Cidr extends Ip {
  readonly bits: number;
}

/** Reads an address as Kubernetes does: no leading zeros, no zone, no address of one family in the other's form. */
export function parseIp(text: string): Ip | undefined {
  if (text.includes(':')) {
    const value = parseIpv6(text);
    return value === undefined ? undefined : { family: 'ipv6', value };
  }
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return { family: 'ipv4', value: parts.reduce((value, part) => value * 256n + BigInt(part), 0n) };
}

function parseIpv6(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F:]{2,39}$/.test(text)) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = head.length + tail.length;
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const groups = [...head, ...Array.from({ length: 8 - given }, () => '0'), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

/** Reads a network; undefined also where bits behind its prefix are set. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const ip = parseIp(address);
  const bits = Number(digits);
  if (ip === undefined || digits === '' || bits > widthOf(ip)) return undefined;
  const network = { ...ip, bits };
  return ip.value === prefixOf(ip.value, network) << BigInt(widthOf(ip) - bits) ? network : undefined;
}

export function isInCidr(ip: Ip, cidr: Cidr): boolean {
  return ip.family === cidr.family && prefixOf(ip.value, cidr) === prefixOf(cidr.value, cidr);
}

/** The canonical text: IPv6 as RFC 5952 has it. */
export function ipText({ family, value }: Ip): string {
  if (family === 'ipv4') return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 65_535n);
  const text = groups.map((group) => group.toString(16)).join(':');
  // The first of the longest runs of at least two zeros.
  const [longest] = [...text.matchAll(/(?<![0-9a-f])0(:0)+(?![0-9a-f])/g)].sort((a, b) => b[0].length - a[0].length);
  if (longest === undefined) return text;
  const { index } = longest;
  return `${text.slice(0, index).replace(/:$/, '')}::${text.slice(index + longest[0].length).replace(/^:/, '')}`;
}

/** By family and number. */
export function compareIps(a: Ip, b: Ip): number {
  if (a.family !== b.family) return a.family === 'ipv4' ? -1 : 1;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** Networks whose addresses lead to whoever uses them, or to no single host (IANA special-purpose registries). */
const special = (
  [
    ['unspecified', '0.0.0.0/8'],
    ['loopback', '127.0.0.0/8'],
    ['link-local', '169.254.0.0/16'],
    ['multicast', '224.0.0.0/4'],
    ['reserved', '240.0.0.0/4'],
    ['unspecified', '::/128'],
    ['loopback', '::1/128'],
    ['IPv4-mapped', '::ffff:0:0/96'],
    ['link-local', 'fe80::/10'],
    ['multicast', 'ff00::/8'],
  ] as const
).flatMap(([kind, text]) => {
  const cidr = parseCidr(text);
  return cidr === undefined ? [] : [{ kind, cidr }];
});

/** What kind of address it is, where no Pod of another cluster can have it. */
export function specialKind(ip: Ip): string | undefined {
  return special.find(({ cidr }) => isInCidr(ip, cidr))?.kind;
}

function widthOf({ family }: Pick<Ip, 'family'>): 32 | 128 {
  return family === 'ipv4' ? 32 : 128;
}

function prefixOf(value: bigint, { family, bits }: Pick<Cidr, 'family' | 'bits'>): bigint {
  return value >> BigInt(widthOf({ family }) - bits);
}
