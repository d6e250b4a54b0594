import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, reasonOf } from '../model/error.ts';
import { mostSkew } from '../model/skew.ts';
import type { DomainRead, Snapshot } from '../model/snapshot.ts';
import { isLine, lineSchema } from './snapshot-schema.ts';

/*
 * JSON Lines: a head, one line per entry of the list, one per domain read, an end that counts them. Each can be written
 * and read by itself; the end tells a whole file from one that was cut off.
 */

const format = 'athenz-gitops snapshot 1';

const headSchema = z.strictObject({ format: z.literal(format), takenAt: z.iso.datetime(), zmsUrl: z.string() });
const endSchema = z.strictObject({ end: z.int() });

/** Writes a snapshot so that the file is either whole or not there. @throws AppError `OUTPUT_WRITE` */
export async function writeSnapshot(file: string, snapshot: Snapshot): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      for (const line of snapshotLines(snapshot)) await handle.write(`${line}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    // Below a file there can be none.
    await rm(temporary, { force: true }).catch(() => {});
    throw new AppError('OUTPUT_WRITE', `writing the snapshot ${file}: ${reasonOf(error).replaceAll(temporary, file)}`, {
      next: 'choose a writable path with --output FILE',
      cause: error,
    });
  }
}

/** The lines of a snapshot file, without line ends; domains sorted, so that the same snapshot gives the same bytes. */
export function* snapshotLines(snapshot: Snapshot): Generator<string> {
  const { takenAt, zmsUrl, list, domains } = snapshot;
  yield toLine({ format, takenAt, zmsUrl });
  for (const stamp of list) yield toLine({ stamp });
  for (const domain of [...domains.keys()].sort()) yield toLine({ domain, read: domains.get(domain) });
  yield toLine({ end: list.length + domains.size });
}

/** JSON without the two characters in it that some readers of lines take for an end of line as well. */
function toLine(value: object): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** A snapshot whose reads of domains are parsed one at a time: a fleet is never in memory as a whole. */
export interface RecordedSnapshot extends Omit<Snapshot, 'domains'> {
  /** The domains that were needed. */
  readonly domains: Iterable<string>;
  /** @returns undefined for a domain that was not needed; @throws AppError `SNAPSHOT_INVALID` */
  read(domain: string): DomainRead | undefined;
}

/**
 * Reads a snapshot file whole, as `openSnapshot` does.
 *
 * @throws AppError `SNAPSHOT_INVALID`
 */
export async function readSnapshot(file: string, now: number): Promise<Snapshot> {
  const { domains, read, ...head } = await openSnapshot(file, now);
  const reads = Array.from(domains, (name): readonly (readonly [string, DomainRead])[] => {
    const found = read(name);
    return found === undefined ? [] : [[name, found]];
  });
  return { ...head, domains: new Map(reads.flat()) };
}

/**
 * Reads a snapshot file line by line; what it says of a domain is looked at when that is asked for.
 *
 * @param now milliseconds since the epoch
 * @throws AppError `SNAPSHOT_INVALID`, also for a file that was cut off, or taken later than now
 */
export async function openSnapshot(file: string, now: number): Promise<RecordedSnapshot> {
  const invalid = (error: unknown) =>
    new AppError('SNAPSHOT_INVALID', `reading the snapshot ${file}: ${reasonOf(error)}`, {
      next: 'correct the path of --snapshot, or take a new one with athenz-gitops snapshot',
      cause: error,
    });
  try {
    const { read, ...snapshot } = await parseSnapshot(linesOf(createReadStream(file, 'utf8')));
    // As of then, grants would have ended that have not.
    if (Date.parse(snapshot.takenAt) - now > mostSkew) {
      throw new SyntaxError(`it was taken at ${snapshot.takenAt}, which is in the future`);
    }
    return {
      ...snapshot,
      read(domain) {
        try {
          return read(domain);
        } catch (error) {
          throw invalid(error);
        }
      },
    };
  } catch (error) {
    throw invalid(error);
  }
}

/** Characters of a line: far beyond any document, and below what a text can hold. */
const maxLine = 2 ** 27;

/** Splits a stream into lines, and stops at what is no snapshot and may never end, such as a device. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let begun = false;
  let line: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    if (!begun && !chunk.startsWith('{')) throw new SyntaxError('line 1: not JSON');
    begun = true;
    const [first = '', ...others] = chunk.split('\n');
    line.push(first);
    for (const next of others) {
      yield line.join('');
      line = [next];
      length = 0;
    }
    length += line.at(-1)?.length ?? 0;
    if (length > maxLine) throw new SyntaxError(`a line has more than ${maxLine} characters`);
  }
  if (length > 0) yield line.join('');
}

/** What a line says of a domain, or the line itself. */
type Kept = DomainRead | { readonly line: string; readonly number: number };

/** The name in the line of a domain, where it needs no escape. */
const domainLine = /^\{"domain":"([^"\\]*)","read":/;

/** As `openSnapshot`, from lines. @throws SyntaxError, as `read` does */
export async function parseSnapshot(lines: AsyncIterable<string> | Iterable<string>): Promise<RecordedSnapshot> {
  let head: z.output<typeof headSchema> | undefined;
  let ended = false;
  let number = 0;
  const list: Snapshot['list'][number][] = [];
  const domains = new Map<string, Kept>();
  for await (const line of lines) {
    number++;
    if (ended) throw new SyntaxError(`line ${number}: unexpected content after the end`);
    const name = head === undefined ? undefined : domainLine.exec(line)?.[1];
    if (name !== undefined) {
      domains.set(name, { line, number });
      continue;
    }
    const json = parseLine(line, number);
    if (head === undefined) {
      head = check(headSchema, json, number);
    } else if (typeof json === 'object' && json !== null && 'end' in json) {
      const { end } = check(endSchema, json, number);
      if (end !== number - 2) throw new SyntaxError(`line ${number}: expected ${end} lines, found ${number - 2}`);
      ended = true;
    } else {
      const entry = toEntry(json, number);
      if ('stamp' in entry) list.push(entry.stamp);
      else domains.set(entry.domain, entry.read);
    }
  }
  if (head === undefined || !ended) throw new SyntaxError('it is truncated: its last line is missing');
  return {
    takenAt: head.takenAt,
    zmsUrl: head.zmsUrl,
    list,
    domains: [...domains.keys()],
    read(domain) {
      const kept = domains.get(domain);
      if (kept === undefined || 'kind' in kept) return kept;
      const entry = toEntry(parseLine(kept.line, kept.number), kept.number);
      if ('read' in entry && entry.domain === domain) return entry.read;
      throw new SyntaxError(`line ${kept.number}: it names two domains`);
    },
  };
}

function toEntry(json: unknown, number: number): z.output<typeof lineSchema> {
  return isLine(json) ? json : check(lineSchema, json, number);
}

function check<T extends z.ZodType>(schema: T, json: unknown, number: number): z.output<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SyntaxError(`line ${number}: ${issue?.path.join('.')} ${issue?.message}`);
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new SyntaxError(`line ${number}: not JSON`);
  }
}
