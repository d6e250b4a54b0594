import { z } from 'zod';
import type { DomainRead } from '../model/snapshot.ts';
import { exactly, isFalse, isFlag, isInteger, isText, listOf, orAbsent } from './shape.ts';

const text = z.string();
const memberSchema = z.strictObject({
  name: text,
  expiration: text.exactOptional(),
  systemDisabled: z.int().exactOptional(),
  approved: z.literal(false).exactOptional(),
  active: z.literal(false).exactOptional(),
});
const documentSchema = z.strictObject({
  name: text,
  modified: text,
  enabled: z.boolean(),
  roles: z.array(z.strictObject({ name: text, members: z.array(memberSchema), trust: text.exactOptional() })),
  groups: z.array(z.strictObject({ name: text, members: z.array(memberSchema) })),
  assumes: z.array(z.strictObject({ role: text, resource: text })),
});
/** A code is shown as it is; one that this version does not know may come from a later one. */
const problemSchema = z.object({ code: z.string().regex(/^[A-Z_]+$/), message: text, next: text.exactOptional() });
const readSchema: z.ZodType<DomainRead> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('value'), value: documentSchema }),
  z.strictObject({ kind: z.literal('absent'), confirmed: z.boolean() }),
  z.strictObject({
    kind: z.literal('unknown'),
    problem: z.custom<Extract<DomainRead, { kind: 'unknown' }>['problem']>((it) => problemSchema.safeParse(it).success),
  }),
]);
/** A line of a snapshot file between its first and its last. */
export const lineSchema = z.union([
  z.strictObject({ stamp: z.strictObject({ name: text, modified: text, enabled: z.boolean() }) }),
  z.strictObject({ domain: text, read: readSchema }),
]);

const isMember = exactly({
  name: isText,
  expiration: orAbsent(isText),
  systemDisabled: orAbsent(isInteger),
  approved: orAbsent(isFalse),
  active: orAbsent(isFalse),
});
const isDocument = exactly({
  name: isText,
  modified: isText,
  enabled: isFlag,
  roles: listOf(exactly({ name: isText, members: listOf(isMember), trust: orAbsent(isText) })),
  groups: listOf(exactly({ name: isText, members: listOf(isMember) })),
  assumes: listOf(exactly({ role: isText, resource: isText })),
});
const isValue = exactly({ kind: (kind) => kind === 'value', value: isDocument });
const isStampLine = exactly({ stamp: exactly({ name: isText, modified: isText, enabled: isFlag }) });
const isDomainLine = exactly({ domain: isText, read: isValue });

/** Tells quickly of what `lineSchema` takes, where it is an entry of the list or a document. */
export function isLine(json: unknown): json is z.output<typeof lineSchema> {
  return isStampLine(json) || isDomainLine(json);
}
