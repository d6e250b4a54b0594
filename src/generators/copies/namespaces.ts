import type { ClusterInventory, NamespaceEntry } from '../../model/inventory.ts';
import { selects } from './selector.ts';
import { type Destination, isAll } from './sync.ts';

/** The namespaces of a cluster, as copies see them. */
export interface Namespaces {
  /** Those of the inventory, without the excluded ones, in their order. */
  readonly all: readonly NamespaceEntry[];
  /** Whether one exists; `unknown`: the inventory is not complete, and does not have it. */
  state(name: string): 'active' | 'terminating' | 'absent' | 'unknown';
}

/** Every cluster has them (kubernetes.io/docs/concepts/overview/working-with-objects/namespaces, "Initial namespaces"). */
const initial: ReadonlySet<string> = new Set(['default', 'kube-node-lease', 'kube-public', 'kube-system']);

export function namespacesOf({ namespaces, excluded, problems }: ClusterInventory): Namespaces {
  const active = new Set([
    ...initial,
    ...namespaces.map(({ name }) => name),
    ...excluded.filter(({ by }) => by !== 'deletion').map(({ name }) => name),
  ]);
  const terminating = new Set(excluded.filter(({ by }) => by === 'deletion').map(({ name }) => name));
  return {
    all: namespaces,
    state: (name) => {
      if (terminating.has(name)) return 'terminating';
      if (active.has(name)) return 'active';
      return problems.length > 0 ? 'unknown' : 'absent';
    },
  };
}

/** The namespaces that a destination is for, of those that are there; one by its name is given as it is. */
export function namespacesFor(
  { namespace, namespaces, namespaceSelector, exclude }: Destination,
  { all }: Pick<Namespaces, 'all'>,
): readonly string[] {
  if (namespace !== undefined && !isAll(namespace)) return [namespace];
  const isMatch = (name: string) => namespaces === undefined || namespaces.some((glob) => matchesGlob(glob, name));
  const isExcluded = (name: string) => exclude.some((glob) => matchesGlob(glob, name));
  return all.flatMap(({ name, labels = {} }) => {
    const wanted = namespaceSelector === undefined || selects(namespaceSelector, { ...labels, [nameLabel]: name });
    return wanted && isMatch(name) && !isExcluded(name) ? [name] : [];
  });
}

/** Whether a name matches a glob of `*` and `?`, in time that follows the length of both. */
export function matchesGlob(glob: string, name: string): boolean {
  let [at, from] = [0, 0];
  /** Behind the last `*`, and where in the name what it stands for may end. */
  let [star, end] = [-1, 0];
  while (from < name.length) {
    if (glob[at] === '*') [star, end] = [++at, from];
    else if (at < glob.length && (glob[at] === '?' || glob[at] === name[from])) [at, from] = [at + 1, from + 1];
    else if (star === -1) return false;
    else [at, from] = [star, ++end];
  }
  return /^\**$/.test(glob.slice(at));
}

/** The API server sets it on each namespace (KEP-2161), whatever its manifest says. */
const nameLabel = 'kubernetes.io/metadata.name';

/** Whether a list of the config allows a namespace: "*", "" and an empty list mean all. */
export function allows(list: readonly string[], namespace: string): boolean {
  return list.length === 0 || list.includes('*') || list.includes('') || list.includes(namespace);
}
