import { createHash } from 'node:crypto';
import { sourceObjectKey } from '../objects/origin.ts';
import { objectText } from '../objects/text.ts';
import { bucketsOf } from './buckets.ts';
import { type EndpointGroup, type ResolvedPort, serviceNameKey } from './endpoints.ts';
import { mirrorLabels, ownLabels, type Placed, portOf, type Rendered } from './render.ts';
import type { SourceService } from './service.ts';

/** Whose slices they are: a controller of Kubernetes deletes those that have its own name here and are none of its (KEP-752). */
const slicesManager = 'mirror.athenz-gitops.io';

/** The slices of a Service; without any endpoint, an empty one for each family. */
export function renderSlices(placed: Placed, groups: readonly EndpointGroup[]): readonly Rendered[] {
  const filled = groups.filter(({ endpoints }) => endpoints.length > 0);
  return filled.length > 0 ? slicesOf(placed, filled) : slicesOf(placed, emptyGroups(placed.service, groups));
}

function emptyGroups({ families }: SourceService, groups: readonly EndpointGroup[]): readonly EndpointGroup[] {
  const known = [...groups.map(({ family }) => family), ...families.map((it) => (it === 'IPv4' ? 'ipv4' : 'ipv6'))];
  const wanted = [
    ...new Set<EndpointGroup['family']>(known.length === 0 ? ['ipv4'] : (known as EndpointGroup['family'][])),
  ];
  return wanted
    .sort()
    .map((family) => groups.find((it) => it.family === family) ?? { family, ports: [], endpoints: [] });
}

function slicesOf(placed: Placed, groups: readonly EndpointGroup[]): readonly Rendered[] {
  const { service, source } = placed;
  const seen = new Set<string>();
  return groups.flatMap(({ family, ports, endpoints }) => {
    // Nearly every Service has one set of ports; of several, the first keeps the plain name.
    const also = seen.has(family) ? `-${digestOf(ports)}` : '';
    seen.add(family);
    const byAddress = new Map(endpoints.map((it) => [it.address, it]));
    const buckets = endpoints.length === 0 ? new Map([[0, []]]) : bucketsOf([...byAddress.keys()]);
    return [...buckets].map(([bucket, addresses]) => {
      const name = `${service.name}-${source}-${family}${also}-${bucket}`;
      const list = addresses.flatMap((it) => byAddress.get(it) ?? []);
      return { file: `endpointslice.${name}`, text: sliceText(placed, name, { family, ports, endpoints: list }) };
    });
  });
}

function digestOf(ports: readonly ResolvedPort[]): string {
  return createHash('sha256').update(JSON.stringify(ports)).digest('hex').slice(0, 16);
}

function sliceText({ service, source, namespace }: Placed, name: string, group: EndpointGroup): string {
  const metadata = {
    annotations: { [sourceObjectKey]: `${service.namespace}/${service.name}` },
    labels: {
      ...ownLabels(source),
      [mirrorLabels.slicesManagedBy]: slicesManager,
      [serviceNameKey]: service.name,
    },
    name,
    namespace,
  };
  const rest = {
    addressType: group.family === 'ipv4' ? 'IPv4' : 'IPv6',
    endpoints: group.endpoints.map(({ address, hostname }) => ({
      addresses: [address],
      conditions: { ready: true },
      ...(hostname === undefined ? {} : { hostname }),
    })),
    ports: group.ports.map((it) => portOf(it)),
  };
  return objectText({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, rest });
}
