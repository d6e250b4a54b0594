import { isAbsolute, relative, sep } from 'node:path';

/** An absolute path as git names it, from the root of the repository; undefined for the root itself and all that is outside. */
export function inside(root: string, path: string): string | undefined {
  const below = relative(root, path).split(sep).join('/');
  return below === '' || below === '..' || below.startsWith('../') || isAbsolute(below) ? undefined : below;
}
