import type { LimitsConfig } from '../config/types.ts';
import type { Held } from '../model/change.ts';
import type { NamespaceDecision } from './namespace.ts';

/**
 * The roles of a namespace that exceed `limits.maxSubjects`, each with its additions: all of them are held, even where some
 * would fit, and nothing else is. A role that is too large without additions stays as large as it is.
 */
export function heldSubjects(
  { maxSubjects }: Pick<LimitsConfig, 'maxSubjects'>,
  { cluster, namespace, roles, held }: NamespaceDecision,
): readonly Held[] {
  if (held !== undefined) return [];
  return roles.flatMap(({ role, after, gains }): readonly Held[] => {
    const size = after?.subjects.length ?? 0;
    if (size <= maxSubjects || gains.length === 0) return [];
    return [
      {
        cluster,
        namespace,
        code: 'LIMIT_SUBJECTS',
        message: `${role} in ${namespace} exceeds limits.maxSubjects (${size} subjects, at most ${maxSubjects})`,
        next: 'remove members in Athenz, or raise limits.maxSubjects (client-side apply fails near 2,900)',
        losses: [],
        gains,
      },
    ];
  });
}
