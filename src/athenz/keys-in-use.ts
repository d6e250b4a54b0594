import { createHash } from 'node:crypto';
import { AppError } from '../model/error.ts';
import { type KeySource, keyIdIn } from './signature.ts';

/** The keys that sign what a run reads, cached documents too. */
export interface KeysInUse {
  /** Of what was read so far. */
  readonly ids: ReadonlySet<string>;
  /**
   * What tells a key from another one of its id; of a pinned one nothing, as the codes of all that is kept depend on the pins.
   * Otherwise a request the first time an id is asked about.
   *
   * @throws AppError where it cannot be read; that ZMS has none is no error
   */
  printOf(id: string): Promise<string>;
}

/**
 * @param signingKeys ids of keys that signatures were checked with
 * @param headers protected headers of cached documents
 * @param keyOf reads a key from ZMS; not set where keys are pinned
 */
export function keysInUse({
  signingKeys,
  headers,
  keyOf,
}: {
  readonly signingKeys: ReadonlySet<string>;
  readonly headers: ReadonlySet<string>;
  readonly keyOf?: KeySource;
}): KeysInUse {
  return {
    get ids() {
      return new Set([...signingKeys, ...[...headers].flatMap((header) => keyIdIn(header) ?? [])]);
    },
    async printOf(id) {
      if (keyOf === undefined) return 'pinned';
      try {
        return createHash('sha256')
          .update(await keyOf(id))
          .digest('base64url');
      } catch (error) {
        if (error instanceof AppError && error.code === 'ZMS_SIGNATURE') return 'none';
        throw error;
      }
    },
  };
}

/** A key source that asks for each key once. */
export function once(keyOf: KeySource): KeySource {
  const known = new Map<string, Promise<string>>();
  return (id) => {
    const found = known.get(id) ?? keyOf(id);
    known.set(id, found);
    return found;
  };
}
