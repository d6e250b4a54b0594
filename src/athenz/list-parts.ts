import type { z } from 'zod';
import { isList, type listSchema } from './wire-schema.ts';

type Domains = z.input<typeof listSchema>['domains'];

/** Characters at least of a part: what is made of a whole list would be the most that a run ever has in memory. */
const partLength = 32_768;

/**
 * Parses the list of domains a part at a time. Each part is one or more items of a list by itself, so all of them, with commas between,
 * are the items of the list that the body would be parsed to as a whole.
 *
 * @throws SyntaxError where the body is anything but `{"domains":[…]}`, cannot be divided, or has an item that `isList` refuses: then it
 *   may still be a list
 */
export function* parseListParts(body: string): Generator<Domains, void, undefined> {
  const begin = /^\s*\{\s*"domains"\s*:\s*\[/.exec(body)?.[0].length;
  const end = body.lastIndexOf(']');
  if (begin === undefined || end < begin || !/^\]\s*\}\s*$/.test(body.slice(end))) throw new SyntaxError('no list');
  for (let from = begin, to = begin; to < end; from = to + 1) {
    const comma = body.indexOf('},{', from + partLength) + 1;
    to = comma > 0 && comma < end ? comma : end;
    const domains: unknown = JSON.parse(`[${body.slice(from, to)}]`);
    const part = { domains };
    if (!isList(part) || part.domains.length === 0) throw new SyntaxError('no items');
    yield part.domains;
  }
}
