import { z } from 'zod';
import type { KubernetesObject } from '../objects/object.ts';

const port = z.number().int().min(1).max(65_535);
/** A port's name is a label, or empty where there is one port alone (core/v1, ServicePort). */
const portName = z.string().regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/);
const protocol = z.enum(['TCP', 'UDP', 'SCTP']);
/** A qualified name (apimachinery, `IsQualifiedName`). */
const appProtocol = z
  .string()
  .max(317)
  .regex(/^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);

/** What every port has, of a Service and of a slice. */
const portFields = {
  name: portName.nullish().transform((it) => it ?? ''),
  protocol: protocol.nullish().transform((it) => it ?? 'TCP'),
  appProtocol: appProtocol.nullish().transform((it) => it ?? undefined),
};

/** A port of a slice; without a number it means something else to each reader, and is left out. */
export const slicePort = z.object({ ...portFields, port: port.nullish() });

const labelValue = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const family = z.enum(['IPv4', 'IPv6']);

const specSchema = z.object({
  type: z
    .enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'])
    .nullish()
    .transform((it) => it ?? 'ClusterIP'),
  clusterIP: z.string().nullish(),
  externalName: z.string().nullish(),
  ports: z
    .array(
      z.object({
        ...portFields,
        port,
        targetPort: z
          .union([port, z.string().regex(/^(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/)])
          .nullish()
          .transform((it) => it ?? undefined),
      }),
    )
    .max(1000)
    .nullish()
    .transform((it) => it ?? []),
  publishNotReadyAddresses: z.boolean().nullish(),
  sessionAffinity: z.enum(['None', 'ClientIP']).nullish(),
  sessionAffinityConfig: z
    .object({ clientIP: z.object({ timeoutSeconds: z.number().int().min(1).max(86_400).nullish() }).nullish() })
    .nullish(),
  ipFamilies: z.array(family).max(2).nullish(),
});

export type ServicePort = z.output<typeof specSchema>['ports'][number];

/** A Service of a source, with what a mirror of it has. Nothing else of the object is known from here on. */
export interface SourceService {
  readonly namespace: string;
  readonly name: string;
  readonly type: 'ClusterIP' | 'headless' | 'ExternalName';
  readonly externalName: string;
  readonly ports: readonly ServicePort[];
  /** It has no port of its own: the config says which one its endpoints have. */
  readonly assumed?: number;
  /** Endpoints that are not ready count as well. */
  readonly unready: boolean;
  readonly affinity?: { readonly seconds?: number };
  /** As the source's cluster has chosen them. */
  readonly families: readonly ('IPv4' | 'IPv6')[];
  /** Those that the rule allows. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Reads a Service.
 *
 * @param allowed keys of labels to copy
 * @returns why it cannot be one that an API server has, for anything else
 */
export function readService(
  { ref: { name, namespace }, body, labels }: KubernetesObject,
  allowed: readonly string[],
  annotations: Readonly<Record<string, string>>,
): SourceService | { readonly reason: string } {
  const parsed = specSchema.safeParse(body['spec']);
  if (!parsed.success) return { reason: `spec${placeOf(parsed.error)} is not what a Service has` };
  const { type, clusterIP, externalName, ports, sessionAffinity, sessionAffinityConfig, ...spec } = parsed.data;
  const names = new Set(ports.map((it) => it.name));
  if (names.size < ports.length) return { reason: 'spec.ports has a name twice' };
  if (ports.length > 1 && names.has('')) return { reason: 'spec.ports has several, and one without a name' };
  const numbers = new Set(ports.map((it) => `${it.port}/${it.protocol}`));
  if (numbers.size < ports.length) return { reason: 'spec.ports has a port twice' };
  const copied = Object.fromEntries(
    allowed.flatMap((key) => (Object.hasOwn(labels, key) ? [[key, labels[key] ?? '']] : [])),
  );
  const wrong = Object.keys(copied).find((key) => !labelValue.test(copied[key] ?? ''));
  if (wrong !== undefined) return { reason: `the label ${wrong} has a value that no label can have` };
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? undefined;
  return {
    namespace,
    name,
    type: type === 'ExternalName' ? type : clusterIP === 'None' ? 'headless' : 'ClusterIP',
    externalName: externalName ?? '',
    ports,
    unready: spec.publishNotReadyAddresses ?? false,
    ...(sessionAffinity === 'ClientIP' ? { affinity: seconds === undefined ? {} : { seconds } } : {}),
    families: spec.ipFamilies ?? [],
    labels: copied,
    annotations,
  };
}

/** A Service without ports, with the one that the config says. */
export function withPort(service: SourceService, assumed: number): SourceService {
  const it = { name: '', protocol: 'TCP', port: assumed, targetPort: assumed, appProtocol: undefined } as const;
  return { ...service, assumed, ports: [it] };
}

/** `.ports[0].port` */
export function placeOf({ issues }: z.ZodError): string {
  return (issues[0]?.path ?? []).map((it) => (typeof it === 'number' ? `[${it}]` : `.${String(it)}`)).join('');
}
