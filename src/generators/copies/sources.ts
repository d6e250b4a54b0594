import type { Outcome } from '../../model/outcome.ts';
import { compareText } from '../../model/text.ts';
import { type KubernetesObject, kindText, type ObjectRef, refKey, refText } from '../objects/object.ts';
import { selects } from '../objects/selector.ts';
import type { Sync, SyncProblem } from './sync.ts';

/** A file that could not be read: what it may hold is not known. */
export interface Unreadable {
  readonly file: string;
  readonly reason: string;
}

/** The objects of the files of one cluster. */
export interface Sources {
  /** All that have this reference: more than one is a mistake. */
  at(ref: ObjectRef): readonly KubernetesObject[];
  /** All with this kind and name, in any namespace. */
  named(ref: ObjectRef): readonly KubernetesObject[];
  /** All of a kind in a namespace. */
  of(kind: Omit<ObjectRef, 'name'>): readonly KubernetesObject[];
  readonly unreadable: readonly Unreadable[];
}

export function indexSources(objects: readonly KubernetesObject[], unreadable: readonly Unreadable[]): Sources {
  const byRef = Map.groupBy(objects, ({ ref }) => refKey(ref));
  const byKind = Map.groupBy(objects, ({ ref }) => refKey({ ...ref, name: '' }));
  return {
    at: (ref) => byRef.get(refKey(ref)) ?? [],
    named: (ref) =>
      objects.filter(
        (it) => it.ref.name === ref.name && refKey({ ...it.ref, namespace: '' }) === refKey({ ...ref, namespace: '' }),
      ),
    of: (kind) => byKind.get(refKey({ ...kind, name: '' })) ?? [],
    unreadable,
  };
}

/** What a sync reads from. */
export function sourceKind({ namespace, spec: { source } }: Sync): Omit<ObjectRef, 'name'> {
  return { group: source.group, kind: source.kind, namespace: source.namespace ?? namespace };
}

/** `ConfigMap default/ca`, or `ConfigMap in default with the labels of the selector`. */
export function sourceText(sync: Sync): string {
  const kind = sourceKind(sync);
  const { name } = sync.spec.source;
  return name === undefined
    ? `${kindText(kind)} in ${kind.namespace} with the labels of the selector`
    : refText({ ...kind, name });
}

/** What became of reading the sources of a sync: at least one, none, or not known. `refused`: it cannot be told which one is meant. */
export type FoundSources =
  | Outcome<readonly KubernetesObject[]>
  | { readonly kind: 'refused'; readonly problem: SyncProblem };

/**
 * Finds the sources of a sync: those in files, and those of the cluster that no file has.
 *
 * @param live what the cluster has, where the kind is read from it
 */
export function findSources(
  sync: Sync,
  sources: Sources,
  live: Outcome<readonly KubernetesObject[]> | undefined,
): FoundSources {
  const inFiles = inFilesOf(sync, sources);
  const twice = inFiles.find(([, ...others]) => others.length > 0);
  if (twice !== undefined) return { kind: 'refused', problem: ambiguous(twice) };
  const found = inFiles.flat();
  const other = found.length === 0 ? otherVersion(sync, sources) : undefined;
  if (other !== undefined) return { kind: 'refused', problem: other };
  const isNamed = sync.spec.source.name !== undefined;
  if (isNamed && found.length > 0) return { kind: 'value', value: found };
  // What a file that cannot be read holds may be one of them.
  const [hidden] = sources.unreadable;
  if (hidden !== undefined) return { kind: 'unknown', problem: unreadable(sync, hidden) };
  if (live?.kind === 'unknown') return live;
  // A file says what an object is to be, also where the cluster still has it with other labels.
  const others = live?.kind === 'value' ? live.value.filter(({ ref }) => sources.at(ref).length === 0) : [];
  const all = [...found, ...others];
  return all.length === 0 ? { kind: 'absent' } : { kind: 'value', value: all };
}

/** By name, each with all that have it. */
function inFilesOf(sync: Sync, sources: Sources): readonly (readonly KubernetesObject[])[] {
  const kind = sourceKind(sync);
  const { name, selector, version } = sync.spec.source;
  const ofVersion = (list: readonly KubernetesObject[]) =>
    version === undefined ? list : list.filter(({ apiVersion }) => apiVersion.split('/').at(-1) === version);
  if (name !== undefined) {
    const found = ofVersion(sources.at({ ...kind, name }));
    return found.length === 0 ? [] : [found];
  }
  const all = ofVersion(sources.of(kind)).filter(({ labels }) => selector !== undefined && selects(selector, labels));
  return [...Map.groupBy(all, ({ ref }) => ref.name)].sort(([a], [b]) => compareText(a, b)).map(([, list]) => list);
}

/** A source that files have in another version than the one that is asked for. */
function otherVersion(sync: Sync, sources: Sources): SyncProblem | undefined {
  const { name, selector, version } = sync.spec.source;
  if (version === undefined) return undefined;
  const kind = sourceKind(sync);
  const [found] =
    name === undefined
      ? sources.of(kind).filter(({ labels }) => selector !== undefined && selects(selector, labels))
      : sources.at({ ...kind, name });
  if (found === undefined) return undefined;
  const message = `${refText(found.ref)} in ${found.origin} is of ${found.apiVersion}, not ${version}`;
  return { code: 'COPY_SOURCE_MISSING', message, next: 'correct spec.source.version, or leave it out' };
}

function ambiguous(found: readonly KubernetesObject[]): SyncProblem {
  const [first] = found;
  const files = [...new Set(found.map(({ origin }) => origin))].sort();
  const where = files.length === 1 ? `twice in ${files[0]}` : `in ${files.join(' and ')}`;
  const message = `${first === undefined ? 'the source' : refText(first.ref)} is ${where}`;
  return { code: 'COPY_SOURCE_AMBIGUOUS', message, next: 'keep one of them' };
}

function unreadable(sync: Sync, { file, reason }: Unreadable): SyncProblem {
  const message = `reading ${sourceText(sync)}: no file has it, and ${file} cannot be read: ${reason}`;
  return { code: 'COPY_SOURCE_UNREADABLE', message, next: `correct ${file}, or exclude it in copies.sources` };
}
