import { z } from 'zod';
import { type Answer, zmsError } from './answer.ts';
import { invalid, isNamed, mismatch } from './names.ts';
import type { Flags, Tags } from './role-state.ts';

/** Tags as a request has them. */
export const tagsShape = z.record(z.string(), z.object({ list: z.array(z.string()) })).nullish();

export function tagValues(tags: z.infer<typeof tagsShape>): Readonly<Record<string, readonly string[]>> | undefined {
  if (tags === undefined || tags === null) return undefined;
  return Object.fromEntries(Object.entries(tags).map(([key, { list }]) => [key.toLowerCase(), list]));
}

/** The refusal of a tag value that is none. @param type of the request's body, as ZMS' messages call it */
export function badTags(type: string, tags: z.infer<typeof tagsShape>): Answer | undefined {
  for (const [index, { list }] of Object.values(tags ?? {}).entries()) {
    const wrong = list.findIndex((value) => !isNamed('TagCompoundValue', value));
    if (wrong !== -1) return invalid(type, `${mismatch('TagCompoundValue')} in data[${index}][${wrong}]`);
  }
  return undefined;
}

/** ZMS' default for `athenz.zms.quota_*_tag`. */
const tagLimit = 25;

/** The refusal of too many tag values: those that stay are counted, and those that the write brings. */
export function tagsOver(what: string, before: Tags | undefined, next: Tags | undefined): Answer | undefined {
  const old = new Map(Object.entries(before ?? {}).map(([key, list]) => [key, list.toSorted().join('\n')]));
  const counted = { stay: 0, come: 0 };
  for (const [key, list] of Object.entries(next ?? {})) {
    counted[old.get(key) === list.toSorted().join('\n') ? 'stay' : 'come'] += list.length;
  }
  if (counted.stay + counted.come <= tagLimit) return undefined;
  const counts = `current tags count: ${counted.stay}, new tags count: ${counted.come}`;
  return zmsError(400, `${what} tag quota exceeded - limit: ${tagLimit}, ${counts}`);
}

const days = z.int32().nullish();
export const expiryDays = { memberExpiryDays: days, serviceExpiryDays: days, groupExpiryDays: days };

const flags = {
  selfServe: z.boolean().nullish(),
  reviewEnabled: z.boolean().nullish(),
  deleteProtection: z.boolean().nullish(),
};

/** The settings of a group, in a whole group and in its meta alone. */
export const groupSettings = { memberExpiryDays: days, serviceExpiryDays: days, ...flags, tags: tagsShape };

/** The settings of a role, in a whole role and in its meta alone. */
export const roleSettings = {
  ...expiryDays,
  ...flags,
  auditEnabled: z.boolean().nullish(),
  description: z.string().nullish(),
  tags: tagsShape,
};

/** The flags that a meta write leaves: ZMS puts `false` where the body names none, before it looks at what was there. */
export function flagsOf(given: { readonly [K in keyof Flags]?: boolean | null | undefined }): Required<Flags> {
  const { selfServe, reviewEnabled, deleteProtection } = given;
  return {
    selfServe: selfServe ?? false,
    reviewEnabled: reviewEnabled ?? false,
    deleteProtection: deleteProtection ?? false,
  };
}

type Given<T> = { readonly [K in keyof T]: Exclude<T[K], null | undefined> };

/** What a request says, without what it leaves open. */
export function stated<T extends object>(given: T): Partial<Given<T>> {
  const kept = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as Partial<Given<T>>;
}
