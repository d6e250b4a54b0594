import { inCluster, type ObjectRef, refText } from '../objects/object.ts';
import type { Entry } from './destinations.ts';
import type { Sources } from './sources.ts';
import { type Sync, type SyncProblem, syncKey } from './sync.ts';

/** Copies that two things ask for, or that stand in another file already. */
export interface Conflict {
  /** `objectName` of the copies. */
  readonly object: string;
  readonly namespaces: readonly string[];
  /** The first of the syncs. */
  readonly sync: Sync;
  readonly problem: SyncProblem;
}

/**
 * Finds copies that cannot be made without overwriting another one. Two destinations that ask for the same are one.
 *
 * @param entries by `objectName`
 */
export function findConflicts(
  entries: ReadonlyMap<string, readonly Entry[]>,
  sources: Pick<Sources, 'at'>,
): readonly Conflict[] {
  return [...entries].flatMap(([object, list]) => {
    const sorted = [...list].sort((a, b) => compareEntries(a, b));
    return [
      ...sorted.flatMap((first, index) => sorted.slice(index + 1).flatMap((second) => between(object, first, second))),
      ...sorted.flatMap((entry) => withSource(object, entry, sources)),
    ];
  });
}

function compareEntries(a: Entry, b: Entry): number {
  const [first, second] = [syncKey(a.sync), syncKey(b.sync)];
  return first < second ? -1 : first > second ? 1 : a.index - b.index;
}

function between(object: string, first: Entry, second: Entry): readonly Conflict[] {
  const namespaces = [...first.namespaces].filter((namespace) => second.namespaces.has(namespace)).sort();
  if (namespaces.length === 0 || isSame(first, second)) return [];
  const where = whereText(first.object, namespaces);
  const { sync } = first;
  if (sync === second.sync && first.from === second.from) {
    const both = `destinations[${first.index}] and destinations[${second.index}]`;
    const message = `${both} disagree about ${where}`;
    return [
      {
        object,
        namespaces,
        sync,
        problem: { code: 'COPY_DUPLICATE_DESTINATION', message, next: 'exclude the namespace from one of them' },
      },
    ];
  }
  const other = sync === second.sync ? `${first.from} and ${second.from}` : `ObjectSync ${syncKey(second.sync)}`;
  const message = sync === second.sync ? `${other} would both be copied to ${where}` : `${other} also targets ${where}`;
  return [
    {
      object,
      namespaces,
      sync,
      problem: { code: 'COPY_CONFLICT', message, next: 'give each a name or namespaces of its own' },
    },
  ];
}

function isSame(a: Entry, b: Entry): boolean {
  return (
    a.sync === b.sync &&
    a.from === b.from &&
    a.options.strategy === b.options.strategy &&
    a.options.adopt === b.options.adopt
  );
}

/** An object that a file of its own declares must not be one of ours too: the controllers would apply both in turn. */
function withSource(
  object: string,
  { object: ref, namespaces, sync }: Entry,
  sources: Pick<Sources, 'at'>,
): readonly Conflict[] {
  return [...namespaces].sort().flatMap((namespace): readonly Conflict[] => {
    const [declared] = sources.at({ ...ref, namespace });
    if (declared === undefined) return [];
    const { ref: other, origin } = declared;
    const where = origin === inCluster ? 'is itself a source in the cluster' : `is declared in ${origin} already`;
    const message = `${refText(other)} ${where}`;
    return [
      {
        object,
        namespaces: [namespace],
        sync,
        problem: { code: 'COPY_CONFLICT', message, next: 'remove it there, or exclude the namespace' },
      },
    ];
  });
}

/** `ConfigMap a/ca and 3 more namespaces` */
function whereText(object: Omit<ObjectRef, 'namespace'>, namespaces: readonly string[]): string {
  const [first = ''] = namespaces;
  const rest = namespaces.length - 1;
  const more = rest === 0 ? '' : ` and ${rest} more ${rest === 1 ? 'namespace' : 'namespaces'}`;
  return `${refText({ ...object, namespace: first })}${more}`;
}
