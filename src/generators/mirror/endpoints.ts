import { z } from 'zod';
import { type Cidr, compareIps, type Ip, ipText, isInCidr, parseIp, specialKind } from '../../model/ip.ts';
import { compareText } from '../../model/text.ts';
import type { KubernetesObject } from '../objects/object.ts';
import { placeOf, type SourceService, slicePort } from './service.ts';

/** Kubernetes' label of the Service that a slice is of. */
export const serviceNameKey = 'kubernetes.io/service-name';

const conditions = z.object({ ready: z.boolean().nullish(), terminating: z.boolean().nullish() });
const endpoint = z.object({
  addresses: z.array(z.string()).min(1),
  conditions: conditions.nullish(),
  hostname: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .nullish(),
});
const sliceSchema = z.object({
  addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
  endpoints: z.array(endpoint).nullish(),
  ports: z.array(slicePort).nullish(),
});
const address = z.object({ ip: z.string(), hostname: endpoint.shape.hostname });
const subset = z.object({
  addresses: z.array(address).nullish(),
  notReadyAddresses: z.array(address).nullish(),
  ports: z.array(slicePort).nullish(),
});
const endpointsSchema = z.object({ subsets: z.array(subset).nullish() });

type SourceSlice = z.output<typeof sliceSchema>;
type SourcePort = z.output<typeof slicePort>;

/** A port as a mirrored slice has it: the one that the source resolved, never that of the Service. */
export interface ResolvedPort extends Omit<SourcePort, 'port'> {
  readonly port: number;
}

export interface Endpoint {
  readonly address: string;
  readonly hostname?: string;
}

/** Endpoints of one family that listen on the same ports. */
export interface EndpointGroup {
  readonly family: Ip['family'];
  /** By name and protocol; the name is what a port of the Service is found by. */
  readonly ports: readonly ResolvedPort[];
  /** By number, unique. */
  readonly endpoints: readonly Endpoint[];
}

/** The ready endpoints of a Service, or why they must not be written down. */
export type ReadEndpoints =
  | { readonly kind: 'ready'; readonly groups: readonly EndpointGroup[] }
  | { readonly kind: 'invalid' | 'refused'; readonly reason: string };

/**
 * Takes the ready endpoints of a Service out of its slices, the same in whatever order they come.
 *
 * @param objects EndpointSlices, or Endpoints of a cluster without those; those of other Services are left out
 * @param refused networks that lead elsewhere in the destination
 */
export function readEndpoints(
  service: SourceService,
  objects: readonly KubernetesObject[],
  refused: readonly Cidr[],
): ReadEndpoints {
  const groups = new Map<string, { readonly group: EndpointGroup; readonly found: Map<string, [Ip, Endpoint]> }>();
  for (const object of objects) {
    const read = slicesIn(service, object);
    if ('reason' in read) return { kind: 'invalid', reason: read.reason };
    for (const slice of read.slices) {
      if (slice.addressType === 'FQDN') {
        return { kind: 'refused', reason: `${object.ref.name} has names in place of addresses (FQDN)` };
      }
      const ports = portsOf(service, slice);
      if (ports === undefined) continue;
      const family = slice.addressType === 'IPv4' ? 'ipv4' : 'ipv6';
      const key = `${family} ${JSON.stringify(ports)}`;
      const known = groups.get(key) ?? { group: { family, ports, endpoints: [] }, found: new Map() };
      groups.set(key, known);
      for (const { addresses, conditions: state, hostname } of slice.endpoints ?? []) {
        if (!service.unready && (state?.ready === false || state?.terminating === true)) continue;
        // More than one means the same, and only the first is used (discovery/v1, Endpoint).
        const [text = ''] = addresses;
        const ip = parseIp(text);
        if (ip?.family !== family) {
          return {
            kind: 'invalid',
            reason: `${object.ref.name} has an address that is no ${slice.addressType} address`,
          };
        }
        const why = specialKind(ip) ?? (refused.some((cidr) => isInCidr(ip, cidr)) ? 'in refuseCidrs' : undefined);
        if (why !== undefined) return { kind: 'refused', reason: `its endpoint ${ipText(ip)} is ${why}` };
        const named = service.type === 'headless' && hostname ? { hostname } : {};
        const before = known.found.get(ipText(ip));
        // Of two, the same one whichever comes first.
        if (before !== undefined && compareText(before[1].hostname ?? '', named.hostname ?? '') >= 0) continue;
        known.found.set(ipText(ip), [ip, { address: ipText(ip), ...named }]);
      }
    }
  }
  const sorted = [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, { group, found }]) => ({
      ...group,
      endpoints: [...found.values()].sort(([a], [b]) => compareIps(a, b)).map(([, it]) => it),
    }));
  return { kind: 'ready', groups: sorted };
}

function slicesIn(
  { namespace, name }: SourceService,
  { ref, labels, body }: KubernetesObject,
): { readonly slices: readonly SourceSlice[] } | { readonly reason: string } {
  const isOwn = ref.namespace === namespace && (ref.kind === 'Endpoints' ? ref.name : labels[serviceNameKey]) === name;
  if (!isOwn) return { slices: [] };
  if (ref.kind === 'Endpoints') {
    const parsed = endpointsSchema.safeParse(body);
    return parsed.success ? { slices: (parsed.data.subsets ?? []).flatMap(asSlices) } : invalid(ref.name, parsed.error);
  }
  const parsed = sliceSchema.safeParse(body);
  return parsed.success ? { slices: [parsed.data] } : invalid(ref.name, parsed.error);
}

function invalid(name: string, error: z.ZodError): { readonly reason: string } {
  return { reason: `${name}: ${placeOf(error).replace(/^\./, '')} is not what its kind has` };
}

function asSlices({ addresses, notReadyAddresses, ports }: z.output<typeof subset>): readonly SourceSlice[] {
  const endpoints = [
    ...(addresses ?? []).map((it) => ({ ...it, ready: true })),
    ...(notReadyAddresses ?? []).map((it) => ({ ...it, ready: false })),
  ].map(({ ip, hostname, ready }) => ({ addresses: [ip], hostname, conditions: { ready } }));
  const isIpv6 = ({ addresses: [text = ''] }: { readonly addresses: readonly string[] }) => text.includes(':');
  return (['IPv4', 'IPv6'] as const).map((addressType) => ({
    addressType,
    ports,
    endpoints: endpoints.filter((it) => isIpv6(it) === (addressType === 'IPv6')),
  }));
}

/** The ports of a slice that the Service has by name; undefined where nothing of it can be reached. */
function portsOf({ type, ports, assumed }: SourceService, slice: SourceSlice): readonly ResolvedPort[] | undefined {
  if (assumed !== undefined) return [{ name: '', protocol: 'TCP', appProtocol: undefined, port: assumed }];
  const isOf = (it: SourcePort) => ports.some(({ name, protocol }) => name === it.name && protocol === it.protocol);
  const own = (slice.ports ?? []).flatMap((it): readonly ResolvedPort[] =>
    it.port && isOf(it) ? [{ ...it, port: it.port }] : [],
  );
  if (own.length === 0 && ports.length > 0 && type !== 'headless') return undefined;
  return own.sort((a, b) => compareText(a.name, b.name) || compareText(a.protocol, b.protocol) || a.port - b.port);
}
