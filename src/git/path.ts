import { isAbsolute, relative, sep } from 'node:path';
import { isAtOrBelow } from '../model/path.ts';

/** An absolute path as git writes it, from an absolute folder: `` for the folder itself, and beginning with `..` outside of it. */
export function pathFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

/** As `pathFrom`; undefined for the folder itself, and outside of it. */
export function pathInside(folder: string, path: string): string | undefined {
  const inside = pathFrom(folder, path);
  return inside === '' || isAbsolute(inside) || isAtOrBelow('..', inside) ? undefined : inside;
}
