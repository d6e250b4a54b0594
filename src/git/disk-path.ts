import { join } from 'node:path';
import { encodePath } from '../model/path.ts';

/**
 * A path of a tree as the file system takes it.
 *
 * @param root absolute path of the folder that the path is relative to
 */
export function diskPath(root: string, path: string): string | Buffer {
  return path.isWellFormed() ? join(root, path) : Buffer.concat([Buffer.from(`${root}/`), encodePath(path)]);
}
