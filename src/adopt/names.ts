import { athenzName } from '../config/text-schema.ts';

/** What the operators name their objects after. */
export interface OperatorName {
  readonly domain: string;
  readonly role: string;
}

/** Whether a name could be one of the operators': `<domain>:role.<role>`, with `:members` for a binding. */
export function looksLikeOperators(kind: 'Role' | 'RoleBinding', name: string): boolean {
  return splitName(kind, name) !== undefined;
}

/** Reads a name of the operators; undefined for any other, and for one that no Athenz name makes. */
export function parseName(kind: 'Role' | 'RoleBinding', name: string): OperatorName | undefined {
  const split = splitName(kind, name);
  return split !== undefined && athenzName.test(split.domain) && athenzName.test(split.role) ? split : undefined;
}

function splitName(kind: 'Role' | 'RoleBinding', name: string): OperatorName | undefined {
  const pattern = kind === 'Role' ? /^([^:]+):role\.([^:]+)$/ : /^([^:]+):role\.([^:]+):members$/;
  const [, domain, role] = pattern.exec(name) ?? [];
  return domain === undefined || role === undefined ? undefined : { domain, role };
}
