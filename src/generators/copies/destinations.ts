import type { Namespaces } from '../objects/namespaces.ts';
import { fileName, type KubernetesObject, type ObjectRef, objectName, refText } from '../objects/object.ts';
import type { CopiesConfig } from './config.ts';
import { isEverywhere } from './kinds.ts';
import { allows, namespacesFor } from './namespaces.ts';
import { type CopyOptions, type CopyText, copyMarker } from './render.ts';
import { missingStore, refuseTarget } from './secret.ts';
import type { Sources } from './sources.ts';
import { type Destination, isAll, type Sync, type SyncProblem } from './sync.ts';

/** The copies of one source that one destination asks for. */
export interface Entry {
  readonly sync: Sync;
  /** Of the destinations of the sync, from 0. */
  readonly index: number;
  readonly object: Omit<ObjectRef, 'namespace'>;
  /** `fileName` of it: the same in each namespace. */
  readonly file: string;
  /** `namespace/name` of the source. */
  readonly from: string;
  readonly options: CopyOptions;
  readonly namespaces: ReadonlySet<string>;
  /** Not set where the source could not be read. */
  readonly text?: CopyText;
}

/** A source as destinations see it. */
export interface Given {
  readonly ref: ObjectRef;
  readonly from: string;
  /** Not set for what is made from no object of git or a cluster. */
  readonly source?: KubernetesObject;
  /** A SecretStore that each namespace needs. */
  readonly store?: string;
  /** Not set where the source could not be read. */
  readonly text?: (options: CopyOptions) => CopyText;
}

interface Where {
  readonly cluster: string;
  readonly config: Pick<CopiesConfig, 'targetNamespaces' | 'marker'>;
  readonly namespaces: Namespaces;
  readonly sources: Pick<Sources, 'at'>;
}

interface Blocked {
  readonly object: string;
  readonly namespace: string;
  readonly problem: SyncProblem;
}

/**
 * Where the copies of a sync go.
 *
 * @returns what is asked for, and single copies that cannot be; or why the whole sync cannot be carried out
 */
export function destinationsOf(
  sync: Sync,
  given: readonly Given[],
  where: Where,
  skip: (reason: string) => void,
): { readonly entries: readonly Entry[]; readonly blocked: readonly Blocked[] } | { readonly problem: SyncProblem } {
  const entries: Entry[] = [];
  const blocked: Blocked[] = [];
  for (const [index, destination] of sync.spec.destinations.entries()) {
    const targets = targetsOf(destination, where, skip);
    if ('problem' in targets) return targets;
    if (targets.namespaces.length === 0 && !targets.isExplicit) skip(`destinations[${index}] matches no namespace`);
    for (const it of given) {
      const { ref, from, source, text } = it;
      const { strategy, adopt } = destination;
      const name = destination.name ?? ref.name;
      const options = { name, adopt, ...(strategy === undefined ? {} : { strategy }) };
      const object = { group: ref.group, kind: ref.kind, name };
      const namespaces = new Set<string>();
      for (const namespace of targets.namespaces) {
        if (source !== undefined && namespace === ref.namespace && name === ref.name) {
          if (targets.isExplicit) skip(`${namespace}/${name} is the source itself`);
          continue;
        }
        const problem = refuseCopy(it, { namespace, name }, where);
        // It is asked for, though it cannot be: a status counts it, and nothing else may be there.
        namespaces.add(namespace);
        if (problem !== undefined) blocked.push({ object: objectName(object), namespace, problem });
      }
      entries.push({
        sync,
        index,
        object,
        file: fileName(object),
        from,
        options,
        namespaces,
        ...(text === undefined ? {} : { text: text(options) }),
      });
    }
  }
  return { entries, blocked };
}

/** Why there can be no such copy in one place, if there can not. */
function refuseCopy(
  { ref: { group, kind }, source, store }: Given,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { config: { marker }, sources }: Where,
): SyncProblem | undefined {
  const copy = { group, kind, namespace, name };
  const hasStore = (at: string, of: string) =>
    sources.at({ group: 'external-secrets.io', kind: 'SecretStore', namespace: at, name: of }).length > 0;
  if (isEverywhere(copy)) {
    const message = `${refText(copy)} is in each namespace already`;
    return { code: 'COPY_NOT_ALLOWED', message, next: 'give the copy another name' };
  }
  if (group === '' && kind === 'ConfigMap' && name === copyMarker.name && namespace === marker?.namespace) {
    const message = `${refText(copy)} is the object that keeps the folder of copies`;
    return { code: 'COPY_NOT_ALLOWED', message, next: 'give the copy another name' };
  }
  if (store !== undefined && !hasStore(namespace, store)) return missingStore('the ExternalSecret', store, namespace);
  return source === undefined ? undefined : refuseTarget(source, { namespace, name }, hasStore);
}

/** The namespaces of one destination that exist and may be copied to. */
function targetsOf(
  destination: Destination,
  { cluster, config: { targetNamespaces }, namespaces }: Where,
  skip: (reason: string) => void,
): { readonly namespaces: readonly string[]; readonly isExplicit: boolean } | { readonly problem: SyncProblem } {
  const { namespace } = destination;
  if (namespace === undefined || isAll(namespace)) {
    const all = namespacesFor(destination, namespaces);
    const allowed = all.filter((it) => allows(targetNamespaces, it));
    return { namespaces: allowed, isExplicit: false };
  }
  if (!allows(targetNamespaces, namespace)) {
    const message = `namespace ${namespace} is not in copies.targetNamespaces`;
    return { problem: { code: 'COPY_NOT_ALLOWED', message, next: 'add it to copies.targetNamespaces' } };
  }
  switch (namespaces.state(namespace)) {
    case 'active':
      return { namespaces: [namespace], isExplicit: true };
    case 'terminating':
      skip(`namespace ${namespace} is being deleted`);
      return { namespaces: [], isExplicit: true };
    // Nothing of an incomplete inventory is removed: a copy that is there stays.
    case 'unknown':
      return { namespaces: [], isExplicit: true };
    case 'absent': {
      const message = `namespace ${namespace} is not in the inventory of ${cluster}`;
      return {
        problem: {
          code: 'COPY_NAMESPACE_UNKNOWN',
          message,
          next: 'correct it, or add the namespace to clusters[].namespaces',
        },
      };
    }
  }
}
