import { z } from 'zod';

/** Athenz' EntityName, in the lower case that ZMS stores (Names.tdl). */
const athenzName = z
  .string()
  .regex(/^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*$/, 'must be a lower-case Athenz name such as acme.payments');

const time = z.iso.datetime({ offset: true, error: 'must be a time such as 2027-01-01T00:00:00Z' });

const member = z.preprocess(
  (given) => (typeof given === 'string' ? { name: given } : given),
  z.strictObject({
    name: z
      .string()
      .regex(/^(\*|[^\s.]\S*\.\S+)$/, 'must be a full Athenz name: user.ada, acme.ci.deployer or acme.org:group.infra'),
    expires: time.optional(),
    suspended: z.boolean().optional(),
    by: z.string().optional(),
    auditRef: z.string().optional(),
  }),
);

const request = z.strictObject({
  name: z.string(),
  requested: time,
  expires: time.optional(),
  by: z.string().optional(),
  auditRef: z.string().optional(),
});

const tags = z.record(z.string(), z.array(z.string()));
const days = z.int32().min(0).optional();
const expiryDays = { memberExpiryDays: days, serviceExpiryDays: days, groupExpiryDays: days };
const owners = z.strictObject({
  meta: z.string().optional(),
  members: z.string().optional(),
  object: z.string().optional(),
});

const members = z.array(member).nullable();

const flags = {
  selfServe: z.boolean().optional(),
  reviewEnabled: z.boolean().optional(),
  deleteProtection: z.boolean().optional(),
};
const withMembers = (given: unknown) => (Array.isArray(given) || given === null ? { members: given } : given);

const role = z.preprocess(
  withMembers,
  z
    .strictObject({
      members: members.optional(),
      trust: athenzName.optional(),
      ...expiryDays,
      ...flags,
      auditEnabled: z.boolean().optional(),
      description: z.string().optional(),
      tags: tags.optional(),
      pending: z.array(request).optional(),
      owners: owners.optional(),
    })
    .refine((it) => it.trust === undefined || (it.members ?? []).length === 0, {
      error: 'a delegated role ("trust") has no members of its own',
    }),
);

const group = z.preprocess(
  withMembers,
  z.strictObject({
    members: members.optional(),
    memberExpiryDays: days,
    serviceExpiryDays: days,
    ...flags,
    tags: tags.optional(),
  }),
);

const assume = z.strictObject({
  role: athenzName,
  resource: z.string().regex(/^\S+:role\.\S+$/, 'must name delegated roles, such as acme.eks.*:role.k8s_ns_viewers'),
  effect: z.enum(['ALLOW', 'DENY']).optional(),
});

const assertion = z.strictObject({
  role: z.string(),
  resource: z.string(),
  action: z.string(),
  effect: z.enum(['ALLOW', 'DENY']).optional(),
});

const domain = z.strictObject({
  enabled: z.boolean().optional(),
  auditEnabled: z.boolean().optional(),
  org: z.string().optional(),
  description: z.string().optional(),
  applicationId: z.string().optional(),
  memberPurgeExpiryDays: days,
  autoDeleteTenantAssumeRoleAssertions: z.boolean().optional(),
  tags: tags.optional(),
  ...expiryDays,
  owners: owners.optional(),
  quota: z.record(z.string(), z.int32()).optional(),
  policies: z.record(athenzName, z.array(assertion)).optional(),
  roles: z.record(athenzName, role).nullish(),
  groups: z.record(athenzName, group).nullish(),
  assumes: z.array(assume).nullish(),
});

/** What a state file may hold. */
export const stateShape = z.strictObject({ domains: z.record(athenzName, domain.nullable()) });
