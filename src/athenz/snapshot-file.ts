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

/**
 * Reads a snapshot file line by line.
 *
 * @param now milliseconds since the epoch
 * @throws AppError `SNAPSHOT_INVALID`, also for a file that was cut off, or taken later than now
 */
export async function readSnapshot(file: string, now: number): Promise<Snapshot> {
  try {
    const snapshot = await parseSnapshot(linesOf(createReadStream(file, 'utf8')));
    // As of then, grants would have ended that have not.
    if (Date.parse(snapshot.takenAt) - now > mostSkew) {
      throw new SyntaxError(`it was taken at ${snapshot.takenAt}, which is in the future`);
    }
    return snapshot;
  } catch (error) {
    throw new AppError('SNAPSHOT_INVALID', `reading the snapshot ${file}: ${reasonOf(error)}`, {
      next: 'correct the path of --snapshot, or take a new one with athenz-gitops snapshot',
      cause: error,
    });
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

/** As `readSnapshot`, from lines. */
export async function parseSnapshot(lines: AsyncIterable<string> | Iterable<string>): Promise<Snapshot> {
  let head: z.output<typeof headSchema> | undefined;
  let ended = false;
  let number = 0;
  const list: Snapshot['list'][number][] = [];
  const domains = new Map<string, DomainRead>();
  const read = <T extends z.ZodType>(schema: T, json: unknown): z.output<T> => {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new SyntaxError(`line ${number}: ${issue?.path.join('.')} ${issue?.message}`);
  };
  for await (const line of lines) {
    number++;
    if (ended) throw new SyntaxError(`line ${number}: unexpected content after the end`);
    const json = parseLine(line, number);
    if (head === undefined) {
      head = read(headSchema, json);
    } else if (typeof json === 'object' && json !== null && 'end' in json) {
      const { end } = read(endSchema, json);
      if (end !== number - 2) throw new SyntaxError(`line ${number}: expected ${end} lines, found ${number - 2}`);
      ended = true;
    } else {
      const entry = isLine(json) ? json : read(lineSchema, json);
      if ('stamp' in entry) list.push(entry.stamp);
      else domains.set(entry.domain, entry.read);
    }
  }
  if (head === undefined || !ended) throw new SyntaxError('it is truncated: its last line is missing');
  return { takenAt: head.takenAt, zmsUrl: head.zmsUrl, list, domains };
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new SyntaxError(`line ${number}: not JSON`);
  }
}
