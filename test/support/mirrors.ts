import type { ClusterReader } from '../../src/core/generator.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { MirrorChange } from '../../src/generators/mirror/change.ts';
import { type MirrorsConfig, mirrorsSchema } from '../../src/generators/mirror/config.ts';
import { mirrors } from '../../src/generators/mirror/generator.ts';
import { parseSelector, selects } from '../../src/generators/objects/selector.ts';
import { AppError, type ErrorCode } from '../../src/model/error.ts';
import type { ObjectQuery } from '../../src/model/object-query.ts';
import { planOne, type Texts } from './plan-one.ts';

/** An object as an API server has it. */
export interface LiveObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** What Services are mirrored from: a cluster `eu1`, into a cluster `prod`. */
export interface MirrorsWorld {
  /** Of the repository: what is rendered already, and sources. */
  readonly files?: Texts;
  /** Of `eu1`. */
  readonly live?: readonly LiveObject[];
  /** Of `prod`. */
  readonly there?: readonly LiveObject[];
  /** What cannot be read, by cluster and kind; a code in its place: how. */
  readonly fails?: (cluster: string, query: ObjectQuery) => ErrorCode | undefined;
  /** One rule, besides its source and destination. */
  readonly rule?: object;
  /** In place of that one. */
  readonly rules?: readonly object[];
  /** Below `mirrors`. */
  readonly config?: object;
  /** Of `prod`. */
  readonly namespaces?: readonly string[];
  readonly terminating?: readonly string[];
  /** The inventory of `prod` is incomplete. */
  readonly incomplete?: boolean;
  readonly clusters?: readonly string[];
  /** In place of both clusters. */
  readonly list?: ClusterReader['list'];
  readonly shuffle?: <T>(list: readonly T[]) => readonly T[];
}

export interface PlannedMirrors {
  readonly plan: Plan<MirrorChange>;
  /** The repository once it is merged. */
  readonly merged: Texts;
  /** Paths of mirrored objects in it, below `mirrors/`, without the markers. */
  readonly paths: readonly string[];
  readonly codes: readonly string[];
  /** What is held or kept, and what is left out. */
  readonly messages: readonly string[];
}

const fromEu1 = {
  source: { cluster: 'eu1', namespaces: ['default'] },
  destination: { cluster: 'prod' },
};

export async function planMirrors(world: MirrorsWorld): Promise<PlannedMirrors> {
  const { files = {}, clusters = ['eu1', 'prod'], shuffle = (list) => list } = world;
  const services = world.rules ?? [{ ...fromEu1, ...world.rule }];
  const config: MirrorsConfig = mirrorsSchema.parse({ services, ...world.config });
  const objects: Readonly<Record<string, readonly LiveObject[]>> = {
    eu1: world.live ?? [],
    prod: world.there ?? [],
  };
  const readerOf = (cluster: string): ClusterReader => ({
    list: async (query) => {
      const code = world.fails?.(cluster, query);
      if (code !== undefined) throw new AppError(code, `listing ${query.kind}s of ${cluster}`);
      if (world.list !== undefined) return world.list(query);
      return shuffle(objects[cluster] ?? []).filter((it) => isAsked(it, query));
    },
    requests: 0,
    close: async () => {},
  });
  const { namespaces = ['default', 'team'], terminating = [] } = world;
  const inventory = clusters.map((cluster) => ({
    cluster,
    namespaces: cluster === 'prod' ? namespaces.map((name) => ({ name, source: 'n.yaml' })) : [],
    excluded: terminating.map((name) => ({ name, by: 'deletion' as const })),
    problems:
      world.incomplete && cluster === 'prod'
        ? [{ code: 'INVENTORY_UNREADABLE' as const, message: 'reading n.yaml' }]
        : [],
  }));
  const openCluster = async (cluster: string) => readerOf(cluster);
  const { plan, merged } = await planOne(mirrors, { config, files, clusters, inventory, openCluster, shuffle });
  const problems = [...plan.held, ...plan.kept.map(({ problem }) => problem)];
  const skipped = (plan.notes['skipped'] ?? []) as unknown as readonly { readonly reason: string }[];
  return {
    plan,
    merged,
    paths: Object.keys(merged)
      .filter((path) => path.startsWith('mirrors/') && !path.endsWith('/athenz-gitops-mirrors.yaml'))
      .map((path) => path.replace(/^mirrors\/|\.yaml$/g, ''))
      .sort(),
    codes: problems.map(({ code }) => code),
    messages: [...problems.map(({ message }) => message), ...skipped.map(({ reason }) => reason)],
  };
}

function isAsked({ kind, metadata }: LiveObject, query: ObjectQuery): boolean {
  if (kind !== query.kind || metadata.namespace !== query.namespace) return false;
  if (query.name !== undefined && query.name !== metadata.name) return false;
  return query.labelSelector === undefined || selects(parseSelector(query.labelSelector), metadata.labels ?? {});
}

const http = { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 };

/** A Service with the label that is mirrored. */
export function service(
  name: string,
  spec: object = {},
  { namespace = 'default', labels = { sync: 'true' }, annotations = {} }: Partial<LiveObject['metadata']> = {},
): LiveObject {
  const metadata = { name, namespace, labels, annotations };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { type: 'ClusterIP', clusterIP: '10.96.0.7', selector: { app: name }, ports: [http], ...spec },
  };
}

/** A slice of a Service; addresses may come as whole endpoints. */
export function slice(
  of: string,
  endpoints: readonly (string | object)[],
  more: { readonly name?: string; readonly namespace?: string } & Readonly<Record<string, unknown>> = {},
): LiveObject {
  const { name = `${of}-x1`, namespace = 'default', ...rest } = more;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: endpoints.map((it) =>
      typeof it === 'string' ? { addresses: [it], conditions: { ready: true, serving: true, terminating: false } } : it,
    ),
    ...rest,
  };
}

/** Addresses `10.0.0.1` and on. */
export function addresses(amount: number, from = 1): readonly string[] {
  return Array.from({ length: amount }, (_, index) => {
    const number = from + index;
    return `10.0.${number >> 8}.${number & 255}`;
  });
}
