import type { JsonMap } from '../../model/yaml-write.ts';
import { type KubernetesObject, mapAt, refText } from '../objects/object.ts';
import { isWithin } from '../objects/size.ts';
import type { CompileInput } from './compile-input.ts';
import { destinationsOf, type Entry } from './destinations.ts';
import { isEverywhere, refuseKind } from './kinds.ts';
import { allows } from './namespaces.ts';
import { type CopyOptions, copyText, externalSecretText } from './render.ts';
import { isSecret, refuseSecret, refuseUnread } from './secret.ts';
import { findSources, type Sources, sourceKind, sourceText } from './sources.ts';
import { type InvalidSync, type Sync, type SyncProblem, syncKey } from './sync.ts';

/** What is to become of the copies that one ObjectSync made. */
export type SyncState =
  /** Those that it does not ask for go. */
  | { readonly kind: 'ready'; readonly sources: number }
  /** All stay as they are: a person has to correct it. */
  | { readonly kind: 'held'; readonly problem: SyncProblem }
  /** All stay as they are: what they are copies of could not be read. */
  | { readonly kind: 'unknown'; readonly problem: SyncProblem }
  /** All stay as they are, as it says for a source that does not exist. */
  | { readonly kind: 'kept' };

export function heldFor(problem: SyncProblem): { readonly kind: 'held'; readonly problem: SyncProblem } {
  return { kind: 'held', problem };
}

/** What one sync comes to. */
export type CompiledSync =
  | Extract<SyncState, { kind: 'held' | 'kept' }>
  | ({ readonly kind: 'compiled'; readonly sources: number } & Destined)
  | ({ readonly kind: 'unknown'; readonly problem: SyncProblem } & Destined);

interface Destined {
  readonly entries: readonly Entry[];
  readonly blocked: readonly { readonly object: string; readonly namespace: string; readonly problem: SyncProblem }[];
}

/** Decides the copies of one sync by itself. @param skip called with what is left out on purpose */
export function compileSync(
  sync: Sync | InvalidSync,
  input: CompileInput,
  skip: (reason: string) => void,
): CompiledSync {
  if ('reason' in sync) {
    return heldFor({
      code: 'COPY_SYNC_INVALID',
      message: sync.reason,
      next: 'see docs/how-to/copies.md for its fields',
    });
  }
  const { config, defined, sources, live } = input;
  const kind = sourceKind(sync);
  const { secret, onSourceMissing, source, destinations } = sync.spec;
  if (destinations.length === 0) skip('it has no destinations');
  const copied = secret === undefined ? kind : { group: 'external-secrets.io', kind: 'ExternalSecret' };
  const refused = refuseKind(copied, defined, config);
  if (refused !== undefined) return heldFor(refused);
  if (!allows(config.sourceNamespaces, kind.namespace)) {
    const message = `namespace ${kind.namespace} is not in copies.sourceNamespaces`;
    return heldFor({ code: 'COPY_NOT_ALLOWED', message, next: 'add it to copies.sourceNamespaces' });
  }
  if (secret !== undefined && source.name !== undefined) {
    const from = `${kind.namespace}/${source.name}`;
    const text = (options: CopyOptions) => externalSecretText(secret.externalSecret, from, sync, options);
    const { storeRef } = secret.externalSecret;
    const store = storeRef.kind === 'SecretStore' ? { store: storeRef.name } : {};
    const ref = { ...copied, namespace: '', name: source.name };
    return destine(sync, [{ ref, from, text, ...store }], input, skip);
  }
  const found = findSources(sync, sources, live.get(syncKey(sync)));
  switch (found.kind) {
    case 'refused':
      return heldFor(found.problem);
    case 'unknown': {
      const { problem } = found;
      const next = problem.next ?? 'try again';
      const named = source.name === undefined ? [] : [{ ref: { ...kind, name: source.name } }];
      const unread = named.map((it) => ({ ...it, from: `${kind.namespace}/${it.ref.name}` }));
      const destined = destine(sync, unread, input, skip);
      return destined.kind === 'held' ? destined : { ...destined, kind: 'unknown', problem: { ...problem, next } };
    }
    case 'absent':
      if (isSecret(kind)) return heldFor(refuseUnread(sourceText(sync)));
      if (onSourceMissing === 'keep') skip(`${sourceText(sync)} does not exist; its copies are kept`);
      if (onSourceMissing === 'keep') return { kind: 'kept' };
      if (onSourceMissing === 'fail') return heldFor(missing(sync));
      skip(`${sourceText(sync)} does not exist${elsewhere(sync, sources)}`);
      return { kind: 'compiled', sources: 0, entries: [], blocked: [] };
    case 'value': {
      const plain = found.value.map((it) => refuseSecret(it) ?? refuseObject(it)).find((it) => it !== undefined);
      if (plain !== undefined) return heldFor(plain);
      const usable = found.value.filter(({ ref }) => {
        if (isEverywhere(ref)) skip(`${ref.name} is in each namespace already`);
        return !isEverywhere(ref);
      });
      const given = usable.map((object) => ({
        ref: object.ref,
        from: `${object.ref.namespace}/${object.ref.name}`,
        source: object,
        text: (options: CopyOptions) => copyText(object, sync, options, config),
      }));
      return destine(sync, given, input, skip);
    }
  }
}

