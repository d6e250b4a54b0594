import { isJsonMap, type JsonMap } from '../../model/yaml-write.ts';
import { textsIn } from './manifests.ts';
import { type KubernetesObject, mapAt, refText } from './object.ts';
import type { SyncProblem } from './sync.ts';

/** Where one copy goes, as far as secrets are bound to it. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
}

const ways =
  'use one of: an ExternalSecret (set spec.secret.externalSecret.storeRef and remoteKey), a SealedSecret sealed with --scope cluster-wide, or a SOPS file with mac_only_encrypted; if the value was ever pushed, rotate it';

/** Why a source may not be copied wherever it goes, if it may not. Its values are in no text. */
export function refuseSecret(source: KubernetesObject): SyncProblem | undefined {
  const { ref, body } = source;
  if (ref.group === '' && ref.kind === 'Secret') return refusePlaintext(source);
  // What a file that SOPS encrypted holds in other kinds is as safe, and as bound.
  return isJsonMap(body['sops']) ? refuseMac(source) : undefined;
}

/** The same for a Secret that no file has: it is never read from a cluster. */
export function refuseUnread(what: string): SyncProblem {
  const message = `${what} is a Secret: a copy in git would publish it, and Secrets are not read from a cluster`;
  return { code: 'COPY_SECRET_PLAINTEXT', message, next: ways };
}

/** Types that Kubernetes or Helm make for one namespace (kubernetes.io/docs/concepts/configuration/secret, helm). */
const bound = ['kubernetes.io/service-account-token', 'helm.sh/release.v1', 'bootstrap.kubernetes.io/token'];

function refusePlaintext(source: KubernetesObject): SyncProblem | undefined {
  const { body } = source;
  const { type } = body;
  if (typeof type === 'string' && bound.includes(type)) {
    const message = `${refText(source.ref)} is of type ${type}, which belongs to one namespace`;
    return { code: 'COPY_SECRET_BOUND', message, next: 'copy no Secret of this type' };
  }
  const keys = ['data', 'stringData'].flatMap((field) => plainKeys(body, field));
  if (!isJsonMap(body['sops']) || keys.length > 0) {
    const amount = `${keys.length} plaintext ${keys.length === 1 ? 'key' : 'keys'}`;
    const named = keys.length === 0 ? '' : ` (${keys.sort().join(', ')})`;
    const message = `${refText(source.ref)} in ${source.origin} holds ${amount}${named}: a copy in git would publish it in history for ever`;
    return { code: 'COPY_SECRET_PLAINTEXT', message, next: ways };
  }
  return refuseMac(source);
}

/** Keys whose values SOPS has not encrypted. A field that is no map is one. */
function plainKeys(body: JsonMap, field: string): readonly string[] {
  const value = body[field];
  if (value === undefined || value === null) return [];
  if (!isJsonMap(value)) return [field];
  return Object.keys(value).filter((key) => !isEncrypted(value[key]));
}

/** As SOPS writes a value (getsops/sops, `aes.encryptedValue`). */
function isEncrypted(value: unknown): boolean {
  return typeof value === 'string' && /^ENC\[AES256_GCM,data:[^,]*,iv:[^,]+,tag:[^,]+,type:[a-z]+\]$/.test(value);
}

/** The MAC of SOPS covers all values, those of metadata too, unless it was told otherwise (getsops/sops, `mac_only_encrypted`). */
function refuseMac({ ref, body, origin }: KubernetesObject): SyncProblem | undefined {
  const { mac, mac_only_encrypted: onlyEncrypted } = mapAt(body, 'sops');
  if (typeof mac === 'string' && onlyEncrypted === true) return undefined;
  const message = `${refText(ref)} in ${origin} is encrypted with a MAC over its namespace and name: a copy could not be decrypted`;
  return { code: 'COPY_SECRET_BOUND', message, next: 'encrypt it with sops --mac-only-encrypted' };
}

const sealed = 'sealedsecrets.bitnami.com';

/**
 * Why a source may not go to one place, if it may not: a SealedSecret is bound to its namespace and name unless it was sealed
 * otherwise (bitnami-labs/sealed-secrets, `labelFor`), and an ExternalSecret needs its store.
 *
 * @param hasStore whether a namespace has a SecretStore of this name
 */
export function refuseTarget(
  { ref, body }: KubernetesObject,
  target: Target,
  hasStore: (namespace: string, name: string) => boolean,
): SyncProblem | undefined {
  if (ref.group === 'bitnami.com' && ref.kind === 'SealedSecret') {
    const scope = textsIn(mapAt(mapAt(body, 'metadata'), 'annotations'));
    if (scope[`${sealed}/cluster-wide`] === 'true') return undefined;
    if (scope[`${sealed}/namespace-wide`] === 'true' && target.namespace === ref.namespace) return undefined;
    const message = `${refText(ref)} is sealed for its own namespace and name`;
    return {
      code: 'COPY_SECRET_BOUND',
      message,
      next: 'seal it with kubeseal --scope cluster-wide: whoever may create a SealedSecret in the cluster can then unseal it',
    };
  }
  if (ref.group === 'external-secrets.io' && ref.kind === 'ExternalSecret') {
    const missing = storesIn(body).find((name) => !hasStore(target.namespace, name));
    if (missing === undefined) return undefined;
    const message = `${refText(ref)} needs the SecretStore ${missing}, which ${target.namespace} does not have`;
    return {
      code: 'COPY_SECRET_STORE',
      message,
      next: 'use a ClusterSecretStore, or add the SecretStore to copies.sources',
    };
  }
  return undefined;
}

/** The namespaced stores that an ExternalSecret refers to (external-secrets.io, `ExternalSecretSpec`). */
function storesIn(body: JsonMap): readonly string[] {
  const spec = mapAt(body, 'spec');
  const lists = [spec['data'], spec['dataFrom']].flatMap((list) => (Array.isArray(list) ? list : []));
  const sources = lists.flatMap((item) => (isJsonMap(item) ? [mapAt(mapAt(item, 'sourceRef'), 'storeRef')] : []));
  return [mapAt(spec, 'secretStoreRef'), ...sources].flatMap(({ kind, name }) =>
    typeof name === 'string' && (kind === undefined || kind === 'SecretStore') ? [name] : [],
  );
}
