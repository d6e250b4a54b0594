import { loadAll } from 'js-yaml';
import type { PolicyRule } from '../../../src/model/manifest.ts';
import type { SandboxMember } from '../../../src/sandbox/role-state.ts';
import { normaliseDomain, type SandboxState } from '../../../src/sandbox/state.ts';
import { operatorObjects } from '../../support/operator.ts';
import { actionOf, type Question } from './access.ts';
import type { Api } from './api.ts';
import { type ObjectList, type RbacObject, rbac } from './objects.ts';

/** A Role or a RoleBinding as the operator writes it. */
export interface OperatorObject extends RbacObject {
  readonly rules?: readonly PolicyRule[];
}

/** As it wrote them for the members that Athenz has now. */
export const written = loadAll(operatorObjects) as readonly OperatorObject[];

/** A cluster that the operator has filled and left behind what Athenz says by now. */
export const namespaces: readonly string[] = ['ajktown-api', 'billing', 'legacy'];

/** Bound by it, and by nothing that is rendered: nobody else, as the rest is of the Athenz of now. */
export const leaving: Readonly<Record<string, string>> = {
  'user.gone': 'eks.users.ajktown-api:role.k8s_ns_admins:members',
  'user.kofi': 'eks.users.ajktown-api:role.k8s_ns_viewers:members',
  'user.jane': 'eks.users.legacy:role.k8s_ns_viewers:members',
};

/** In a domain below the namespace's own: the operator looks at the last part of a domain alone. */
export const nested = 'eks.users.mine.billing:role.k8s_ns_admins';

/** What it wrote while Athenz was another, by the names of what it writes now. */
export const left: readonly OperatorObject[] = [
  ...written.map(leftAs),
  ...written.filter(({ metadata }) => metadata.namespace === 'ajktown-api').map(inLegacy),
  ...written.filter(({ metadata: { name } }) => name.startsWith('eks.users.billing:role.k8s_ns_admins')).map(below),
];

/** Athenz by now: a membership has run out, a role is gone, somebody has a domain with almost the same name. */
export function moveOn({ domains }: SandboxState): SandboxState {
  const { 'eks.users.ajktown-api': api, ...rest } = domains;
  const { k8s_ns_viewers: viewers } = api?.roles ?? {};
  if (api === undefined || viewers === undefined) throw new Error('the sample has changed');
  const expired: SandboxMember = { name: 'user.kofi', expires: '2024-03-01T00:00:00.000Z' };
  return {
    domains: {
      ...rest,
      'eks.users.ajktown-api': {
        ...api,
        roles: { ...api.roles, k8s_ns_viewers: { ...viewers, members: [...viewers.members, expired] } },
      },
      'eks.users.legacy': normaliseDomain({ roles: { k8s_ns_admins: ['user.ivo'] } }),
      'eks.users.mine': normaliseDomain(null),
      'eks.users.mine.billing': normaliseDomain({ roles: { k8s_ns_admins: ['user.mallory'] } }),
    },
  };
}

/** It creates by POST, not by apply, and leaves the key out where nobody is bound. */
export async function writeAsOperator(api: Api, objects: readonly OperatorObject[]): Promise<void> {
  for (const object of objects) {
    const path = pathOf(object).slice(0, -object.metadata.name.length - 1);
    await api.post(`${path}?fieldManager=k8s-athenz-syncer`, object);
  }
}

export function pathOf({ kind, metadata: { namespace, name } }: RbacObject): string {
  return `${rbac}/namespaces/${namespace}/${kind === 'Role' ? 'roles' : 'rolebindings'}/${name}`;
}

/** What every Role and RoleBinding of these namespaces is, whatever is in it. */
export async function identitiesIn(api: Api, inside: readonly string[]): Promise<readonly object[]> {
  const lists = await Promise.all(
    inside.flatMap((namespace) =>
      ['roles', 'rolebindings'].map((kind) =>
        api.get<ObjectList<RbacObject>>(`${rbac}/namespaces/${namespace}/${kind}`),
      ),
    ),
  );
  return lists.flatMap(({ items }) => items.map(({ metadata: { name, uid }, roleRef }) => ({ name, uid, roleRef })));
}

/** The object, with these users bound beside those it binds. */
export function bindingAlso(object: OperatorObject, users: readonly string[]): OperatorObject {
  if (object.kind !== 'RoleBinding' || users.length === 0) return object;
  return { ...object, subjects: [...(object.subjects ?? []), ...users.map(userOf)] };
}

function userOf(name: string): { readonly apiGroup: string; readonly kind: string; readonly name: string } {
  return { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name };
}

function leftAs(object: OperatorObject): OperatorObject {
  const { name } = object.metadata;
  if (name === 'eks.users.billing:role.k8s_ns_viewers') {
    const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };
    return { ...object, rules: [...(object.rules ?? []), secrets] };
  }
  if (name === 'eks.users.ajktown-api:role.k8s_ns_admins:members') return bindingAlso(object, ['user.gone']);
  if (name === 'eks.users.ajktown-api:role.k8s_ns_viewers:members') return bindingAlso(object, ['user.kofi']);
  return object;
}

/** The same in another namespace, for one administrator and one viewer. */
function inLegacy(object: OperatorObject): OperatorObject {
  const renamed = rename(object, 'ajktown-api', 'legacy');
  if (object.kind === 'Role') return renamed;
  return { ...renamed, subjects: [userOf(object.metadata.name.includes('admins') ? 'user.ivo' : 'user.jane')] };
}

function below(object: OperatorObject): OperatorObject {
  const renamed = rename(object, 'eks.users.billing', 'eks.users.mine.billing');
  return object.kind === 'Role' ? renamed : { ...renamed, subjects: [userOf('user.mallory')] };
}

function rename(object: OperatorObject, from: string, to: string): OperatorObject {
  return JSON.parse(JSON.stringify(object).replaceAll(from, to)) as OperatorObject;
}

/** What these users may do by that binding, one thing for each rule that its Role has by now. */
export function questionsOf({ metadata, roleRef }: RbacObject, users: readonly string[]): readonly Question[] {
  const { namespace } = metadata;
  // Roles of one name have the same rules everywhere.
  const short = (name = '') => name.replace(/^.*:role\./, '');
  const role = written.find(({ kind, metadata: { name } }) => kind === 'Role' && short(name) === short(roleRef?.name));
  return users.flatMap((user) => (role?.rules ?? []).map((rule) => ({ user, namespace, ...actionOf(rule) })));
}
