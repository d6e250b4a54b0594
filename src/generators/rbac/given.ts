import { roleName } from '../../model/domain.ts';
import { subjectKey } from '../../model/grant.ts';
import type { RenderedRole } from '../../model/manifest.ts';
import { renderedPermission, rulesKey } from './permission.ts';
import { describeRules } from './words/rules.ts';

const plain = (text: string) => text;

/** Who is bound to what by a file: an entry for each subject of each role. */
export function givenBy(roles: readonly RenderedRole[]): ReadonlyMap<string, Readonly<Record<string, string>>> {
  return new Map(
    roles.flatMap((role) => {
      const { roleRef, rules } = renderedPermission(role);
      const key = rules === undefined ? `${roleRef.kind} ${roleRef.name}` : rulesKey(rules);
      const access =
        rules === undefined ? { access: key } : { access: describeRules(rules, plain), rules: JSON.stringify(rules) };
      return role.subjects.map((subject) => {
        const { kind, name } = subject;
        const of = 'namespace' in subject ? { subjectNamespace: subject.namespace } : {};
        const entry = { role: roleName(role.domain, role.role), kind, subject: name, ...of, ...access };
        return [JSON.stringify([role.domain, role.role, subjectKey(subject), key]), entry] as const;
      });
    }),
  );
}
