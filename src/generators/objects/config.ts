import { z } from 'zod';
import { relativeGlob } from '../../config/glob-schema.ts';
import { percentage } from '../../config/units.ts';
import { label } from '../../model/label.ts';

/** The path of files that hold an object each. */
export const objectPath = relativeGlob
  .refine((path) => path.includes('{namespace}') && path.includes('{object}'), {
    error: 'must contain {namespace} and {object}',
  })
  .refine((path) => /^([^{}*?[\]\\\p{Cc}]|\{(cluster|namespace|object|shard)\})+$/u.test(path), {
    error: 'may contain {cluster}, {namespace}, {object} and {shard}, and no other braces, wildcards or backslashes',
  })
  .refine((path) => /\.ya?ml$/.test(path), { error: 'must end in .yaml or .yml: Flux ignores other files' })
  .refine((path) => path.split('/').every((part) => !/^(|\.|\.\.|\.git)$/i.test(part)), {
    error: 'must have no empty part, no ".", ".." and no ".git"',
  });

export const namespaceName = z.string().regex(label, 'must be the name of a namespace');

export const marker = z
  .strictObject({ namespace: z.string().regex(label, 'must be a namespace').default('default') })
  .nullable()
  .prefault({})
  .describe('A ConfigMap that keeps the folder from becoming empty; null: none.');

export const keep = z.array(relativeGlob).default([]).describe('Globs of foreign files allowed in the folder.');

/** A limit on changes of a cluster: a share of what is there, and a number. */
export const share = z.strictObject({ percent: percentage.prefault(20), floor: z.int().min(0).default(10) });
