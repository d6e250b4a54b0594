import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedMember, Recording } from './oracle.ts';

interface Expanded {
  readonly status: number;
  readonly body: { readonly trust?: string; readonly roleMembers?: readonly RecordedMember[] };
}

/** The server's own answer to `GET /domain/…/role/…?expand=true`; throws where none was recorded. */
export function readExpanded(recording: Recording, namespace: string, role: string): Expanded {
  const file = join(recording.dir, 'expanded', `acme.eks.${namespace}.${role}.json`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * That answer as the sorted names of users, undone where ZMS's convenience is known to differ from ZTS: it keeps expired
 * and suspended rows and duplicates, answers for a disabled domain, and leaves a group inside a trusted role unexpanded.
 */
export function serverExpansion(
  recording: Recording,
  namespace: string,
  role: string,
  at: Date,
): readonly string[] | undefined {
  const { status, body } = readExpanded(recording, namespace, role);
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`unexpected ${status} recorded for ${namespace} ${role}`);
  if (recording.domains.get(`acme.eks.${namespace}`)?.enabled !== true) return [];
  const users = new Set<string>();
  for (const member of body.roleMembers ?? []) {
    if (isOver(member, at)) continue;
    if (body.trust !== undefined && member.memberName.includes(':group.')) {
      for (const row of groupRows(recording, member.memberName)) if (!isOver(row, at)) users.add(row.memberName);
    } else {
      users.add(member.memberName);
    }
  }
  // Wildcards and services are members, but never a User here. An unexpanded group elsewhere must stand out: it stays.
  return [...users].filter((name) => name.includes(':') || /^user\.[^.*]+$/.test(name)).sort();
}

function isOver(member: RecordedMember, at: Date): boolean {
  const expired = typeof member.expiration === 'string' && new Date(member.expiration) <= at;
  return expired || Boolean(member.systemDisabled);
}

function groupRows(recording: Recording, groupName: string): readonly RecordedMember[] {
  const [home = ''] = groupName.split(':');
  const group = recording.domains.get(home)?.groups?.find((candidate) => candidate.name === groupName);
  if (!group) throw new Error(`${groupName} is not in the recording`);
  return group.groupMembers ?? [];
}
