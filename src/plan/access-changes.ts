import type { AccessChange } from '../model/change.ts';
import { subjectKey } from '../model/grant.ts';
import type { NamespaceDecision } from './namespace.ts';
import { samePermission } from './permission.ts';

/** What a decision changes for people: who gains and loses what, and whose permission becomes another. */
export function accessChanges({ cluster, namespace, roles }: NamespaceDecision): readonly AccessChange[] {
  return roles.flatMap(({ role, access, before, after, losses }): AccessChange[] => {
    const changes: AccessChange[] = [...losses];
    if (after === undefined) return changes;
    const had = new Set(before?.subjects.map(subjectKey));
    const has = new Set(after.subjects.map(subjectKey));
    for (const { subject, paths, expires } of access?.outcome.kind === 'value' ? access.outcome.grants : []) {
      const key = subjectKey(subject);
      if (had.has(key) || !has.has(key)) continue;
      const gain = { kind: 'gain', cluster, namespace, role, subject, permission: after.permission, paths } as const;
      changes.push(expires === undefined ? gain : { ...gain, expires });
    }
    if (before !== undefined && !samePermission(before.permission, after.permission)) {
      const subjects = [...has].filter((key) => had.has(key)).length;
      changes.push({
        kind: 'permission',
        cluster,
        namespace,
        role,
        before: before.permission,
        after: after.permission,
        subjects,
      });
    }
    if (before !== undefined && before.domain !== after.domain) {
      changes.push({ kind: 'mapping', cluster, namespace, role, before: before.domain, after: after.domain });
    }
    return changes;
  });
}
