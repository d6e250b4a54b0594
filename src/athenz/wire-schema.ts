import { z } from 'zod';
import { fields, isFlag, isInteger, isText, isTimestamp, listOf as listOfAll, orNone } from './shape.ts';

/** RFC 3339; ZMS writes milliseconds and `Z`. */
export const timestamp = z.string().refine((text) => !Number.isNaN(Date.parse(text)), { error: 'is not a timestamp' });
/** A list that ZMS leaves out when it is empty. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);

/** The list of domains. */
export const listSchema = z.object({
  domains: z.array(
    z.object({ domain: z.object({ name: z.string().min(1), modified: timestamp, enabled: z.boolean().nullish() }) }),
  ),
});

export const memberSchema = z.object({
  memberName: z.string(),
  expiration: z.string().nullish(),
  systemDisabled: z.int().nullish(),
  approved: z.boolean().nullish(),
  active: z.boolean().nullish(),
});

/** A domain document, as far as access depends on it. */
export const documentSchema = z.object({
  name: z.string().min(1),
  modified: timestamp,
  enabled: z.boolean().nullish(),
  roles: listOf(z.object({ name: z.string(), roleMembers: listOf(memberSchema), trust: z.string().nullish() })),
  groups: listOf(z.object({ name: z.string(), groupMembers: listOf(memberSchema) })),
  policies: z
    .object({
      contents: z.object({
        policies: listOf(
          z.object({
            active: z.boolean().nullish(),
            assertions: listOf(
              z.object({ role: z.string(), resource: z.string(), action: z.string(), effect: z.string().nullish() }),
            ),
          }),
        ),
      }),
    })
    .nullish(),
});

const isNamed = (value: unknown) => typeof value === 'string' && value !== '';
const hasList = fields({
  domains: listOfAll(fields({ domain: fields({ name: isNamed, modified: isTimestamp, enabled: orNone(isFlag) }) })),
});
const isMember = fields({
  memberName: isText,
  expiration: orNone(isText),
  systemDisabled: orNone(isInteger),
  approved: orNone(isFlag),
  active: orNone(isFlag),
});
const members = orNone(listOfAll(isMember));
const isAssertion = fields({ role: isText, resource: isText, action: isText, effect: orNone(isText) });
const isPolicy = fields({ active: orNone(isFlag), assertions: orNone(listOfAll(isAssertion)) });
const hasDocument = fields({
  name: isNamed,
  modified: isTimestamp,
  enabled: orNone(isFlag),
  roles: orNone(listOfAll(fields({ name: isText, roleMembers: members, trust: orNone(isText) }))),
  groups: orNone(listOfAll(fields({ name: isText, groupMembers: members }))),
  policies: orNone(fields({ contents: fields({ policies: orNone(listOfAll(isPolicy)) }) })),
});

/** Tells quickly of what `listSchema` takes. */
export function isList(json: unknown): json is z.input<typeof listSchema> {
  return hasList(json);
}

/** Tells quickly of what `documentSchema` takes. */
export function isDocument(json: unknown): boolean {
  return hasDocument(json);
}
