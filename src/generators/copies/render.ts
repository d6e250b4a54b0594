import { createHash } from 'node:crypto';
import { headerLine, managedByKey, managedByValue } from '../../model/manifest.ts';
import { quote } from '../../model/scalar.ts';
import { isJsonMap, type JsonMap, writeMap } from '../../model/yaml-write.ts';
import { pruneKey, ssaKey, syncOptionsKey } from '../objects/controllers.ts';
import type { Marker } from '../objects/marker.ts';
import type { KubernetesObject } from '../objects/object.ts';
import { sourceObjectKey } from '../objects/origin.ts';
import type { CopiesConfig } from './config.ts';
import { strip } from './strip.ts';
import { type Destination, type ExternalSecretSpec, type Sync, syncKey } from './sync.ts';

/** Annotations of a copy: what it is a copy of, which ObjectSync asks for it, and a digest of what it has from its source. */
export const copyKeys = {
  source: sourceObjectKey,
  sync: 'athenz-gitops.io/object-sync',
  hash: 'athenz-gitops.io/source-hash',
} as const;

/** A copy before it is known where it goes: copies in a thousand namespaces differ in one line. */
export interface CopyText {
  readonly apiVersion: string;
  /** `sha256:…` of what it has from its source. */
  readonly hash: string;
  in(namespace: string): string;
}

/** What all copies of one destination have in common. */
export interface CopyOptions extends Pick<Destination, 'strategy' | 'adopt'> {
  readonly name: string;
}

/** Writes the copies of an object. */
export function copyText(
  source: KubernetesObject,
  sync: Sync,
  options: CopyOptions,
  config: Pick<CopiesConfig, 'stripLabels' | 'keepInstanceLabel' | 'sourceAnnotation'>,
): CopyText {
  const { labels, annotations, rest } = strip(source, config);
  const { apiVersion, ref } = source;
  return write({ apiVersion, kind: ref.kind, labels, annotations, rest, from: `${ref.namespace}/${ref.name}` }, sync, {
    ...options,
    also: config.sourceAnnotation ? { 'sync.rustrial.org/source-object': `${ref.namespace}/${ref.name}` } : {},
  });
}

/** Writes ExternalSecrets in place of the copies of a Secret: each fetches the value in its cluster (external-secrets.io/v1). */
export function externalSecretText(
  { storeRef, remoteKey, type, refreshInterval }: ExternalSecretSpec,
  from: string,
  sync: Sync,
  options: CopyOptions,
): CopyText {
  const template = type === undefined ? {} : { template: { type } };
  const spec = {
    dataFrom: [{ extract: { key: remoteKey } }],
    refreshInterval,
    secretStoreRef: { kind: storeRef.kind, name: storeRef.name },
    target: { name: options.name, ...template },
  };
  const object = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', labels: {}, annotations: {}, from };
  return write({ ...object, rest: { spec } }, sync, { ...options, also: {} });
}

interface Parts {
  readonly apiVersion: string;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly rest: JsonMap;
  readonly from: string;
}

function write(
  { apiVersion, kind, labels, annotations, rest, from }: Parts,
  sync: Sync,
  { name, strategy, adopt, also }: CopyOptions & { readonly also: Readonly<Record<string, string>> },
): CopyText {
  const hash = `sha256:${createHash('sha256')
    .update(writeMap({ apiVersion, kind, metadata: { labels, annotations }, rest }))
    .digest('hex')}`;
  const metadata = {
    annotations: {
      ...withStrategy(annotations, strategy, adopt),
      ...also,
      [copyKeys.source]: from,
      [copyKeys.sync]: syncKey(sync),
      [copyKeys.hash]: hash,
    },
    labels: { ...labels, [managedByKey]: managedByValue },
  };
  const head = `${headerLine}\napiVersion: ${quote(apiVersion)}\nkind: ${quote(kind)}\nmetadata:\n  name: ${quote(name)}\n  namespace: `;
  // The MAC of SOPS is over the values in their order (getsops/sops, `Tree.Encrypt`).
  const order = isJsonMap(rest['sops']) ? 'given' : 'sorted';
  const tail = `\n${writeMap(metadata, '  ')}${writeMap(rest, '', order)}`;
  return { apiVersion, hash, in: (namespace) => `${head}${quote(namespace)}${tail}` };
}

/**
 * How the GitOps controllers apply a copy: Argo CD's `sync-options` (argo-cd, user-guide/sync-options) and Flux' `ssa` and `prune`
 * (fluxcd.io, kustomizations, "Controlling the apply behavior of resources"). An adopted object is never pruned.
 */
function withStrategy(
  annotations: Readonly<Record<string, string>>,
  strategy: Destination['strategy'],
  adopt: boolean,
): Readonly<Record<string, string>> {
  const own = [
    ...(strategy === 'apply' ? ['ServerSideApply=true'] : []),
    ...(strategy === 'replace' ? ['Replace=true'] : []),
    ...(adopt ? ['Prune=false'] : []),
  ];
  if (own.length === 0) return annotations;
  const replaced = new Set([
    ...(strategy === undefined ? [] : ['ServerSideApply', 'Replace']),
    ...(adopt ? ['Prune'] : []),
  ]);
  const others = (annotations[syncOptionsKey] ?? '')
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '' && !replaced.has(option.split('=')[0]?.trim() ?? ''));
  return {
    ...annotations,
    [syncOptionsKey]: [...others, ...own].join(','),
    ...(strategy === undefined ? {} : { [ssaKey]: strategy === 'apply' ? 'Merge' : 'Override' }),
    ...(adopt ? { [pruneKey]: 'disabled' } : {}),
  };
}

/** Keeps the folder of a cluster from becoming empty. */
export const copyMarker: Marker = { name: 'athenz-gitops-copies', inventory: 'copies' };
