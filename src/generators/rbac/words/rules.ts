import type { PolicyRule } from '../../../model/manifest.ts';
import type { Show } from '../../../model/text.ts';

/** Rules in a few words: `all on everything`, `get, list on pods, services`. */
export function describeRules(rules: readonly PolicyRule[], show: Show): string {
  if (rules.length === 0) return 'nothing';
  const words = rules.map((rule) => `${verbWords(rule.verbs, show)} on ${resourceWords(rule, show)}`);
  return some(words, '; ');
}

function verbWords(verbs: readonly string[], show: Show): string {
  return verbs.includes('*') ? 'all' : some(verbs.map(show));
}

function resourceWords({ apiGroups, resources, resourceNames }: PolicyRule, show: Show): string {
  const everything = resources.includes('*') && apiGroups.includes('*');
  // The core group goes without saying, unless there are others or all of it is meant.
  const said = !apiGroups.includes('*') && (apiGroups.some((group) => group !== '') || resources.includes('*'));
  const inGroups = said ? ` (${some(apiGroups.map((group) => (group === '' ? 'core' : show(group))))})` : '';
  const named = resourceNames === undefined ? '' : ` named ${some(resourceNames.map(show))}`;
  return `${everything ? 'everything' : some(resources.map(show))}${inGroups}${named}`;
}

/**
 * What one set of rules allows that the other does not, both ways: `adds get, list on secrets; removes delete on pods`;
 * where one may hold the other, both as they are.
 */
export function describeRuleChange(before: readonly PolicyRule[], after: readonly PolicyRule[], show: Show): string {
  const gone = before.filter((rule) => !after.some((other) => isSame(rule, other)));
  const come = after.filter((rule) => !before.some((other) => isSame(rule, other)));
  // A wildcard, or no names at all, holds what the other side names: neither is all new or all gone.
  if (gone.length > 0 && come.length > 0 && isCovering([...gone, ...come])) {
    return `${describeRules(come, show)} instead of ${describeRules(gone, show)}`;
  }
  const was = verbsByResource(before);
  const is = verbsByResource(after);
  const adds = difference(is, was, show);
  const takes = difference(was, is, show);
  const parts = [...(adds === '' ? [] : [`adds ${adds}`]), ...(takes === '' ? [] : [`removes ${takes}`])];
  return parts.length === 0 ? 'the same rules, written differently' : parts.join('; ');
}

function isSame(a: PolicyRule, b: PolicyRule): boolean {
  return JSON.stringify(listsOf(a)) === JSON.stringify(listsOf(b));
}

function listsOf({ apiGroups, resources, resourceNames = [], verbs }: PolicyRule): readonly (readonly string[])[] {
  return [apiGroups, resources, resourceNames, verbs].map((list) => [...new Set(list)].sort());
}

/** Whether one of the rules may hold another without writing down the same. */
function isCovering(rules: readonly PolicyRule[]): boolean {
  const named = rules.filter((rule) => rule.resourceNames !== undefined).length;
  const wild = rules.some((rule) => [rule.apiGroups, rule.resources, rule.verbs].some((list) => list.includes('*')));
  return wild || (named > 0 && named < rules.length);
}

function verbsByResource(rules: readonly PolicyRule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const verbs = new Map<string, Set<string>>();
  for (const { apiGroups, resources, resourceNames = [''], verbs: allowed } of rules) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        for (const name of resourceNames) {
          const key = JSON.stringify([group, resource, name]);
          verbs.set(key, new Set([...(verbs.get(key) ?? []), ...allowed]));
        }
      }
    }
  }
  return verbs;
}

function difference(
  from: ReadonlyMap<string, ReadonlySet<string>>,
  without: ReadonlyMap<string, ReadonlySet<string>>,
  show: Show,
): string {
  const byVerbs = new Map<string, string[]>();
  for (const [key, verbs] of from) {
    const other = without.get(key) ?? new Set();
    const left = [...verbs].filter((verb) => !other.has(verb));
    if (left.length === 0) continue;
    const [group = '', resource = '', name = ''] = JSON.parse(key) as string[];
    const where = resourceWords(
      { apiGroups: [group], resources: [resource], verbs: [], ...(name ? { resourceNames: [name] } : {}) },
      show,
    );
    const words = verbWords(left, show);
    byVerbs.set(words, [...(byVerbs.get(words) ?? []), where]);
  }
  return [...byVerbs].map(([verbs, resources]) => `${verbs} on ${some(resources)}`).join(' and ');
}

/** At most six of a list, and how many more there are: cutting finished text could cut an escape in two. */
function some(items: readonly string[], separator = ', '): string {
  const rest = items.length - 6;
  return rest <= 1 ? items.join(separator) : `${items.slice(0, 6).join(separator)}${separator}… ${rest} more`;
}
