import { z } from 'zod';
import { roleName } from '../model/domain.ts';
import { type Answer, noContent, zmsError } from './answer.ts';
import { endOf } from './member-checks.ts';
import { claimed, foreign, foreignPart } from './owners.ts';
import type { SandboxRole } from './role-state.ts';
import { rolesOf } from './roles.ts';
import { badTags, flagsOf, roleSettings, stated, tagsOver, tagValues } from './settings-body.ts';
import { unaudited, type Write } from './write.ts';

/** `DELETE /domain/D/role/R`; a policy that names the role does not keep it. */
export const deleteRole: Write<undefined> = {
  names: ['DomainName', 'EntityName'],
  needs: (domain, short) => ['delete', roleName(domain ?? '', short ?? '')],
  carryOut: (desk, call, _, name = '', short = '') => {
    const entry = desk.store.get(name);
    if (short === 'admin') return zmsError(400, 'deleteRole: admin role cannot be deleted');
    const role = entry && rolesOf(entry).get(short);
    if (entry === undefined || role === undefined) return zmsError(404, 'Role does not exist');
    const refused =
      unaudited(desk, call, 'deleterole', name) ?? foreign(role.owners, call.owner, `role: ${roleName(name, short)}, `);
    if (refused !== undefined) return refused;
    const { [short]: __, ...roles } = entry.domain.roles;
    desk.store.put(name, { ...entry.domain, roles });
    return noContent;
  },
};

const meta = z.object(roleSettings);

/**
 * `PUT /domain/D/role/R/meta`: changes the settings it names, and switches off the flags that it does not; members that may
 * be in for longer get a nearer end.
 */
export const putRoleMeta: Write<z.infer<typeof meta>> = {
  names: ['DomainName', 'EntityName'],
  body: meta,
  needs: (domain, short) => ['update', roleName(domain ?? '', short ?? '')],
  carryOut: (desk, call, { tags, ...settings }, name = '', short = '') => {
    const { store, now } = desk;
    const entry = store.get(name);
    const role = entry && rolesOf(entry).get(short);
    if (entry === undefined || role === undefined) return zmsError(404, 'Role does not exist');
    const full = roleName(name, short);
    const refused =
      badTags('RoleMeta', tags) ??
      (settings.auditEnabled && !entry.domain.auditEnabled ? notAudited : undefined) ??
      unaudited(desk, call, 'putrolemeta', name) ??
      foreignPart(role.owners, 'meta', call.owner, { kind: 'role', name: full }) ??
      tagsOver('role', role.tags, tagValues(tags));
    if (refused !== undefined) return refused;
    const told: SandboxRole = {
      ...role,
      ...stated(settings),
      ...flagsOf(settings),
      ...stated({ tags: tagValues(tags) }),
      owners: claimed(role.owners, call.owner, ['meta']),
    };
    const members = told.members.map((member) => ({
      ...member,
      expires: endOf(member, told, entry.domain, now()),
    }));
    store.put(name, { ...entry.domain, roles: { ...entry.domain.roles, [short]: { ...told, members } } });
    return noContent;
  },
};

/** A role is audited in a domain that is. */
export const notAudited: Answer = zmsError(
  400,
  'Role cannot be set as audit-enabled if the domain is not audit-enabled',
);
