import type { Namespaces } from '../objects/namespaces.ts';
import { selects } from '../objects/selector.ts';
import { type Destination, isAll } from './sync.ts';

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
