import type { Config, RoleConfig } from '../config/types.ts';
import { type PolicyRule, rbacGroup } from '../model/manifest.ts';
import { type Finding, ok, warning } from './finding.ts';

/**
 * What the identity that applies the files must be allowed to do, and what the configured rules let members do about it.
 *
 * The API server refuses a Role with permissions that its author lacks, and a binding to a role that its author could not grant
 * (measured on 1.36): without everything that is granted it takes the verbs `escalate` and `bind`.
 */
export function checkDeployer({ clusters }: Pick<Config, 'clusters'>): readonly Finding[] {
  const roles = clusters.flatMap((it) => it.roles);
  const withRules = roles.some((role) => 'rules' in role);
  const clusterRoles = [...new Set(roles.flatMap((role) => ('clusterRole' in role ? [role.clusterRole] : [])))].sort();
  const needs = [
    ...(withRules ? ['escalate and bind on roles'] : []),
    ...(clusterRoles.length === 0 ? [] : [`bind on clusterroles ${clusterRoles.join(', ')}`]),
  ];
  const message = `the GitOps controller needs ${needs.join(', ')}, or everything that is granted`;
  const dangers = new Map(roles.map((role) => [`${role.athenzRole} ${dangersOf(role).join()}`, role]));
  return [ok('deployer', message), ...[...dangers.values()].flatMap(checkRole)];
}

function checkRole(role: RoleConfig): readonly Finding[] {
  const fix = `remove it from the rules of ${role.athenzRole}, or limit it by resourceNames`;
  return dangersOf(role).map((danger) => warning('rules', `${role.athenzRole} grants ${danger}`, fix));
}

const verbs = [
  { verb: 'escalate', on: ['roles'], follows: 'members can give themselves any access in their namespace' },
  { verb: 'bind', on: ['roles', 'clusterroles'], follows: 'members can bind roles that they do not have' },
  {
    verb: 'impersonate',
    on: ['serviceaccounts'],
    follows: 'members can act as any ServiceAccount of their namespace',
  },
] as const;

/** Of rules that do not grant everything in the namespace anyway. */
function dangersOf(role: RoleConfig): readonly string[] {
  if (!('rules' in role) || role.rules.some(isEverything)) return [];
  return verbs.flatMap(({ verb, on, follows }) => {
    const resource = on.find((it) => role.rules.some((rule) => grants(rule, verb, it)));
    return resource === undefined ? [] : [`${verb} on ${resource}: ${follows}`];
  });
}

function isEverything({ apiGroups, resources, verbs: own, resourceNames }: PolicyRule): boolean {
  return resourceNames === undefined && [apiGroups, resources, own].every((it) => it.includes('*'));
}

/** By its name, or by `*` for the group of roles. */
function grants(
  { apiGroups, resources, verbs: own, resourceNames }: PolicyRule,
  verb: string,
  resource: string,
): boolean {
  if (resourceNames !== undefined) return false;
  const group = resource === 'serviceaccounts' ? '' : rbacGroup;
  const isGroup = apiGroups.includes(group) || apiGroups.includes('*');
  const isResource = resources.includes(resource) || resources.includes('*');
  const isVerb = own.includes(verb) || (own.includes('*') && group === rbacGroup);
  return isGroup && isResource && isVerb;
}
