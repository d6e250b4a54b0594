import type { Readable } from 'node:stream';

/** Characters of a line at most: no object of etcd's 1.5 MiB comes near it. */
const longest = 16 * 2 ** 20;

/**
 * The lines of a body as they come, as UTF-8. What a connection that breaks or ends leaves of a line is none. Whoever stops reading
 * ends the connection.
 *
 * @throws what the body throws; RangeError for a line without end
 */
export async function* linesOf(body: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    const [first = '', ...others] = decoder.decode(piece, { stream: true }).split('\n');
    rest += first;
    if (rest.length > longest) throw new RangeError(`a line of more than ${longest} characters`);
    if (others.length === 0) continue;
    yield rest;
    rest = others.pop() ?? '';
    yield* others;
  }
}
