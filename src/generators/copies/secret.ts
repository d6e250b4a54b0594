import { count } from '../../model/text.ts';
import { isJsonMap, type JsonMap } from '../../model/yaml-write.ts';
import { textsIn } from '../objects/manifests.ts';
import { type KubernetesObject, mapAt, refText } from '../objects/object.ts';
import type { SyncProblem } from './sync.ts';

/** Where one copy goes, as far as secrets are bound to it. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
}

const ways = 'use spec.secret.externalSecret, a SealedSecret of scope cluster-wide, or SOPS with --mac-only-encrypted';
const waysOut = `${ways}; rotate the value if it was ever pushed`;

/** Whether a kind is Secret, or passes for it: an API server may take what is spelt otherwise. */
export function isSecret({ group, kind }: Pick<KubernetesObject['ref'], 'group' | 'kind'>): boolean {
  return (group === '' || group === 'core') && kind.toLowerCase() === 'secret';
}

/** Why a source may not be copied wherever it goes, if it may not. Its values are in no text. */
export function refuseSecret(source: KubernetesObject): SyncProblem | undefined {
  if (isSecret(source.ref)) return refusePlaintext(source);
  // What a file that SOPS encrypted holds in other kinds is as safe, and as bound.
  return isJsonMap(source.body['sops']) ? refuseMac(source) : undefined;
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
  const keys = plainKeys(body);
  if (!isJsonMap(body['sops']) || keys.length > 0) {
    const amount = count(keys.length, 'plaintext key');
    const names = keys.flatMap(({ name, isName }) => (isName ? [name] : [])).sort();
    const named = names.length === 0 ? '' : ` (${names.join(', ')})`;
    const message = `${refText(source.ref)} in ${source.origin} holds ${amount}${named}: git would keep it in its history forever`;
    return { code: 'COPY_SECRET_PLAINTEXT', message, next: waysOut };
  }
  return refuseMac(source);
}

/** The fields of a Secret that say nothing of its value. */
const harmless: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'type', 'immutable', 'sops']);

/** What is not encrypted. `isName`: its key is the name of a value; a slip such as `{password:value}` makes one of the value itself. */
function plainKeys(body: JsonMap): readonly { readonly name: string; readonly isName: boolean }[] {
  return Object.entries(body).flatMap(([field, value]) => {
    if (harmless.has(field) || value === null) return [];
    if ((field !== 'data' && field !== 'stringData') || !isJsonMap(value)) return [{ name: field, isName: false }];
    return Object.entries(value)
      .filter(([, it]) => !isEncrypted(it))
      .map(([name, it]) => ({ name, isName: typeof it === 'string' && /^[-._a-zA-Z0-9]{1,253}$/.test(name) }));
  });
}

const base64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?';
/** As SOPS writes a value: a nonce of 32 bytes and a tag of 16 (getsops/sops, `aes.cipher`). It leaves an empty text as it is. */
const encrypted = new RegExp(
  `^ENC\\[AES256_GCM,data:${base64},iv:[A-Za-z0-9+/]{43}=,tag:[A-Za-z0-9+/]{22}==,type:(str|int|float|bool|bytes|comment)\\]$`,
);

function isEncrypted(value: unknown): boolean {
  return typeof value === 'string' && (value === '' || encrypted.test(value));
}

/** The MAC of SOPS covers all values, those of metadata too, unless it was told otherwise (getsops/sops, `mac_only_encrypted`). */
function refuseMac({ ref, body, origin }: KubernetesObject): SyncProblem | undefined {
  const { mac, mac_only_encrypted: onlyEncrypted } = mapAt(body, 'sops');
  if (typeof mac === 'string' && onlyEncrypted === true) {
    const isNumber = (field: string) => Object.keys(mapAt(body, field)).some((key) => /^(0|[1-9]\d*)$/.test(key));
    if (!isNumber('data') && !isNumber('stringData')) return undefined;
    // The MAC is over the values in their order, and keys that are numbers lose theirs here.
    const message = `${refText(ref)} in ${origin} is encrypted, and has a key that is a number`;
    return { code: 'COPY_SECRET_BOUND', message, next: 'rename the key' };
  }
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
    return missingStore(refText(ref), missing, target.namespace);
  }
  return undefined;
}

/** A SecretStore is of one namespace: an ExternalSecret in another one cannot use it. */
export function missingStore(what: string, store: string, namespace: string): SyncProblem {
  const message = `${what} needs the SecretStore ${store}, which ${namespace} does not have`;
  return {
    code: 'COPY_SECRET_STORE',
    message,
    next: 'use a ClusterSecretStore, or add the SecretStore to copies.sources',
  };
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
