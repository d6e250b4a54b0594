import { rule } from '../config/schema.ts';
import { rulesKey } from '../generators/rbac/permission.ts';
import type { PolicyRule } from '../model/manifest.ts';
import { compareText } from '../model/text.ts';
import type { FoundObject } from './found.ts';
import type { LeftOutReason, ProposedRole, Unproposed } from './result.ts';

export interface ChosenRules {
  readonly roles: readonly ProposedRole[];
  readonly unproposed: readonly Unproposed[];
  /** Objects whose Role has other rules than the chosen ones. */
  readonly differing: readonly { readonly object: FoundObject; readonly reason: LeftOutReason }[];
}

/** What one set of rules has for it. */
interface Variant {
  readonly rules: readonly PolicyRule[];
  readonly namespaces: readonly string[];
}

/** Chooses the rules of each role: those that its Roles have in the most namespaces. None are made up, and none are guessed. */
export function chooseRules(objects: readonly FoundObject[]): ChosenRules {
  const roles: ProposedRole[] = [];
  const unproposed: Unproposed[] = [];
  const differing: { object: FoundObject; reason: LeftOutReason }[] = [];
  const byRole = [...Map.groupBy(objects, ({ role }) => role)].sort(([a], [b]) => compareText(a, b));
  for (const [role, all] of byRole) {
    for (const object of all) {
      if (object.ownRole !== undefined && !isUsable(object.ownRole.rules)) {
        differing.push({ object, reason: { kind: 'no-usable-rules' } });
      }
    }
    const [first, ...others] = mostFrequent(variantsOf(all));
    if (first === undefined || others.length > 0) {
      const variants = first === undefined ? [] : [first, ...others];
      const namespaces = [...new Set(all.map(({ namespace }) => namespace))].sort(compareText);
      unproposed.push({ role, namespaces, variants });
      continue;
    }
    roles.push({ athenzRole: role, rules: first.rules, namespaces: first.namespaces.length });
    for (const object of all) {
      const rules = object.ownRole?.rules;
      if (rules === undefined || !isUsable(rules) || rulesKey(rules) === rulesKey(first.rules)) continue;
      differing.push({ object, reason: { kind: 'other-rules', before: rules, after: first.rules } });
    }
  }
  return { roles, unproposed, differing };
}

/** Each set of rules with the namespaces it was found in; as written in the first of them. */
function variantsOf(objects: readonly FoundObject[]): readonly Variant[] {
  const found = objects
    .flatMap(({ namespace, ownRole }) => (ownRole === undefined ? [] : [{ namespace, rules: ownRole.rules }]))
    .filter(({ rules }) => isUsable(rules))
    .sort((a, b) => compareText(a.namespace, b.namespace));
  return [...Map.groupBy(found, ({ rules }) => rulesKey(rules)).values()].map((same) => ({
    rules: same[0]?.rules ?? [],
    namespaces: same.map(({ namespace }) => namespace),
  }));
}

function mostFrequent(variants: readonly Variant[]): readonly Variant[] {
  const most = Math.max(...variants.map(({ namespaces }) => namespaces.length));
  return variants.filter(({ namespaces }) => namespaces.length === most);
}

/** Whether a config may hold them. */
function isUsable(rules: readonly PolicyRule[]): boolean {
  return rules.length > 0 && rules.every((it) => rule.safeParse(it).success);
}
