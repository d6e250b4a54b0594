import { compareText } from '../model/text.ts';

/** Where a domain was found as that of a namespace. */
export interface Sighting {
  readonly domain: string;
  readonly namespace: string;
}

const placeholder = '{namespace}';

/**
 * Finds how the domains are made of the namespaces: the template that fits in the most of them; of two that fit in as many,
 * the one that the other lies below.
 *
 * @returns several where none is better than another; empty when no domain names its namespace
 */
export function findTemplates(sightings: readonly Sighting[]): readonly string[] {
  const found = new Map<string, Set<string>>();
  for (const sighting of sightings) {
    for (const template of templatesOf(sighting)) {
      found.set(template, (found.get(template) ?? new Set()).add(sighting.namespace));
    }
  }
  const most = Math.max(...[...found.values()].map((namespaces) => namespaces.size));
  const best = [...found].filter(([, namespaces]) => namespaces.size === most).map(([template]) => template);
  const outer = best.filter((template) => !best.some((other) => isTemplateBelow(template, other)));
  // As the operators do it, where a domain names its namespace twice.
  const last = outer.filter((template) => template.endsWith(placeholder));
  return (last.length > 0 ? last : outer).sort(compareText);
}

/** With `{namespace}` for each whole part that is the namespace's name. */
function templatesOf({ domain, namespace }: Sighting): readonly string[] {
  const parts = domain.split('.');
  return parts.flatMap((part, index) => (part === namespace ? [parts.with(index, placeholder).join('.')] : []));
}

/** Whether a domain begins and ends as the one of a namespace does, and lies further down. */
export function isBelow(template: string, { domain, namespace }: Sighting): boolean {
  const [before = '', after = ''] = template.split(placeholder);
  const end = `.${namespace}${after}`;
  return domain.startsWith(before) && domain.endsWith(end) && domain.length > before.length + end.length - 1;
}

function isTemplateBelow(template: string, other: string): boolean {
  return isBelow(other, { domain: template, namespace: placeholder });
}
