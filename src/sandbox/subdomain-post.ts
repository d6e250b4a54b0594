import { z } from 'zod';
import { type Answer, ok, zmsError } from './answer.ts';
import { createdDomain, orgOf } from './document.ts';
import { unknownMember } from './member-checks.ts';
import { invalid, isNamed, mismatch } from './names.ts';
import { claimed } from './owners.ts';
import { subdomainsOver } from './quota.ts';
import { badTags, expiryDays, tagsOver, tagsShape, tagValues } from './settings-body.ts';
import { normaliseDomain } from './state.ts';
import type { Write } from './write.ts';

const body = z.object({
  name: z.string().nullish(),
  parent: z.string().nullish(),
  adminUsers: z.array(z.string()).nullish(),
  description: z.string().nullish(),
  org: z.string().nullish(),
  tags: tagsShape,
  ...expiryDays,
});

/** `POST /subdomain/{parent}`: makes a domain with its `admin` role and policy. */
export const postSubdomain: Write<z.infer<typeof body>> = {
  names: ['DomainName'],
  body,
  needs: (parent) => ['create', `${parent}:domain`],
  carryOut: ({ store }, { principal, owner }, given, parent = '') => {
    const wrong = malformed(given) ?? badTags('SubDomain', given.tags);
    if (wrong !== undefined) return wrong;
    const { adminUsers: admins, name: short, parent: stated, tags, ...settings } = given;
    if (stated?.toLowerCase() !== parent)
      return zmsError(403, 'postSubDomain: Request and detail parent domains do not match');
    const name = `${parent}.${short?.toLowerCase()}`;
    if (name.length > longestName)
      return zmsError(400, `Invalid SubDomain name: ${name} : name length cannot exceed: ${longestName}`);
    const members = [...new Set((admins ?? []).map((admin) => admin.toLowerCase()))];
    if (members.length === 0) return zmsError(400, 'validatedAdminUsers: Missing adminUsers');
    if (members.some((member) => member.includes(':group.')))
      return zmsError(400, 'Group principals are not allowed in the role');
    const refused = members.map((member) => unknownMember(store.get, member)).find((answer) => answer !== undefined);
    if (refused !== undefined) return refused;
    if (store.get(name) !== undefined) return zmsError(400, `Domain name conflict: ${name}`);
    const over = subdomainsOver(store, name) ?? tagsOver('domain', undefined, tagValues(tags));
    if (over !== undefined) return over;
    const top = store.get(parent);
    const made = normaliseDomain({
      ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null)),
      org: settings.org?.toLowerCase() ?? (top && orgOf(parent, top.domain)),
      tags: tagValues(tags),
      roles: { admin: { members: members.map((member) => ({ name: member, by: principal })) } },
      owners: claimed(undefined, owner, ['meta', 'object']),
    });
    return ok(createdDomain(store.put(name, made)));
  },
};

/** ZMS' default for `athenz.zms.domain_name_max_len`. */
const longestName = 128;

function malformed({ name, parent, adminUsers }: z.infer<typeof body>): Answer | undefined {
  const fields = { name, parent, adminUsers };
  const missing = Object.entries(fields).find(([, value]) => value === undefined || value === null)?.[0];
  if (missing !== undefined)
    return invalid('SubDomain', `Missing required field: ${missing} for type SubDomain in data`);
  return isNamed('SimpleName', name ?? '') ? undefined : invalid('SubDomain', `${mismatch('SimpleName')} in data.name`);
}
