import { z } from 'zod';

/** Tags as a request has them. */
export const tagsShape = z.record(z.string(), z.object({ list: z.array(z.string()) })).nullish();

export function tagValues(tags: z.infer<typeof tagsShape>): Readonly<Record<string, readonly string[]>> | undefined {
  if (tags === undefined || tags === null) return undefined;
  return Object.fromEntries(Object.entries(tags).map(([key, { list }]) => [key.toLowerCase(), list]));
}

const days = z.int32().nullish();
export const expiryDays = { memberExpiryDays: days, serviceExpiryDays: days, groupExpiryDays: days };

/** The settings of a role, in a whole role and in its meta alone. */
export const roleSettings = {
  ...expiryDays,
  selfServe: z.boolean().nullish(),
  reviewEnabled: z.boolean().nullish(),
  auditEnabled: z.boolean().nullish(),
  description: z.string().nullish(),
  tags: tagsShape,
};

type Given<T> = { readonly [K in keyof T]: Exclude<T[K], null | undefined> };

/** What a request says, without what it leaves open. */
export function stated<T extends object>(given: T): Partial<Given<T>> {
  const kept = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as Partial<Given<T>>;
}
