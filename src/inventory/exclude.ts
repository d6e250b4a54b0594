import picomatch from 'picomatch';
import { systemNamespaces } from '../config/system-namespaces.ts';
import type { Exclusion } from '../model/inventory.ts';

/** Tells the namespaces that are left out, and why: by the config's names and globs, or by the built-in list. */
export function excluder(exclude: readonly string[]): (namespace: string) => Exclusion | undefined {
  const byConfig = matcherOf(exclude);
  const bySystem = matcherOf(systemNamespaces);
  return (namespace) => {
    if (byConfig(namespace)) return 'config';
    return bySystem(namespace) ? 'system' : undefined;
  };
}

/** One expression for all: a fleet has tens of thousands of namespaces. */
function matcherOf(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0) return () => false;
  const any = new RegExp(globs.map((glob) => picomatch.makeRe(glob).source).join('|'));
  return (name) => any.test(name);
}
