import { z } from 'zod';
import type { AdoptionResult } from '../../src/adopt/result.ts';
import {
  gain,
  held,
  loss,
  optional,
  permissionChange,
  problem,
  roleRef,
  rule,
  some,
  subject,
  text,
  time,
} from './plan-schema.ts';
import { type Fits, jsonSchemaOf, type Whole } from './run-result-schema.ts';

// What `import --json` prints, field by field as in src/model. The type at the end keeps the two in step.

const domains = { domain: text, expected: text };

const reason = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['other-name', 'upper-case', 'system-namespace', 'terminating', 'no-usable-rules']),
  }),
  z.strictObject({ kind: z.enum(['nested-domain', 'other-domain']), ...domains }),
  z.strictObject({ kind: z.literal('other-role-ref'), roleRef, expected: text }),
  z.strictObject({ kind: z.literal('role-missing'), expected: text }),
  z.strictObject({ kind: z.literal('other-rules'), before: some(rule), after: some(rule) }),
  z.strictObject({ kind: z.literal('subject'), subject }),
]);

const binding = z.strictObject({
  namespace: text,
  role: text,
  name: text,
  domain: text,
  before: optional(some(subject)),
  after: optional(some(subject)),
  gains: some(gain),
  losses: some(loss),
  permission: optional(permissionChange),
  roleRef: optional(z.strictObject({ before: roleRef, after: roleRef })),
  orphan: optional(z.enum(['domain', 'role'])),
  unknown: optional(problem),
});

/** Strict: a field that is not named here is a mistake here. */
export const importSchema = z.strictObject({
  format: z.literal('athenz-gitops import 1'),
  exitCode: z.int(),
  cluster: z.strictObject({ cluster: text, context: text, server: text, uid: optional(text) }),
  polledAt: time,
  zmsUrl: text,
  requests: z.strictObject({ cluster: z.int(), athenz: z.int() }),
  proposal: z.strictObject({
    domain: text,
    userDomain: text,
    namespaces: some(text),
    roles: some(z.strictObject({ athenzRole: text, rules: some(rule), namespaces: z.int() })),
  }),
  left: some(z.strictObject({ kind: z.enum(['Role', 'RoleBinding']), namespace: text, name: text, reason })),
  unproposed: some(
    z.strictObject({
      role: text,
      namespaces: some(text),
      variants: some(z.strictObject({ rules: some(rule), namespaces: some(text) })),
    }),
  ),
  lookalikes: some(z.strictObject({ namespace: text, ...domains })),
  bindings: some(binding),
  held: some(held),
  problems: some(z.strictObject({ namespace: optional(text), problem })),
  files: some(z.strictObject({ path: text, text })),
  dir: optional(text),
});

/** The JSON Schema of a result: `schemas/import-result.schema.json`. A later version may add fields. */
export function importJsonSchema(): object {
  return jsonSchemaOf('athenz-gitops import result', importSchema);
}

type Parsed = z.infer<typeof importSchema>;
/** The schema and the type agree, or this does not compile. @public */
export type InStep = [
  Fits<AdoptionResult, Parsed>,
  Fits<Parsed, AdoptionResult>,
  Fits<Whole<AdoptionResult>, Whole<Parsed>>,
  Fits<Whole<Parsed>, Whole<AdoptionResult>>,
];
