import { z } from 'zod';
import { type Answer, noContent, zmsError } from './answer.ts';
import type { Call } from './call.ts';
import { claimed, foreign, foreignPart } from './owners.ts';
import { badTags, expiryDays, stated, tagsOver, tagsShape, tagValues } from './settings-body.ts';
import { type Desk, mayDo, unaudited, type Write } from './write.ts';

/** `DELETE /subdomain/{parent}/{name}`: for whom may delete it there or in its parent. */
export const deleteSubdomain: Write<undefined> = {
  names: ['DomainName', 'SimpleName'],
  carryOut: (desk, call, _, parent = '', short = '') => {
    const name = `${parent}.${short}`;
    if (desk.store.get(name) === undefined) return zmsError(404, `Domain not found: ${name}`);
    const may = [name, parent].some((domain) => mayDo(desk, call, 'delete', `${domain}:domain`));
    if (!may) return zmsError(403, `Principal is not authorized to delete domain: ${name}`);
    return remove(desk, call, 'deletesubdomain', name);
  },
};

/** `DELETE /domain/{name}`: any domain, for whom all of Athenz is in the hands of. */
export const deleteDomain: Write<undefined> = {
  names: ['DomainName'],
  needs: () => ['delete', 'sys.auth:domain'],
  carryOut: (desk, call, _, name = '') => {
    if (desk.store.get(name) === undefined) return zmsError(404, `Domain not found: ${name}`);
    return remove(desk, call, 'deletetopleveldomain', name);
  },
};

/** Services and delegations that point to the domain do not keep it; a group of it that a role holds does. */
function remove({ store }: Desk, { owner }: Call, write: string, name: string): Answer {
  const refused = foreign(store.get(name)?.domain.owners, owner, 'object: ');
  if (refused !== undefined) return refused;
  const inside = store.list().filter((entry) => entry.name.startsWith(`${name}.`)).length;
  if (inside > 0) return zmsError(400, `${write}: Cannot delete domain ${name}: ${inside} subdomains of it exist`);
  for (const group of Object.keys(store.get(name)?.domain.groups ?? {})) {
    const held = heldGroup(store, `${name}:group.${group}`, name);
    if (held !== undefined) return held;
  }
  store.remove(name);
  return noContent;
}

/** The refusal to delete a group that a role holds; roles of `except`, which goes too, do not count. */
export function heldGroup(store: Desk['store'], group: string, except?: string): Answer | undefined {
  const roles = store
    .list()
    .flatMap(({ name, domain }) =>
      Object.entries(name === except ? {} : domain.roles).flatMap(([short, { members }]) =>
        members.some((member) => member.name === group) ? [`${name}:role.${short}`] : [],
      ),
    );
  if (roles.length === 0) return undefined;
  return zmsError(400, `Remove group '${group}' membership from the following role(s): ${roles.join(', ')}`);
}

const meta = z.object({
  ...expiryDays,
  memberPurgeExpiryDays: z.int32().nullish(),
  description: z.string().nullish(),
  applicationId: z.string().nullish(),
  autoDeleteTenantAssumeRoleAssertions: z.boolean().nullish(),
  tags: tagsShape,
});

/**
 * `PUT /domain/{name}/meta`: changes what it names and leaves the rest, apart from the description, the application and
 * one flag, which it clears when it does not name them. The organisation is a system attribute, and passed over.
 */
export const putDomainMeta: Write<z.infer<typeof meta>> = {
  names: ['DomainName'],
  body: meta,
  needs: (name) => ['update', `${name}:`],
  carryOut: (desk, call, { tags, ...settings }, name = '') => {
    const entry = desk.store.get(name);
    if (entry === undefined) return zmsError(404, `No such domain: ${name}`);
    const refused =
      badTags('DomainMeta', tags) ??
      unaudited(desk, call, 'putdomainmeta', name) ??
      foreignPart(entry.domain.owners, 'meta', call.owner, { kind: 'domain', name }) ??
      tagsOver('domain', entry.domain.tags, tagValues(tags));
    if (refused !== undefined) return refused;
    const { description, applicationId, autoDeleteTenantAssumeRoleAssertions } = settings;
    const cleared = {
      description: description ?? undefined,
      applicationId: applicationId ?? undefined,
      autoDeleteTenantAssumeRoleAssertions: autoDeleteTenantAssumeRoleAssertions ?? undefined,
    };
    const told = { ...stated(settings), ...stated({ tags: tagValues(tags) }), ...cleared };
    desk.store.put(name, { ...entry.domain, ...told, owners: claimed(entry.domain.owners, call.owner, ['meta']) });
    return noContent;
  },
};

const systemMeta = z.object({ enabled: z.boolean().nullish(), auditEnabled: z.boolean().nullish() });

/** `PUT /domain/{name}/meta/system/{attribute}`: what only those may change who have all of Athenz in their hands. */
export const putSystemMeta: Write<z.infer<typeof systemMeta>> = {
  names: ['DomainName', 'SimpleName'],
  body: systemMeta,
  needs: (name, attribute) => ['update', `sys.auth:meta.domain.${attribute}.${name}`],
  carryOut: ({ store }, _, { enabled, auditEnabled }, name = '', attribute = '') => {
    const entry = store.get(name);
    if (entry === undefined) return zmsError(404, `No such domain: ${name}`);
    const told =
      attribute === 'enabled' ? { enabled: enabled ?? undefined } : { auditEnabled: auditEnabled ?? undefined };
    store.put(name, { ...entry.domain, ...stated(told) });
    return noContent;
  },
};
