import { createPublicKey } from 'node:crypto';
import type { AthenzConfig } from '../config/types.ts';
import { AppError, reasonOf } from '../model/error.ts';
import { readText } from '../runtime/file.ts';
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
    return readPublicKey(file);
  };
}

/**
 * Reads every pinned key, so that a wrong file is an error of the config before it is one of each document.
 *
 * @throws AppError `CONFIG_INVALID`
 */
export async function checkPinnedKeys(files: AthenzConfig['publicKeys']): Promise<void> {
  await Promise.all(Object.values(files).map(readPublicKey));
}

async function readPublicKey(file: string): Promise<string> {
  try {
    const pem = await readText(file);
    // Node would take a private key or a certificate too, and derive the public key.
    if (!pem.includes('-----BEGIN PUBLIC KEY-----')) throw new Error('it has no -----BEGIN PUBLIC KEY----- line');
    if (!isPublicKey(pem)) throw new Error('it contains no valid public key');
    return pem;
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `reading the public key ${file}: ${reasonOf(error)}`, {
      next: 'set athenz.publicKeys to PEM files of the public keys of ZMS',
      cause: error,
    });
  }
}

function isPublicKey(pem: string): boolean {
  try {
    createPublicKey(pem);
    return true;
  } catch {
    return false;
  }
}
