import type { AccessChange } from '../../model/access.ts';
import { subjectKey } from '../../model/grant.ts';
import type { NamespaceDecision } from './namespace.ts';
import { samePermission } from './permission.ts';

/** What a decision changes for people: who gains and loses what, and whose permission becomes another. */
export function accessChanges({ cluster, namespace, roles }: NamespaceDecision): readonly AccessChange[] {
  return roles.flatMap(({ role, before, after, gains, losses }): AccessChange[] => {
    const changes: AccessChange[] = [...losses, ...gains];
    if (before === undefined || after === undefined) return changes;
    if (!samePermission(before.permission, after.permission)) {
      const had = new Set(before.subjects.map(subjectKey));
      const subjects = after.subjects.filter((subject) => had.has(subjectKey(subject))).length;
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
    if (before.domain !== after.domain) {
      changes.push({ kind: 'mapping', cluster, namespace, role, before: before.domain, after: after.domain });
    }
    return changes;
  });
}
