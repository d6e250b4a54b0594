import type { GroupSettings, Owners, RoleSettings, SandboxRole } from './role-state.ts';

/** Tags as ZMS writes them, with their values in order. */
export function writtenTags(tags: RoleSettings['tags']): object {
  if (tags === undefined) return {};
  return {
    tags: Object.fromEntries(
      Object.entries(tags)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, list]) => [key, { list: [...list].sort() }]),
    ),
  };
}

/** Who owns which part, as ZMS writes it. */
export function writtenOwners(owners: Owners | undefined): object {
  if (owners === undefined) return {};
  const { meta, members, object } = owners;
  return {
    resourceOwnership: {
      ...(meta === undefined ? {} : { metaOwner: meta }),
      ...(members === undefined ? {} : { membersOwner: members }),
      ...(object === undefined ? {} : { objectOwner: object }),
    },
  };
}

/** A role's settings in the order in which ZMS writes them; those that say nothing are not in the state. */
export function writtenSettings(role: SandboxRole): object {
  const order = ['selfServe', 'memberExpiryDays', 'serviceExpiryDays', 'reviewEnabled', 'groupExpiryDays'] as const;
  return {
    ...inOrder(role, order),
    ...writtenTags(role.tags),
    ...(role.description === undefined ? {} : { description: role.description }),
    ...inOrder(role, ['auditEnabled', 'deleteProtection']),
    ...writtenOwners(role.owners),
  };
}

/** The same of a group. */
export function groupSettings(group: GroupSettings): object {
  return {
    ...inOrder(group, ['selfServe', 'memberExpiryDays', 'serviceExpiryDays', 'reviewEnabled']),
    ...writtenTags(group.tags),
    ...inOrder(group, ['deleteProtection']),
  };
}

function inOrder<T extends object>(settings: T, keys: readonly (keyof T)[]): object {
  return Object.fromEntries(keys.flatMap((key) => (settings[key] === undefined ? [] : [[key, settings[key]]])));
}
