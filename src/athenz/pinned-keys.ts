import { readFile } from 'node:fs/promises';
import type { AthenzConfig } from '../config/types.ts';
import { AppError, reasonOf } from '../model/error.ts';
import type { KeySource } from './signature.ts';

/** The keys that the config pins, and no others; undefined when it pins none. */
export function pinnedKeys(files: AthenzConfig['publicKeys']): KeySource | undefined {
  if (Object.keys(files).length === 0) return undefined;
  return async (id) => {
    const file = Object.hasOwn(files, id) ? files[id] : undefined;
    if (file === undefined) {
      throw new AppError('ZMS_SIGNATURE', `the key "${id}" is not among athenz.publicKeys`, {
        next: 'if ZMS really changed its key, pin the new one',
      });
    }
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      throw new AppError('CONFIG_INVALID', `reading the public key ${file}: ${reasonOf(error)}`, {
        next: 'correct athenz.publicKeys',
        cause: error,
      });
    }
  };
}
