import { suggest } from '../config/issues.ts';
import { type DomainDocument, domainOf } from '../model/domain.ts';
import { compareText } from '../model/text.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, warning } from './finding.ts';

/**
 * Whether the roles of the config are called as in Athenz: a role that no domain has is no error, and grants nobody anything. One domain
 * shows it where it has none of them, or one that is called nearly the same.
 */
export function checkRoles(
  { workspace: { config }, inventory }: Pick<DoctorContext, 'workspace' | 'inventory'>,
  { name, roles }: Pick<DomainDocument, 'name' | 'roles'>,
): readonly Finding[] {
  const mapping = config.clusters.filter((cluster) =>
    inventory.some(
      (it) => it.cluster === cluster.name && it.namespaces.some((ns) => domainOf(cluster, ns.name) === name),
    ),
  );
  const configured = new Set(mapping.flatMap((cluster) => cluster.roles.map(({ athenzRole }) => athenzRole)));
  const there = new Set(roles.map((role) => role.name));
  const absent = [...configured.difference(there)];
  const others = [...there.difference(configured)].filter((it) => it !== 'admin').sort(compareText);
  const none = absent.length === configured.size;
  return absent.flatMap((role): readonly Finding[] => {
    const meant = suggest(role, others);
    if (!none && !meant.includes('did you mean')) return [];
    return [
      warning(
        'roles',
        `${name} has no role ${role}${meant}`,
        'correct roles[].athenzRole, or create the role in Athenz',
      ),
    ];
  });
}
