import { z } from 'zod';
import { isExclusion } from './globs.ts';
import { text } from './text-schema.ts';

/** A leading "!" would turn the pattern around: everything else would match. No path is longer than this anywhere. */
export const glob = text
  .refine((it) => !/^!(?!\()/.test(it), { error: 'must not start with "!"' })
  .refine((it) => !/\p{Cc}/u.test(it), { error: 'must not contain control characters' })
  .refine((it) => it.length <= 4096, { error: 'must have at most 4,096 characters' });

export const relativeGlob = glob
  .refine((it) => !it.startsWith('/'), { error: 'must be relative to the config file: no leading "/"' })
  .describe('Relative to the config file.');

/** As in .gitignore, a leading "!" leaves out what it matches; `!(a|b)` is a pattern of its own. */
const fileGlob = text
  .superRefine((it, context) => {
    const checked = relativeGlob.safeParse(isExclusion(it) ? it.slice(1) : it);
    for (const { message } of checked.error?.issues ?? []) context.addIssue({ code: 'custom', message });
  })
  .describe('Relative to the config file. A leading "!" excludes what it matches.');

export const fileGlobs = z
  .array(fileGlob)
  .min(1)
  .refine((globs) => globs.length === 0 || !globs.every(isExclusion), {
    error: 'must include files, not only exclude them with "!"',
  });
