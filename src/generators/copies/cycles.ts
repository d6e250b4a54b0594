import { compareText } from '../../model/text.ts';
import type { Namespaces } from '../objects/namespaces.ts';
import { type ObjectRef, refKey, refText } from '../objects/object.ts';
import type { CopiesConfig } from './config.ts';
import { allows, namespacesFor } from './namespaces.ts';
import { sourceKind } from './sources.ts';
import { type Sync, syncKey } from './sync.ts';

/** A sync that copies in a circle. */
export interface Cyclic {
  readonly sync: Sync;
  /** `ConfigMap a/x → ConfigMap b/x → ConfigMap a/x` */
  readonly path: string;
}

/** A sync of one named source, as an edge of the graph of objects. */
interface Node {
  readonly sync: Sync;
  readonly ref: ObjectRef;
  /** Sources of other syncs that it copies to, as nodes. */
  readonly next: Node[];
}

/**
 * Finds syncs of which one copies to the source of another, round to the first. A selector names no source: no copy takes the
 * place of what it selects, see `findConflicts`.
 */
export function findCycle(
  syncs: readonly Sync[],
  namespaces: Pick<Namespaces, 'all'>,
  { watchNamespaces, targetNamespaces }: Pick<CopiesConfig, 'watchNamespaces' | 'targetNamespaces'>,
): readonly Cyclic[] {
  const nodes = syncs
    .filter(({ namespace }) => allows(watchNamespaces, namespace))
    .sort((a, b) => compareText(syncKey(a), syncKey(b)))
    .flatMap((sync): readonly Node[] => {
      const { name } = sync.spec.source;
      return name === undefined ? [] : [{ sync, ref: { ...sourceKind(sync), name }, next: [] }];
    });
  const byRef = Map.groupBy(nodes, ({ ref }) => refKey(ref));
  for (const node of nodes) {
    for (const destination of node.sync.spec.destinations) {
      for (const namespace of namespacesFor(destination, namespaces)) {
        if (!allows(targetNamespaces, namespace)) continue;
        const target = { ...node.ref, namespace, name: destination.name ?? node.ref.name };
        const isSelf = refKey(target) === refKey(node.ref);
        if (!isSelf) node.next.push(...(byRef.get(refKey(target)) ?? []));
      }
    }
  }
  return nodes.flatMap((node) => {
    const path = wayBack(node);
    return path === undefined ? [] : [{ sync: node.sync, path: path.map(({ ref }) => refText(ref)).join(' → ') }];
  });
}

/** The shortest way from a node to itself. */
function wayBack(start: Node): readonly Node[] | undefined {
  const cameFrom = new Map<Node, Node>();
  const queue: Node[] = [start];
  for (const node of queue) {
    for (const next of node.next) {
      if (next === start) return [...wayTo(node, cameFrom), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(node: Node, cameFrom: ReadonlyMap<Node, Node>): readonly Node[] {
  const way = [node];
  for (let at = cameFrom.get(node); at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}
