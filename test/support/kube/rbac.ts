import type { KubeObject, PolicyRule, RbacSubject } from './object.ts';
import type { Attributes } from './request-info.ts';
import type { State } from './store.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The reason is empty where the server gives none. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Decides as the RBAC authorizer does; of several bindings that allow it the first by name is told. */
export function decide(state: State, user: User, attributes: Attributes): Decision {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
  const missing = new Set<string>();
  for (const binding of bindingsFor(state, attributes)) {
    const subject = binding.subjects?.find((one) => applies(one, user, binding.metadata.namespace));
    if (subject === undefined) continue;
    const rules = rulesOf(state, binding);
    if (rules === undefined)
      missing.add(
        `${binding.roleRef?.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(binding.roleRef?.name)} not found`,
      );
    else if (rules.some((rule) => covers(rule, attributes))) return { allowed: true, reason: told(binding, subject) };
  }
  const [first, ...others] = missing;
  if (first === undefined) return { allowed: false, reason: '' };
  return { allowed: false, reason: `RBAC: ${others.length === 0 ? first : `[${[...missing].join(', ')}]`}` };
}

function bindingsFor(state: State, attributes: Attributes): readonly KubeObject[] {
  const everywhere = state.shelf('ClusterRoleBinding').map(([, binding]) => binding);
  if ('path' in attributes || attributes.namespace === '') return everywhere;
  const inside = state.shelf('RoleBinding').map(([, binding]) => binding);
  return [...everywhere, ...inside.filter(({ metadata }) => metadata.namespace === attributes.namespace)];
}

function applies(subject: RbacSubject, user: User, namespace: string | undefined): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.name;
    case 'Group':
      return user.groups.includes(subject.name);
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`;
  }
}

/** Undefined: there is no such role. */
function rulesOf(state: State, { roleRef, metadata }: KubeObject): readonly PolicyRule[] | undefined {
  if (roleRef === undefined) return undefined;
  const role = state.get(roleRef.kind, roleRef.kind === 'Role' ? metadata.namespace : undefined, roleRef.name);
  return role === undefined ? undefined : (role.rules ?? []);
}

function covers(rule: PolicyRule, attributes: Attributes): boolean {
  if (!anyOf(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes) {
    const { path } = attributes;
    return (rule.nonResourceURLs ?? []).some(
      (it) => it === path || (it.endsWith('*') && path.startsWith(it.slice(0, -1))),
    );
  }
  const { group, resource, subresource, name } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = rule.resources ?? [];
  return (
    anyOf(rule.apiGroups ?? [], group) &&
    (anyOf(resources, full) || (subresource !== '' && resources.includes(`*/${subresource}`))) &&
    (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

function anyOf(allowed: readonly string[], asked: string): boolean {
  return allowed.includes('*') || allowed.includes(asked);
}

function told({ kind, metadata, roleRef }: KubeObject, subject: RbacSubject): string {
  const inside = metadata.namespace === undefined ? '' : `/${metadata.namespace}`;
  const place = subject.kind === 'ServiceAccount' ? `/${subject.namespace ?? metadata.namespace}` : '';
  const [binding, role, to] = [metadata.name + inside, roleRef?.name, subject.name + place].map((it) =>
    JSON.stringify(it),
  );
  return `RBAC: allowed by ${kind} ${binding} of ${roleRef?.kind} ${role} to ${subject.kind} ${to}`;
}
