import { randomUUID } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../runtime/folder.ts';
import type { CacheEntry } from './cache.ts';

/*
 * A shard is text: for each entry a line with name, stamp, code, protected header and signature, then a line with the
 * payload. Reading is splitting lines; what does not read is ignored, as every entry has to prove itself anyway.
 */

const format = 'athenz-gitops cache 1';

/** Entries of a shard by name; empty when there is no such file, or it is none of ours. */
export async function readShard(folder: string, shard: string): Promise<ReadonlyMap<string, CacheEntry>> {
  const entries = new Map<string, CacheEntry>();
  const lines = await readLines(join(folder, shard));
  if (lines[0] !== format) return entries;
  for (let at = 1; at + 1 < lines.length; at += 2) {
    const [name, modified, mac, header, signature] = (lines[at] ?? '').split('\t').map(decode);
    const payload = lines[at + 1];
    if (name === undefined || modified === undefined || mac === undefined) continue;
    if (header === undefined || signature === undefined || payload === undefined) continue;
    entries.set(name, { name, modified, mac, signed: { protected: header, signature, payload } });
  }
  return entries;
}

/** Writes a shard whole, for its owner only; without entries it goes. */
export async function writeShard(folder: string, shard: string, entries: readonly CacheEntry[]): Promise<void> {
  const file = join(folder, shard);
  if (entries.length === 0) {
    await rm(file, { force: true });
    return;
  }
  await makeFolder(folder, 0o700);
  const lines = entries.flatMap(({ name, modified, mac, signed }) => [
    [name, modified, mac, signed.protected, signed.signature].map(encodeURIComponent).join('\t'),
    signed.payload,
  ]);
  const temporary = `${file}.${randomUUID()}.tmp`;
  const text = `${[format, ...lines].join('\n')}\n`;
  await writeFile(temporary, text, { encoding: 'latin1', flag: 'wx', mode: 0o600 });
  await rename(temporary, file);
}

/** Names of the shards there are. */
export async function listShards(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{2}$/.test(name));
}

/** Removes what killed runs left half-written; no run writes for longer than an hour. */
export async function sweepFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((it) => it.endsWith('.tmp'))) {
    const file = join(folder, name);
    const { mtimeMs } = await lstat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < Date.now() - 3_600_000) await rm(file, { force: true });
  }
}

async function readLines(file: string): Promise<readonly string[]> {
  try {
    // Anything but a plain file may never end.
    return (await lstat(file)).isFile() ? (await readFile(file, 'latin1')).split('\n') : [];
  } catch {
    return [];
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
