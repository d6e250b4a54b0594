import { z } from 'zod';
import { noContent, zmsError } from './answer.ts';
import { heldGroup } from './domain-writes.ts';
import { unknownMember } from './member-checks.ts';
import { invalid, isNamed, mismatch } from './names.ts';
import { badTags, flagsOf, groupSettings, stated, tagsOver, tagValues } from './settings-body.ts';
import { unaudited, type Write } from './write.ts';

const body = z.object({
  name: z.string(),
  groupMembers: z.array(z.object({ memberName: z.string(), expiration: z.string().nullish() })).nullish(),
  ...groupSettings,
});

/** `PUT /domain/D/group/G`: the group has these members afterwards; groups and wildcards cannot be in it. */
export const putGroup: Write<z.infer<typeof body>> = {
  names: ['DomainName', 'EntityName'],
  body,
  needs: (domain, short) => ['update', `${domain}:group.${short}`],
  carryOut: (desk, call, given, domain = '', short = '') => {
    const entry = desk.store.get(domain);
    if (entry === undefined) return zmsError(404, `No such domain: ${domain}`);
    const members = given.groupMembers ?? [];
    const wrong = members.findIndex(({ memberName }) => !isNamed('GroupMemberName', memberName));
    if (wrong !== -1) return invalid('Group', `${mismatch('GroupMemberName')} in data[${wrong}].memberName`);
    const full = `${domain}:group.${short}`;
    const actual = given.name.toLowerCase();
    if (actual !== full && actual !== short)
      return zmsError(400, `putGroup: Inconsistent group names - expected: ${full}, actual: ${actual}`);
    const { name: _, groupMembers: __, tags, ...settings } = given;
    const before = new Map(Object.entries(entry.domain.groups)).get(short);
    const refused =
      badTags('Group', tags) ??
      members.map(({ memberName }) => unknownMember(desk.store.get, memberName.toLowerCase())).find(Boolean) ??
      unaudited(desk, call, 'putgroup', domain) ??
      tagsOver('group', before?.tags, tagValues(tags));
    if (refused !== undefined) return refused;
    const held = new Map(
      members.map(({ memberName, expiration }) => {
        const name = memberName.toLowerCase();
        return [name, { name, expires: expiration ?? undefined }];
      }),
    );
    const group = { ...stated(settings), ...stated({ tags: tagValues(tags) }), members: [...held.values()] };
    desk.store.put(domain, { ...entry.domain, groups: { ...entry.domain.groups, [short]: group } });
    return noContent;
  },
};

const meta = z.object(groupSettings);

/** `PUT /domain/D/group/G/meta`: as that of a role. */
export const putGroupMeta: Write<z.infer<typeof meta>> = {
  names: ['DomainName', 'EntityName'],
  body: meta,
  needs: (domain, short) => ['update', `${domain}:group.${short}`],
  carryOut: (desk, call, { tags, ...settings }, domain = '', short = '') => {
    const entry = desk.store.get(domain);
    const group = entry && new Map(Object.entries(entry.domain.groups)).get(short);
    if (entry === undefined || group === undefined) return zmsError(404, 'Group does not exist');
    const refused =
      badTags('GroupMeta', tags) ??
      unaudited(desk, call, 'putgroupmeta', domain) ??
      tagsOver('group', group.tags, tagValues(tags));
    if (refused !== undefined) return refused;
    const told = { ...group, ...stated(settings), ...flagsOf(settings), ...stated({ tags: tagValues(tags) }) };
    desk.store.put(domain, { ...entry.domain, groups: { ...entry.domain.groups, [short]: told } });
    return noContent;
  },
};

/** `DELETE /domain/D/group/G`, unless a role holds it. */
export const deleteGroup: Write<undefined> = {
  names: ['DomainName', 'EntityName'],
  needs: (domain, short) => ['delete', `${domain}:group.${short}`],
  carryOut: (desk, call, _, domain = '', short = '') => {
    const entry = desk.store.get(domain);
    if (entry === undefined || !Object.hasOwn(entry.domain.groups, short)) return zmsError(404, 'Group does not exist');
    const refused = unaudited(desk, call, 'deletegroup', domain) ?? heldGroup(desk.store, `${domain}:group.${short}`);
    if (refused !== undefined) return refused;
    const { [short]: __, ...groups } = entry.domain.groups;
    desk.store.put(domain, { ...entry.domain, groups });
    return noContent;
  },
};
