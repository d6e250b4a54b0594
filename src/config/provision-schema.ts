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
    members: z.array(member).default([]).describe('Initial members; never changed afterwards.'),
    description: text.nullable().default(null).describe('Its description.'),
    memberExpiryDays: days.describe('Days until memberships of people expire.'),
    selfServe: flag.describe('Whether people may ask to be added; null: stays as it is in Athenz.'),
    reviewEnabled: flag.describe(
      'Whether each change waits for an approval, that of the initial members too; null: stays as it is in Athenz.',
    ),
    tags: tagsBeside(1).describe('Its tags.'),
    trust: z
      .strictObject({
        domain: name.describe('The domain that the role is delegated to.'),
        role: name.describe('Its role whose members get this role.'),
        policy: z
          .boolean()
          .default(false)
          .describe(
            'Also creates the assertion there; whoever may do that can become administrator of that whole domain.',
          ),
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
  adminUsers: z.array(person).default([]).describe('Administrators of a new domain: users or services.'),
  org: text.nullable().default(null).describe('Organisation of a new domain; never changed later.'),
  description: text
    .nullable()
    .default(null)
    .describe('Description of a new domain; {cluster} and {namespace} are replaced.'),
  memberExpiryDays: days.describe('Of a new domain: days until memberships of people in any of its roles expire.'),
  tags: tagsBeside(3).describe(
    'Tags of a new domain. ZMS allows 25 values for each object, those of athenz-gitops included.',
  ),
  annotations: z
    .strictObject({
      adminUsers: annotation.describe('Its administrators are added to those of the config.'),
      org: annotation.describe('In place of org.'),
      description: annotation.describe('In place of description.'),
    })
    .prefault({})
    .describe('Keys of annotations with which a Namespace may set these itself; other annotations are ignored.'),
  roles: z.record(name, role).default({}).describe('Settings of roles, by the Athenz role.'),
  groups: z
    .record(name, z.strictObject({ members: z.array(person).default([]).describe('Initial members.') }))
    .default({})
    .describe('Groups that each new domain gets.'),
  auditRef: text
    .regex(/^[\x20-\x7e]+$/, 'must be plain ASCII: it is sent as a header')
    .default('athenz-gitops')
    .describe('Sent as Y-Audit-Ref with every write.'),
  resourceOwner: name
    .nullable()
    .default('athenz-gitops')
    .describe('Athenz-Resource-Owner of new domains: others cannot delete or retag them by mistake. null: none.'),
  prune: z
    .union([z.literal(false), z.enum(['report', 'delete'])])
    .default(false)
    .describe('What to do with domains that it created and whose namespace left git: nothing, report or delete.'),
  pruneAfterDays: z.int().min(0).max(3650).default(7).describe('A domain that was changed within these days is kept.'),
  maxPruned: z
    .int()
    .min(1)
    .default(5)
    .describe('Domains that are deleted in one run; the others wait for the next one.'),
});

export type ProvisionConfig = z.output<typeof provision>;
