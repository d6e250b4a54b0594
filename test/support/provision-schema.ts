import { z } from 'zod';
import type { ProvisionResult } from '../../src/provision/result.ts';
import { optional, problem, some, text, time } from './plan-schema.ts';
import { type Fits, jsonSchemaOf, type Whole } from './run-result-schema.ts';

// What `provision --json` prints, field by field as in src/model. The type at the end keeps the two in step.

const tags = z.record(text, some(text)).readonly();
const domainSettings = {
  org: optional(text),
  description: optional(text),
  applicationId: optional(text),
  memberExpiryDays: optional(z.int()),
};
const roleSettings = {
  description: optional(text),
  memberExpiryDays: optional(z.int()),
  selfServe: optional(z.boolean()),
  reviewEnabled: optional(z.boolean()),
};
const step = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('create-domain'),
    settings: z.strictObject({
      ...domainSettings,
      tags,
      adminUsers: some(text),
      fromNamespace: some(z.enum(['adminUsers', 'org', 'description'])),
    }),
  }),
  z.strictObject({
    kind: z.literal('create-role'),
    role: text,
    settings: z.strictObject({
      ...roleSettings,
      tags,
      members: some(text),
      trust: optional(z.strictObject({ domain: text, role: text, policy: z.boolean() })),
    }),
  }),
  z.strictObject({ kind: z.literal('create-group'), group: text, members: some(text) }),
  z.strictObject({
    kind: z.literal('create-policy'),
    target: text,
    policy: text,
    asserts: z.strictObject({ role: text, resource: text }),
  }),
  z.strictObject({
    kind: z.literal('update-domain'),
    modified: time,
    settings: z.strictObject({ ...domainSettings, tags: optional(tags) }),
  }),
  z.strictObject({
    kind: z.literal('update-role'),
    modified: time,
    role: text,
    settings: z.strictObject({ ...roleSettings, tags: optional(tags) }),
  }),
  z.strictObject({ kind: z.literal('delete-domain'), modified: time }),
]);
const place = { cluster: text, namespace: text, domain: text };
const drift = z.strictObject({ role: optional(text), setting: text, is: text, shall: text, left: optional(text) });
const outcome = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['done', 'there']) }),
  z.strictObject({ kind: z.enum(['failed', 'skipped']), problem }),
]);

/** Strict: a field that is not named here is a mistake here. */
export const provisionSchema = z.strictObject({
  format: z.literal('athenz-gitops provision 1'),
  exitCode: z.int(),
  mode: z.enum(['plan', 'apply', 'offline']),
  polledAt: optional(time),
  base: optional(z.strictObject({ branch: text, commit: text })),
  requests: z.int(),
  plan: z.strictObject({
    needed: z.int(),
    ready: z.int(),
    domains: some(z.strictObject({ ...place, steps: some(step), drift: some(drift) })),
    departed: some(z.strictObject({ ...place, kept: optional(text) })),
    problems: some(z.strictObject({ cluster: text, namespace: optional(text), domain: optional(text), problem })),
    warnings: some(problem),
  }),
  room: some(z.strictObject({ top: text, limit: z.int(), used: z.int(), wanted: z.int() })),
  steps: some(z.strictObject({ ...place, step, outcome })),
});

/** The JSON Schema of a result: `schemas/provision-result.schema.json`. A later version may add fields. */
export function provisionJsonSchema(): object {
  return jsonSchemaOf('athenz-gitops provision result', provisionSchema);
}

type Parsed = z.infer<typeof provisionSchema>;
/** The schema and the type agree, or this does not compile. @public */
export type InStep = [
  Fits<ProvisionResult, Parsed>,
  Fits<Parsed, ProvisionResult>,
  Fits<Whole<ProvisionResult>, Whole<Parsed>>,
  Fits<Whole<Parsed>, Whole<ProvisionResult>>,
];
