import { closeSync, lstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWholeFile } from '../runtime/whole-file.ts';
import type { SignedDocument } from './wire.ts';

/*
 * A shard is text. Its head has a line with name, stamp and length for each entry; the entries follow, each a line with code,
 * protected header and signature, then a line with the payload. So that which documents there are is known from a few kB. What
 * does not read is ignored, as every entry has to prove itself anyway.
 */

const format = 'athenz-gitops cache 2';

/** Bytes in which heads end, of a small fleet and of a large one. */
const headSizes = [8192, 262_144];

/** One entry: the signed parts as they came, and a code that only a holder of the client's key can have made. */
export interface CacheEntry {
  readonly name: string;
  readonly modified: string;
  readonly signed: SignedDocument;
  /** HMAC-SHA256, base64url. */
  readonly mac: string;
}

/** A shard as it is on disk. */
export interface Shard {
  /** Name → stamp of every entry. */
  readonly stamps: ReadonlyMap<string, string>;
  /** Undefined for one that does not read. */
  entry(name: string): CacheEntry | undefined;
}

type Stamp = readonly [name: string, modified: string];

/** Where an entry is, in bytes. */
interface Place {
  readonly name: string;
  readonly modified: string;
  readonly from: number;
  readonly to: number;
}

/** Reads a shard; empty when there is no such file, or it is none of ours. */
export function readShard(folder: string, shard: string): Shard {
  const content = readBytes(join(folder, shard)) ?? Buffer.alloc(0);
  const places = parseHead(content) ?? [];
  const byName = new Map(places.map((place) => [place.name, place]));
  return {
    stamps: new Map(places.map(stampOf)),
    entry(name) {
      const place = byName.get(name);
      if (place === undefined || place.to > content.length) return undefined;
      return parseEntry(name, place.modified, content.toString('latin1', place.from, place.to));
    },
  };
}

/** Name and stamp of every entry of a shard, from its head alone. */
export function readStamps(folder: string, shard: string): Iterable<Stamp> {
  for (const size of headSizes) {
    const places = parseHead(readBytes(join(folder, shard), size) ?? Buffer.alloc(0));
    if (places !== undefined) return places.map(stampOf);
  }
  return readShard(folder, shard).stamps;
}

/** Writes a shard whole, for its owner only; without entries it goes. */
export async function writeShard(folder: string, shard: string, entries: readonly CacheEntry[]): Promise<void> {
  const file = join(folder, shard);
  if (entries.length === 0) {
    await rm(file, { force: true });
    return;
  }
  const blocks = entries.map(
    ({ mac, signed }) => `${lineOf([mac, signed.protected, signed.signature])}${signed.payload}\n`,
  );
  const head = entries.map(({ name, modified }, at) => lineOf([name, modified, `${blocks[at]?.length ?? 0}`]));
  const content = Buffer.from(`${format}\n${head.join('')}\n${blocks.join('')}`, 'latin1');
  await writeWholeFile(file, content, 'private');
}

/** Names of the shards there are. */
export async function listShards(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{2}$/.test(name));
}

/** Removes what killed runs left half-written; no run writes for longer than an hour. */
export async function sweepFolder(folder: string): Promise<void> {
  await removeOld(folder, (name) => name.endsWith('.tmp'), 3_600_000);
}

/** Removes files that were written longer ago than an age in milliseconds. */
export async function removeOld(folder: string, isMeant: (name: string) => boolean, age: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isMeant)) {
    const file = join(folder, name);
    const stat = await lstat(file).catch(() => undefined);
    if (stat?.isFile() && stat.mtimeMs < Date.now() - age) await rm(file, { force: true });
  }
}

/** The content of a plain file, or its beginning; undefined where it cannot be read: anything else may never end. */
export function readBytes(file: string, most = Number.POSITIVE_INFINITY): Buffer | undefined {
  try {
    const status = lstatSync(file);
    if (!status.isFile() || status.size === 0) return undefined;
    if (status.size <= most) return readFileSync(file);
    // At once, as hundreds of heads are read: each takes a tenth of what it takes to wait for it.
    const handle = openSync(file, 'r');
    try {
      const content = Buffer.allocUnsafe(most);
      return content.subarray(0, readSync(handle, content, 0, most, 0));
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
}

/** @returns undefined for another format, and for a head that does not end */
function parseHead(content: Buffer): readonly Place[] | undefined {
  const end = content.indexOf('\n\n', 0, 'latin1');
  const [first, ...lines] = end < 0 ? [] : content.toString('latin1', 0, end).split('\n');
  if (first !== format) return undefined;
  const places: Place[] = [];
  let from = end + 2;
  for (const line of lines) {
    const [name, modified, size] = line.split('\t').map(decode);
    const to = from + Number(size);
    // What follows cannot be found without it.
    if (!Number.isSafeInteger(to) || to < from) break;
    if (name !== undefined && modified !== undefined) places.push({ name, modified, from, to });
    from = to;
  }
  return places;
}

function stampOf({ name, modified }: Place): Stamp {
  return [name, modified];
}

function parseEntry(name: string, modified: string, text: string): CacheEntry | undefined {
  const [first = '', payload] = text.split('\n');
  const [mac, header, signature] = first.split('\t').map(decode);
  if (mac === undefined || header === undefined || signature === undefined || payload === undefined) return undefined;
  return { name, modified, mac, signed: { protected: header, signature, payload } };
}

function lineOf(fields: readonly string[]): string {
  return `${fields.map(encodeURIComponent).join('\t')}\n`;
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
