import { z } from 'zod';
import type { ErrorCode } from '../../src/model/error.ts';

// The plan of a run result, field by field as in src/model.

export const text = z.string();
export const time = z.string().describe('RFC 3339 UTC');
export const some = <T extends z.ZodType>(item: T) => z.array(item).readonly();
export const optional = z.exactOptional;
/** Further codes may come: no reader should have to know all. */
const code: z.ZodType<ErrorCode> = z.string().regex(/^[A-Z_]+$/) as never;
export const problem = z.strictObject({ code, message: text, next: optional(text) });

export const subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['User', 'Group']), name: text }),
  z.strictObject({ kind: z.literal('ServiceAccount'), name: text, namespace: text }),
]);
const path = z.strictObject({ trust: optional(text), group: optional(text), expires: optional(time) });
export const rule = z.strictObject({
  apiGroups: some(text),
  resources: some(text),
  verbs: some(text),
  resourceNames: optional(some(text)),
});
export const roleRef = z.strictObject({ kind: z.enum(['Role', 'ClusterRole']), name: text });
export const permission = z.strictObject({
  roleRef,
  rules: optional(some(rule)),
});
const place = { cluster: text, namespace: text, role: text };
export const loss = z.strictObject({
  ...place,
  kind: z.literal('lose'),
  subject,
  permission,
  reason: z.enum([
    'expired',
    'suspended',
    'domain-disabled',
    'not-a-member',
    'added-by-hand',
    'renamed',
    'origin-unknown',
    'not-a-subject',
    'role-absent',
    'domain-absent',
    'role-unconfigured',
    'namespace-left',
    'namespace-excluded',
    'namespace-system',
    'namespace-deleted',
    'cluster-left',
  ]),
  detail: optional(text),
  origin: optional(z.strictObject({ commit: text, author: text })),
  group: optional(z.strictObject({ name: text, reason: z.enum(['group-empty', 'group-missing']) })),
  seen: optional(time),
  proven: z.boolean(),
});
export const gain = z.strictObject({
  ...place,
  kind: z.literal('gain'),
  subject,
  permission,
  paths: some(path),
  expires: optional(time),
});
export const permissionChange = z.strictObject({
  ...place,
  kind: z.literal('permission'),
  before: permission,
  after: permission,
  subjects: z.int(),
});
const change = z.discriminatedUnion('kind', [
  gain,
  loss,
  permissionChange,
  z.strictObject({ ...place, kind: z.literal('mapping'), before: text, after: text }),
]);
const dropped = z.strictObject({
  member: text,
  reason: z.enum([
    'expired',
    'suspended',
    'pending',
    'wildcard',
    'external',
    'service',
    'service-unmapped',
    'unencodable',
    'not-a-principal',
    'bad-expiration',
    'nested-group',
    'group-missing',
    'group-empty',
    'domain-disabled',
    'trust-missing',
    'trust-not-asserted',
  ]),
  path,
  subject: optional(subject),
  detail: optional(text),
});
export const held = z.strictObject({
  cluster: text,
  namespace: optional(text),
  code,
  message: text,
  next: text,
  losses: some(loss),
  gains: optional(some(gain)),
  emptied: optional(some(z.strictObject({ ...place, neverEmpty: z.boolean() }))),
});
export const planSchema = z.strictObject({
  at: time,
  nextExpiry: optional(time),
  files: some(
    z.strictObject({ path: text, cluster: text, namespace: text, action: z.enum(['add', 'change', 'remove']) }),
  ),
  changes: some(change),
  kept: some(
    z.strictObject({
      cluster: text,
      namespace: optional(text),
      role: optional(text),
      problem,
      since: optional(time),
    }),
  ),
  held: some(held),
  dropped: some(z.strictObject({ ...place, dropped })),
  skippedMembers: some(
    z.strictObject({ ...place, setting: z.literal('members.services'), domain: text, members: z.int() }),
  ),
  skippedNamespaces: some(z.strictObject({ cluster: text, namespaces: some(text), files: some(text) })),
  expiring: some(
    z.strictObject({
      ...place,
      grant: z.strictObject({ subject, member: text, paths: some(path), expires: optional(time) }),
    }),
  ),
  totals: some(z.strictObject({ cluster: text, namespaces: z.int(), grantsBefore: z.int(), grantsAfter: z.int() })),
  letThrough: some(
    z.strictObject({
      cluster: text,
      namespace: text,
      kind: z.enum(['removals', 'additions']),
      changes: z.int(),
      digest: text,
    }),
  ),
  staleKustomizations: some(z.strictObject({ cluster: text, path: text, missing: some(text), unlisted: some(text) })),
  emptied: some(z.strictObject(place)),
  unmatched: some(z.strictObject({ kind: z.enum(['removals', 'additions']), digest: text })),
  heldRemovals: optional(text),
  heldAdditions: optional(text),
});