/** A request to an API server takes no more, as etcd does (etcd, `--max-request-bytes`). */
const mostBytes = 1.5 * 1024 ** 2;

/** What no API server would take. */
function refuseObject({ ref, body, origin }: KubernetesObject): SyncProblem | undefined {
  const invalid = (message: string, next: string): SyncProblem => ({
    code: 'COPY_SOURCE_INVALID',
    message: `${refText(ref)} in ${origin} ${message}`,
    next,
  });
  if (!isWithin(body, mostBytes)) return invalid('has more than 1.5 MiB', 'make it smaller: no API server takes it');
  for (const field of ['labels', 'annotations']) {
    const [key] = Object.entries(mapAt(mapAt(body, 'metadata'), field)).find(([, it]) => typeof it !== 'string') ?? [];
    if (key !== undefined)
      return invalid(`has the ${field.slice(0, -1)} ${key} whose value is no text`, 'put it in quotes');
  }
  const text = ref.group === '' && ref.kind === 'ConfigMap' ? nonText(body) : undefined;
  if (text !== undefined) return invalid(`has ${text}, whose value is no text`, 'put it in quotes');
  return undefined;
}

/** The first entry of a ConfigMap that is no text: the API server takes no other. */
function nonText(body: JsonMap): string | undefined {
  return ['data', 'binaryData'].flatMap((field) =>
    Object.entries(mapAt(body, field)).flatMap(([key, it]) => (typeof it === 'string' ? [] : [`${field}.${key}`])),
  )[0];
}

/** Where a source by its name is instead. */
function elsewhere(sync: Sync, sources: Sources): string {
  const { name } = sync.spec.source;
  const found = name === undefined ? [] : sources.named({ ...sourceKind(sync), name });
  const [first] = found.map(({ ref, origin }) => `${refText(ref)} in ${origin}`).sort();
  return first === undefined
    ? '; add it to copies.sources, or correct spec.source'
    : `, but ${first} does: correct spec.source`;
}

function missing(sync: Sync): SyncProblem {
  return {
    code: 'COPY_SOURCE_MISSING',
    message: `${sourceText(sync)} does not exist`,
    next: 'add it to the files of copies.sources, or correct spec.source',
  };
}

function destine(
  sync: Sync,
  given: Parameters<typeof destinationsOf>[1],
  input: CompileInput,
  skip: (reason: string) => void,
): Extract<CompiledSync, { kind: 'held' | 'compiled' }> {
  const destined = destinationsOf(sync, given, input, skip);
  if ('problem' in destined) return heldFor(destined.problem);
  return { kind: 'compiled', sources: given.length, ...destined };
}
