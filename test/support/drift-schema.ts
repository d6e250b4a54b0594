import { z } from 'zod';
import type { DriftResult } from '../../src/drift/result.ts';
import { optional, permission, problem, some, subject, text, time } from './plan-schema.ts';
import { type Fits, jsonSchemaOf, type Whole } from './run-result-schema.ts';

// What `drift --json` prints, field by field as in src/model. The type at the end keeps the two in step.

const place = { cluster: text, namespace: text };
const bound = z.boolean().nullable().describe('null: that place could not be read');

const binding = z.strictObject({
  ...place,
  name: text,
  states: some(
    z.enum(['orphan', 'changed-in-cluster', 'missing', 'changed-in-git', 'waiting-for-engine', 'waiting-for-merge']),
  ).describe('most urgent first; at least one'),
  subjects: some(z.strictObject({ subject, athenz: bound, git: bound, live: bound })),
  permissions: z.strictObject({
    athenz: optional(permission),
    git: optional(permission),
    live: optional(permission),
  }),
  permissionDiffers: z.boolean(),
  affected: optional(some(subject)),
  note: optional(text),
  written: optional(z.strictObject({ manager: text, at: time })),
  commit: optional(z.strictObject({ commit: text, at: text.describe('RFC 3339'), author: text, ours: z.boolean() })),
});

/** Strict: a field that is not named here is a mistake here. */
export const driftSchema = z.strictObject({
  format: z.literal('athenz-gitops drift 1'),
  exitCode: z.int(),
  polledAt: time,
  base: z.strictObject({ branch: text, commit: text }),
  requests: z.strictObject({ zms: z.int(), cluster: z.int() }),
  clusters: some(
    z.strictObject({
      cluster: text,
      context: text,
      server: text,
      uid: optional(text),
      namespaces: z.int(),
      bindings: z.int(),
      inSync: z.int(),
    }),
  ),
  bindings: some(binding),
  unread: some(z.strictObject({ cluster: text, namespace: optional(text), problem })),
  probe: optional(
    z.strictObject({
      grants: z.int(),
      nonGrants: z.int(),
      skipped: z.int(),
      disagreements: some(
        z.strictObject({
          ...place,
          subject,
          request: text,
          expected: z.boolean(),
          allowed: z.boolean(),
          reason: text,
        }),
      ),
    }),
  ),
});

/** The JSON Schema of a result: `schemas/drift-result.schema.json`. A later version may add fields. */
export function driftJsonSchema(): object {
  return jsonSchemaOf('athenz-gitops drift result', driftSchema);
}

type Parsed = z.infer<typeof driftSchema>;
/** The schema and the type agree, or this does not compile. @public */
export type InStep = [
  Fits<DriftResult, Parsed>,
  Fits<Parsed, DriftResult>,
  Fits<Whole<DriftResult>, Whole<Parsed>>,
  Fits<Whole<Parsed>, Whole<DriftResult>>,
];
