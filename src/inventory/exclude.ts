import picomatch from 'picomatch';
import { systemNamespaces } from '../config/system-namespaces.ts';
import type { Exclusion } from '../model/inventory.ts';

/** Tells the namespaces that are left out, and why: by the config's names and globs, or by the built-in list. */
export function excluder(exclude: readonly string[]): (namespace: string) => Exclusion | undefined {
  const byConfig = picomatch([...exclude]);
  const bySystem = picomatch([...systemNamespaces]);
  return (namespace) => {
    if (exclude.length > 0 && byConfig(namespace)) return 'config';
    return bySystem(namespace) ? 'system' : undefined;
  };
}
