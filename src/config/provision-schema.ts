import { z } from 'zod';
import { tagCount, tagLimit } from '../model/tags.ts';
import { athenzName, fullName, tagValue, text } from './text-schema.ts';

/*
 * What provisioning creates in Athenz, as a person writes it.
 */

const name = z.string().regex(athenzName, 'must be an Athenz name in lower case');
const full = 'must be the full name of a user or service in lower case, such as user.ada';
/** Where ZMS takes no group: among administrators, and in groups. */
const person = z.string().regex(fullName, full);
/** A user or service by its full name, or a group; ZMS stores them in lower case. */
const member = z
  .string()
  .regex(
    /^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)+(:group\.[a-z0-9_][a-z0-9_.-]*)?$/,
    'must be the full name of a user, service or group, such as user.ada or acme.org:group.sre',
  );
/**
 * By key, which ZMS stores in lower case (TagKey, Names.tdl).
 *
 * @param own how many values this program adds
 */
function tagsBeside(own: number) {
  const value = z.string().regex(tagValue, 'must be a tag value of Athenz: letters, digits and any of _ : , / % - .');
  return z
    .record(name, z.array(value))
    .refine((it) => tagCount(it) + own <= tagLimit, {
      error: `must have ${tagLimit - own} values at most: ZMS allows ${tagLimit}, and athenz-gitops uses ${own}`,
    })
    .default({});
}
const annotation = text
  .regex(/^([a-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'must be the key of an annotation')
  .nullable()
  .default(null);
/** More than a year is not a limit; ZMS takes days. */
const days = z.int().min(1).max(36_500).nullable().default(null);

/** Both values are set and reported; null says nothing of it. */
const flag = z.boolean().nullable().default(null);

const role = z
  .strictObject({
    members: z.array(member).default([]).describe('Initial members of the role; never changed afterwards.'),
    description: text.nullable().default(null),
    memberExpiryDays: days.describe('Days until memberships of people expire.'),
    selfServe: flag.describe('Whether people may ask to be added; null leaves it unchanged in Athenz.'),
    reviewEnabled: flag.describe('Whether each change waits for an approval; null leaves it unchanged in Athenz.'),
    tags: tagsBeside(1),
    trust: z
      .strictObject({
        domain: name.describe('The domain that the role is delegated to.'),
        role: name.describe('Its role whose members get this role.'),
        policy: z
          .boolean()
          .default(false)
          .describe('Also create the policy there; whoever may do that can become administrator of that whole domain.'),
      })
      .nullable()
      .default(null)
      .describe('Makes it a delegated role.'),
  })
  .refine((it) => it.trust === null || it.members.length === 0, {
    path: ['members'],
    error: 'must be empty for a delegated role: ZMS refuses both',
  });

export const provision = z.strictObject({
  adminUsers: z.array(person).default([]).describe('Administrators of a domain that provisioning creates.'),
  org: text.nullable().default(null).describe('Of each domain.'),
  description: text.nullable().default(null).describe('Of each domain; {cluster} and {namespace} are replaced.'),
  memberExpiryDays: days.describe('Of each domain: days until memberships of people in any of its roles expire.'),
  tags: tagsBeside(3).describe('Of each domain.'),
  annotations: z
    .strictObject({ adminUsers: annotation, org: annotation, description: annotation })
    .prefault({})
    .describe(
      'Keys of annotations with which a Namespace may set these itself; its administrators are added to those here.',
    ),
  roles: z.record(name, role).default({}).describe('Settings of roles, by the Athenz role.'),
  groups: z
    .record(name, z.strictObject({ members: z.array(person).default([]) }))
    .default({})
    .describe('Groups that each new domain gets.'),
  auditRef: text
    .regex(/^[\x20-\x7e]+$/, 'must be plain ASCII: it is sent as a header')
    .default('athenz-gitops')
    .describe('Sent as Y-Audit-Ref with every write.'),
  resourceOwner: name
    .nullable()
    .default('athenz-gitops')
    .describe('Athenz-Resource-Owner of domains that it creates: others cannot delete or retag them by mistake.'),
  prune: z
    .union([z.literal(false), z.enum(['report', 'delete'])])
    .default(false)
    .describe('What to do with domains that it created and whose namespace left git.'),
  pruneAfterDays: z.int().min(0).max(3650).default(7).describe('A domain changed since then is kept.'),
  maxPruned: z.int().min(1).default(5).describe('Per run; the others wait for the next run.'),
});

export type ProvisionConfig = z.output<typeof provision>;
