import { type DomainStamp, domainOf } from '../model/domain.ts';
import { compareText } from '../model/text.ts';
import type { Lookalike, ProposedConfig } from './result.ts';

/**
 * Domains whose members the operators gave access here besides those of the namespace's own domain: they ask Athenz for all
 * names that begin with the parent's, whatever comes behind it, and look at the last part only. Whoever owns one of them
 * has let people in.
 */
export function findLookalikes(
  { domain, namespaces }: Pick<ProposedConfig, 'domain' | 'namespaces'>,
  list: readonly DomainStamp[],
): readonly Lookalike[] {
  // Of any other form they are not the operators'.
  if (!domain.endsWith('.{namespace}')) return [];
  const parent = domain.slice(0, -'.{namespace}'.length);
  const known = new Set(namespaces);
  return list
    .flatMap(({ name }): Lookalike[] => {
      const namespace = name.slice(name.lastIndexOf('.') + 1);
      const expected = domainOf({ domain }, namespace);
      return name.startsWith(parent) && known.has(namespace) && name !== expected
        ? [{ domain: name, namespace, expected }]
        : [];
    })
    .sort((a, b) => compareText(a.domain, b.domain));
}
