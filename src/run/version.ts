import { readFileSync } from 'node:fs';
import { packageRoot } from '../runtime/package-root.ts';

/** The version of this program, as its package says. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { version: string }).version;
}
