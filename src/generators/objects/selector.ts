/** A label selector, as a query of the API server takes one. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly Requirement[];
}

type Requirement =
  | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist' };

/** Whether a label selector selects these labels (apimachinery, `LabelSelectorAsSelector`). */
export function selects(
  { matchLabels, matchExpressions }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const at = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(matchLabels).every(([key, value]) => at(key) === value) &&
    matchExpressions.every((it) => isMet(it, at(it.key)))
  );
}

/** @param value of the label; undefined: there is none */
function isMet(requirement: Requirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** As a query has it (kubernetes.io/docs/concepts/overview/working-with-objects/labels). */
export function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...equal, ...matchExpressions.map(requirementText)].join(',');
}

function requirementText(requirement: Requirement): string {
  const { key } = requirement;
  switch (requirement.operator) {
    case 'In':
      return `${key} in (${requirement.values.join(',')})`;
    case 'NotIn':
      return `${key} notin (${requirement.values.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

/** Reads a selector as kubectl does: `sync=true`, `team in (a, b), !legacy`. @param text of the form that the config checks */
export function parseSelector(text: string): LabelSelector {
  const requirements = text.split(/,(?![^(]*\))/).map((part) => parseRequirement(part.trim()));
  return { matchLabels: {}, matchExpressions: requirements };
}

function parseRequirement(text: string): Requirement {
  const [, absent] = /^!\s*(\S+)$/.exec(text) ?? [];
  if (absent !== undefined) return { key: absent, operator: 'DoesNotExist' };
  const [, key = '', sign = '', value = ''] = /^([^\s=!]+)\s*(?:(==?|!=)\s*(\S*))?$/.exec(text) ?? [];
  if (sign !== '') return { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] };
  if (key !== '') return { key, operator: 'Exists' };
  const [, name = '', operator = '', list = ''] = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text) ?? [];
  return { key: name, operator: operator === 'in' ? 'In' : 'NotIn', values: list.split(',').map((it) => it.trim()) };
}
