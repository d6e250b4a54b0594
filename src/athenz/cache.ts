import { createHmac, hash } from 'node:crypto';
import type { DomainDocument, Stamps } from '../model/domain.ts';
import {
  type CacheEntry,
  listShards,
  readShard,
  readStamps,
  type Shard,
  sweepFolder,
  writeShard,
} from './cache-file.ts';
import { sameCode } from './code.ts';
import type { Verifier } from './signature.ts';
import type { SignedDocument } from './wire.ts';

/**
 * Signed domain documents of earlier runs. Untrusted: an entry counts only when it proves itself and is exactly what this
 * run's list names, so that losing, forging or rolling back the cache changes no output.
 */
export interface DocumentCache<D extends DomainDocument = DomainDocument> {
  /** The document of this name and stamp, or undefined. Never throws: what is wrong with an entry makes it no entry. */
  find(name: string, modified: string): Promise<D | undefined>;
  /** Whether there is an entry of this name and stamp, which has not proven itself yet. */
  has(name: string, modified: string): Promise<boolean>;
  /** Remembers a document whose signature has just been verified, until it is saved. */
  keep(document: DomainDocument, signed: SignedDocument): void;
  /** Says what the server has, before anything is read: entries of other stamps are dropped when their file is written. */
  expect(stamps: Stamps): void;
  /** Writes what is new so far, and lets go of it. Safe beside another run. @throws as `save` does */
  flush(): Promise<void>;
  /**
   * Writes what is new, and drops documents that are no longer in the list. Safe beside another run.
   *
   * @throws what writing files throws; the run does not depend on it
   */
  save(): Promise<void>;
}

export interface CacheOptions<D extends DomainDocument> {
  /** Of this ZMS' documents alone. */
  readonly folder: string;
  /** Asked for once, when the first entry is read or written. */
  readonly macKey: () => Promise<Buffer>;
  /** Checks the signature where the code does not hold, as when the client's key is a new one. */
  readonly verify: Verifier;
  /** Reads the payload of a verified document. */
  readonly parse: (payload: string, name: string) => D;
  /** Called with the protected header of each document that is found. */
  readonly used?: (header: string) => void;
}

type IsCurrent = (name: string, modified: string) => boolean;

/** Where nothing is to be kept. */
export const noCache: DocumentCache<never> = {
  find: async () => undefined,
  has: async () => false,
  keep() {},
  expect() {},
  flush: async () => {},
  save: async () => {},
};

/** Files whose entries are kept: documents are asked for a file at a time, and those that many point at now and then. */
const mostShards = 3;

/** Opens a cache; a file is read when a document of it is asked for. */
export function openCache<D extends DomainDocument>({
  folder,
  macKey,
  verify,
  parse,
  used,
}: CacheOptions<D>): DocumentCache<D> {
  const shards = new Map<string, Promise<Shard>>();
  /** Files that were read, and whether all that is in them is current. */
  const whole = new Map<string, boolean>();
  let isCurrent: IsCurrent = () => true;
  const added = new Map<string, Omit<CacheEntry, 'mac'>>();
  let key: Promise<Buffer> | undefined;
  const macOf = async ({ payload, protected: header, signature }: SignedDocument) => {
    key ??= macKey();
    return createHmac('sha256', await key)
      .update(`${header}\0${signature}\0${payload}`)
      .digest('base64url');
  };
  const shardAt = (name: string) => {
    const shard = shardOf(name);
    const known = shards.get(shard);
    if (known !== undefined) return known;
    const loading = load(shard);
    shards.set(shard, loading);
    for (const oldest of shards.keys()) {
      if (shards.size <= mostShards) break;
      shards.delete(oldest);
    }
    return loading;
  };
  const load = async (shard: string) => {
    const read = readShard(folder, shard);
    whole.set(shard, isWhole(read.stamps));
    return read;
  };
  const isWhole = (stamps: Iterable<readonly [name: string, modified: string]>) => {
    for (const [name, modified] of stamps) if (!isCurrent(name, modified)) return false;
    return true;
  };

  /** Writes files with what is new in them, and without what is no longer current. */
  async function write(changed: ReadonlySet<string>): Promise<void> {
    const writing = [...added];
    const fresh = Map.groupBy(
      writing.map(([, entry]) => entry),
      ({ name }) => shardOf(name),
    );
    for (const shard of [...changed].sort()) {
      // Read again: another run may have written it meanwhile, and each entry stands for itself.
      const { stamps, entry } = readShard(folder, shard);
      const kept = new Map<string, CacheEntry>();
      for (const [name, modified] of stamps) {
        const found = isCurrent(name, modified) ? entry(name) : undefined;
        if (found !== undefined) kept.set(name, found);
      }
      for (const it of fresh.get(shard) ?? []) kept.set(it.name, { ...it, mac: await macOf(it.signed) });
      await writeShard(folder, shard, [...kept.values()]);
      shards.delete(shard);
      whole.set(shard, true);
    }
    // What came meanwhile is not written yet.
    for (const [name, entry] of writing) if (added.get(name) === entry) added.delete(name);
  }

  function freshShards(): Set<string> {
    return new Set([...added.keys()].map(shardOf));
  }

  /** The payload of an entry that proves itself. @throws AppError when it does not */
  async function prove({ mac, name, modified, signed }: CacheEntry): Promise<string> {
    if (sameCode(mac, await macOf(signed))) return payloadOf(signed);
    const payload = await verify(signed, name);
    added.set(name, { name, modified, signed });
    return payload;
  }

  return {
    async has(name, modified) {
      return (added.get(name)?.modified ?? (await shardAt(name)).stamps.get(name)) === modified;
    },
    async find(name, modified) {
      const fresh = added.get(name);
      if (fresh?.modified === modified) return parse(payloadOf(fresh.signed), name);
      const shard = await shardAt(name);
      const entry = shard.stamps.get(name) === modified ? shard.entry(name) : undefined;
      if (entry === undefined) return undefined;
      try {
        const document = parse(await prove(entry), name);
        if (document.modified !== modified) return undefined;
        used?.(entry.signed.protected);
        return document;
      } catch {
        return undefined;
      }
    },
    keep({ name, modified }, signed) {
      // What is not plain base64url, or no Unicode, could not be written as a line and read back.
      if (name.isWellFormed() && /^[\w-]*$/.test(signed.payload)) added.set(name, { name, modified, signed });
    },
    expect(stamps) {
      isCurrent = (name, modified) => stamps.get(name) === modified;
    },
    flush: () => write(freshShards()),
    async save() {
      const changed = freshShards();
      // Those that nobody asked for as well: a domain that is gone is asked for by nobody.
      for (const shard of await listShards(folder)) {
        if (!(whole.get(shard) ?? isWhole(readStamps(folder, shard)))) changed.add(shard);
      }
      await write(changed);
      await sweepFolder(folder);
      shards.clear();
      whole.clear();
    },
  };
}

/** One of 256 files: what is written follows what changed, and no folder holds tens of thousands of files. */
export function shardOf(name: string): string {
  return hash('sha256', name).slice(0, 2);
}

function payloadOf({ payload }: SignedDocument): string {
  return Buffer.from(payload, 'base64url').toString('utf8');
}
