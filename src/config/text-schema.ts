import { z } from 'zod';

/** Athenz' EntityName, in the lower case that ZMS stores (Names.tdl). */
export const athenzName = /^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*$/;
/** A user or service by its full name, in lower case. */
export const fullName = /^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)+$/;

/** Athenz' TagCompoundValue (Names.tdl). */
export const tagValue = /^([A-Za-z0-9_:,/][A-Za-z0-9_:%,/-]*\.)*[A-Za-z0-9_:,/][A-Za-z0-9_:%,/-]*$/;

/** What can be written into a file and read back. */
export const verbatim = z
  .string()
  .refine((it) => it.isWellFormed(), { error: 'must not contain a lone surrogate, which has no encoding' });
export const text = verbatim.min(1);
