import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './folder.ts';

/**
 * Replaces a file, which is whole or as it was at any moment. Its folder is made where it is missing.
 *
 * @param path absolute
 * @param access `private`: what is made is for its owner only
 * @throws what writing throws
 */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array,
  access: 'default' | 'private' = 'default',
): Promise<void> {
  const [folderMode, fileMode] = access === 'private' ? [0o700, 0o600] : [0o777, 0o666];
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  await makeFolder(dirname(path), folderMode);
  try {
    await writeFile(temporary, content, { flag: 'wx', mode: fileMode });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
