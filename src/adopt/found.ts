import type { LiveBinding, LiveObjects, LiveRole } from '../model/cluster.ts';
import { looksLikeOperators, type OperatorName, parseName } from './names.ts';
import type { LeftOut } from './result.ts';

/** What is read of a cluster. */
export interface LiveInput {
  /** Of the namespaces that could be read. */
  readonly namespaces: ReadonlyMap<string, LiveObjects>;
  /** Namespaces that are being deleted. */
  readonly terminating: ReadonlySet<string>;
  /** The user named the bindings by a label selector: all that are here count, and no Role does without one. */
  readonly selected: boolean;
  /** Namespaces that a config leaves out by itself. */
  readonly isSystem: (namespace: string) => boolean;
}

/** An object that an operator wrote, by its name. */
export interface FoundObject extends OperatorName {
  readonly namespace: string;
  /** Not set for a Role that nothing binds yet. */
  readonly binding?: LiveBinding;
  /** The Role of that name, where there is one. */
  readonly ownRole?: LiveRole;
}

export interface Found {
  readonly objects: readonly FoundObject[];
  readonly left: readonly LeftOut[];
  /** Bindings and lone Roles that count, with those that are left out. */
  readonly bindings: number;
  readonly roles: number;
}

/** Finds the objects that an operator wrote: by its label, by their names, or by the given selector. */
export function findObjects(input: LiveInput): Found {
  const objects: FoundObject[] = [];
  const left: LeftOut[] = [];
  let bindings = 0;
  let roles = 0;
  for (const [namespace, live] of input.namespaces) {
    const chosen = live.bindings.filter((it) => isChosen(input, it));
    const bound = new Set(chosen.map(({ name }) => name));
    const lone = input.selected
      ? []
      : live.roles.filter(({ name }) => looksLikeOperators('Role', name) && !bound.has(`${name}:members`));
    bindings += chosen.length;
    roles += lone.length;
    const byName = new Map(live.roles.map((role) => [role.name, role]));
    for (const binding of chosen) {
      const name = readName(input, { kind: 'RoleBinding', namespace, name: binding.name }, left);
      if (name === undefined) continue;
      const ownRole = byName.get(binding.name.slice(0, -':members'.length));
      objects.push({ ...name, namespace, binding, ...(ownRole === undefined ? {} : { ownRole }) });
    }
    for (const ownRole of lone) {
      const name = readName(input, { kind: 'Role', namespace, name: ownRole.name }, left);
      if (name !== undefined) objects.push({ ...name, namespace, ownRole });
    }
  }
  return { objects, left, bindings, roles };
}

function isChosen({ selected }: LiveInput, { owner, name }: LiveBinding): boolean {
  return selected || owner === 'operator' || looksLikeOperators('RoleBinding', name);
}

/** Undefined for what is skipped, which is reported. */
function readName(input: LiveInput, object: Omit<LeftOut, 'reason'>, left: LeftOut[]): OperatorName | undefined {
  const { kind, namespace, name } = object;
  const leave = (reason: LeftOut['reason']) => {
    left.push({ ...object, reason });
    return undefined;
  };
  if (input.isSystem(namespace)) return leave({ kind: 'system-namespace' });
  if (input.terminating.has(namespace)) return leave({ kind: 'terminating' });
  const parsed = parseName(kind, name);
  if (parsed !== undefined) return parsed;
  return leave({ kind: parseName(kind, name.toLowerCase()) === undefined ? 'other-name' : 'upper-case' });
}
