import type { LimitsConfig } from '../../config/types.ts';
import type { Held } from '../../core/change.ts';
import type { AccessChange } from '../../model/access.ts';
import { toChange } from './change.ts';
import type { NamespaceDecision } from './namespace.ts';

/**
 * The roles of a namespace that exceed `limits.maxSubjects`, each with its additions: all of them are held, even where some
 * would fit, and nothing else is. A role that is too large without additions stays as large as it is.
 */
export function heldSubjects(
  { maxSubjects }: Pick<LimitsConfig, 'maxSubjects'>,
  { cluster, namespace, roles }: NamespaceDecision,
): readonly Held<AccessChange>[] {
  return roles.flatMap((decided): readonly Held<AccessChange>[] => {
    const size = decided.after?.subjects.length ?? 0;
    if (size <= maxSubjects) return [];
    const { role, gains } = decided;
    if (gains.length === 0) return [];
    return [
      {
        cluster,
        namespace,
        code: 'LIMIT_SUBJECTS',
        message: `${role} in ${namespace} exceeds limits.maxSubjects (${size} subjects, at most ${maxSubjects})`,
        next: 'remove members in Athenz, or raise limits.maxSubjects (client-side apply fails near 2,900)',
        changes: gains.map(toChange),
      },
    ];
  });
}
