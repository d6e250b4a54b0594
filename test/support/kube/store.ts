import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { manage, type Writer } from './managed-fields.ts';
import { type KubeObject, kindNamed, kinds, type Manifest } from './object.ts';
import { toStored } from './stored.ts';

/** The objects of one kind, in the order of their keys; a key has one character a byte, as etcd compares them. */
export type Shelf = readonly (readonly [key: string, object: KubeObject])[];

/** What the cluster held at one revision. */
export interface State {
  readonly revision: number;
  shelf(kind: string): Shelf;
  get(kind: string, namespace: string | undefined, name: string): KubeObject | undefined;
}

/** What became of one object. */
export interface StoreEvent {
  readonly revision: number;
  readonly kind: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

export interface Store {
  current(): State;
  /** What has happened after a revision, in order; undefined where that is forgotten. */
  since(revision: number): readonly StoreEvent[] | undefined;
  /** Tells of each change from now on. @returns ends that */
  follow(tell: (event: StoreEvent) => void): () => void;
  /** The state that a list began with, if it is still known. */
  at(revision: number): State | undefined;
  /** Keeps the current state for the pages to come. */
  keep(): void;
  /** Forgets what was kept. */
  compact(): void;
  put(manifests: readonly Manifest[], by: Writer): void;
  remove(kind: string, namespace: string | undefined, name: string): void;
  /** As after `kubectl delete namespace`, while something in it takes its time. */
  terminate(namespace: string): void;
}

type Objects = Map<string, Map<string, KubeObject>>;

/** Of what was written at the revision that was taken last. */
type Note = (kind: string, before: KubeObject | undefined, after: KubeObject | undefined) => void;

function keyOf(namespace: string | undefined, name: string): string {
  return Buffer.from(namespace === undefined ? name : `${namespace}/${name}`).toString('latin1');
}

export function createStore(): Store {
  let objects: Objects = new Map(kinds.map(({ kind }) => [kind, new Map()]));
  let state = freeze(objects, 1);
  const kept = new Map<number, State>();
  let events: StoreEvent[] = [];
  let forgotten = 0;
  const followers = new Set<(event: StoreEvent) => void>();
  const change = (write: (draft: Objects, next: () => number, note: Note) => void): void => {
    let { revision } = state;
    const draft: Objects = new Map([...objects].map(([kind, shelf]) => [kind, new Map(shelf)]));
    const noted: StoreEvent[] = [];
    const note: Note = (kind, before, after) => void noted.push({ revision, kind, before, after });
    write(draft, () => ++revision, note);
    objects = draft;
    state = freeze(draft, revision);
    events.push(...noted);
    for (const event of noted) for (const tell of followers) tell(event);
  };
  return {
    current: () => state,
    at: (revision) => kept.get(revision),
    since: (revision) => (revision < forgotten ? undefined : events.filter((it) => it.revision > revision)),
    follow(tell) {
      followers.add(tell);
      return () => void followers.delete(tell);
    },
    keep: () => void kept.set(state.revision, state),
    compact: () => {
      kept.clear();
      // Something else in the cluster changed, or the revision would be kept again.
      change((_, next) => next());
      events = [];
      forgotten = state.revision;
    },
    put: (manifests, by) =>
      change((draft, next, note) => {
        for (const manifest of manifests) putOne(draft, manifest, by, next, note);
      }),
    terminate: (namespace) =>
      change((draft, next, note) => {
        const key = keyOf(undefined, namespace);
        const found = draft.get('Namespace')?.get(key);
        if (found === undefined) throw new Error(`there is no namespace ${namespace}`);
        const metadata = {
          ...found.metadata,
          resourceVersion: String(next()),
          deletionTimestamp: found.metadata.creationTimestamp,
        };
        const terminating = { ...found, metadata, status: { phase: 'Terminating' } } as KubeObject;
        draft.get('Namespace')?.set(key, terminating);
        note('Namespace', found, terminating);
      }),
    remove: (kind, namespace, name) =>
      change((draft, next, note) => {
        const key = keyOf(namespace, name);
        const found = draft.get(kindNamed(kind).kind)?.get(key);
        if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
        draft.get(kind)?.delete(key);
        next();
        note(kind, found, undefined);
        if (kind !== 'Namespace') return;
        for (const [kind, shelf] of draft) {
          for (const [key, object] of shelf) {
            if (object.metadata.namespace !== name) continue;
            shelf.delete(key);
            next();
            note(kind, object, undefined);
          }
        }
      }),
  };
}

/** Refuses what the server would refuse, with its words. */
function putOne(draft: Objects, manifest: Manifest, by: Writer, next: () => number, note: Note): void {
  const { kind, apiVersion, namespaced } = kindNamed(manifest.kind);
  const { name, namespace } = manifest.metadata;
  if (namespaced !== (namespace !== undefined)) throw new Error(`${kind} ${name}: a namespace too many or too few`);
  if (namespace !== undefined && !draft.get('Namespace')?.has(keyOf(undefined, namespace))) {
    throw new Error(`namespaces "${namespace}" not found`);
  }
  const key = keyOf(namespace, name);
  const before = draft.get(kind)?.get(key);
  const stored = toStored(manifest);
  if (before !== undefined && !isDeepStrictEqual(before.roleRef, stored.roleRef)) {
    throw new Error(`${kind} ${name}: cannot change roleRef`);
  }
  const { metadata, ...rest } = stored;
  const managedFields = manage(manifest, stored, apiVersion, by, before);
  const now: KubeObject = {
    apiVersion,
    ...rest,
    metadata: {
      ...metadata,
      uid: before?.metadata.uid ?? randomUUID(),
      resourceVersion: before?.metadata.resourceVersion ?? '',
      creationTimestamp: before?.metadata.creationTimestamp ?? by.time,
      ...(managedFields.length === 0 ? {} : { managedFields }),
    },
  };
  if (before !== undefined && isDeepStrictEqual(contentOf(before), contentOf(now)) && by.operation === 'Update') return;
  const written = { ...now, metadata: { ...now.metadata, resourceVersion: String(next()) } };
  draft.get(kind)?.set(key, written);
  note(kind, before, written);
}

function contentOf({ metadata: { managedFields: _, ...metadata }, ...rest }: KubeObject): object {
  return { ...rest, metadata };
}

function freeze(objects: Objects, revision: number): State {
  const sorted = new Map<string, Shelf>();
  return {
    revision,
    get: (kind, namespace, name) => objects.get(kind)?.get(keyOf(namespace, name)),
    shelf(kind) {
      const shelf = sorted.get(kind) ?? [...(objects.get(kind) ?? [])].sort(([one], [other]) => (one < other ? -1 : 1));
      sorted.set(kind, shelf);
      return shelf;
    },
  };
}
