import picomatch from 'picomatch';
import { systemNamespaces } from '../config/system-namespaces.ts';

/** Tells the namespaces that are left out: by the built-in list, or by the config's names and globs. */
export function excluder(exclude: readonly string[]): (namespace: string) => boolean {
  const matches = picomatch([...systemNamespaces, ...exclude]);
  return (namespace) => matches(namespace);
}
