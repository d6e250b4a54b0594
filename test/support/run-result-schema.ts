import { z } from 'zod';
import { optional, planSchema, problem, some, text, time } from './plan-schema.ts';
import type { RunResult } from './result.ts';

// What `--json` prints, field by field as in src/model. The types at the end keep the two in step.

const source = z.strictObject({
  name: text,
  url: optional(text),
  noun: text,
  requests: z.int(),
  needed: z.int(),
  read: z.int(),
  unknown: z.int(),
});

/** What a further generator tells of its plan is its own. */
const anyPlan: z.ZodType<object> = z.looseObject({}) as never;
const other = z.union([
  z.strictObject({ generator: text, asOf: time, sources: some(source), plan: anyPlan }),
  z.strictObject({ generator: text, problem }),
]);

const proposal = z.strictObject({
  generator: text,
  scope: text,
  branch: text,
  action: z.enum([
    'none',
    'create',
    'update',
    'commit',
    'up-to-date',
    'delete',
    'leave',
    'waiting',
    'declined',
    'blocked',
    'superseded',
    'failed',
  ]),
  reason: optional(text),
  next: optional(text),
  title: optional(text),
  commit: optional(text),
  digest: optional(text),
  pull: optional(
    z.strictObject({
      number: z.int(),
      url: text,
      state: z.enum(['open', 'merged', 'closed']),
      startsNoChecks: optional(z.literal(true)),
    }),
  ),
  removalsSince: optional(time),
});

/** Strict: a field that is not named here is a mistake here. */
export const runResultSchema = z.strictObject({
  format: z.literal('athenz-gitops run 2'),
  command: z.enum(['render', 'plan', 'sync']),
  exitCode: z.int(),
  dryRun: z.boolean(),
  generator: text,
  asOf: time,
  sources: some(source),
  base: optional(z.strictObject({ branch: text, commit: text })),
  pullRequest: optional(z.strictObject({ commit: text })),
  plan: planSchema,
  others: optional(some(other)),
  proposals: some(proposal),
  alerts: some(
    z.strictObject({
      kind: z.enum(['unread', 'removal']),
      generator: text,
      scope: optional(text),
      parts: optional(z.int()),
      since: time,
    }),
  ),
});

/** The JSON Schema of a result: `schemas/run-result.schema.json`. A later version may add fields. */
export function runResultJsonSchema(): object {
  return jsonSchemaOf('athenz-gitops run result', runResultSchema);
}

export function jsonSchemaOf(title: string, result: z.ZodType): object {
  const { $schema, ...schema } = z.toJSONSchema(result, {
    reused: 'ref',
    override: ({ jsonSchema }) => {
      // Closed for us, open for readers; a map's values keep their type.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      delete jsonSchema.readOnly;
    },
  });
  return { $schema, title, ...schema };
}

/** All fields there, whether they have to be or not: else one that is missing on one side would pass for an optional one. */
export type Whole<T> = T extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Whole<Exclude<T[Key], undefined>> }
    : T;
export type Fits<A, B extends A> = B;
type Parsed = z.infer<typeof runResultSchema>;
/** The schema and the type agree, or this does not compile. @public */
export type InStep = [
  Fits<RunResult, Parsed>,
  Fits<Parsed, RunResult>,
  Fits<Whole<RunResult>, Whole<Parsed>>,
  Fits<Whole<Parsed>, Whole<RunResult>>,
];
