import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A compiled file with everything that it imports. */
export interface Closure {
  /** Relative to the root. */
  readonly files: ReadonlySet<string>;
  /** Names of packages. */
  readonly packages: ReadonlySet<string>;
}

/** Follows the imports of a file that tsc wrote. @param file relative to the root */
export function closureOf(root: string, file: string): Closure {
  const [files, packages, waiting] = [new Set<string>(), new Set<string>(), [file]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (files.has(next)) continue;
    files.add(next);
    const text = readFileSync(join(root, next), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)) {
      if (specifier.startsWith('.')) waiting.push(join(dirname(next), specifier));
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  }
  return { files, packages };
}
