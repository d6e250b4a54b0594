import { domainOf, roleName } from '../model/domain.ts';
import { subjectKey } from '../model/grant.ts';
import { compareText } from '../model/text.ts';
import { type FoundObject, findObjects, type LiveInput } from './found.ts';
import { isPerson } from './people.ts';
import type { LeftOut, LeftOutReason, ProposedConfig, Unproposed } from './result.ts';
import { chooseRules } from './rules.ts';
import { findTemplates, isBelow } from './template.ts';

export interface InferInput extends LiveInput {
  /** How domains are derived from namespaces, if given. */
  readonly domain?: string;
  /** Members directly below it are people: no cluster shows which one it is. */
  readonly userDomain: string;
}

export type Inference =
  | {
      readonly kind: 'proposal';
      readonly proposal: ProposedConfig;
      readonly left: readonly LeftOut[];
      readonly unproposed: readonly Unproposed[];
    }
  /** The cluster has no object that counts. */
  | { readonly kind: 'nothing' }
  /** Nothing of what was found can be expressed. */
  | { readonly kind: 'inexpressible'; readonly left: readonly LeftOut[]; readonly unproposed: readonly Unproposed[] }
  /** As many namespaces speak for one template as for another. */
  | { readonly kind: 'ambiguous'; readonly domains: readonly string[] };

/**
 * Infers the config by which an operator wrote what a cluster holds. Nothing is in it that is not in the cluster; what it
 * cannot express is reported. Pure, and the same for any order of its input.
 */
export function infer(input: InferInput): Inference {
  const found = findObjects(input);
  if (found.bindings + found.roles === 0) return { kind: 'nothing' };
  const templates = input.domain === undefined ? findTemplates(found.objects) : [input.domain];
  const [domain] = templates;
  if (templates.length > 1) return { kind: 'ambiguous', domains: templates };
  const left = [...found.left];
  const own: FoundObject[] = [];
  for (const object of found.objects) {
    const reason = domain === undefined ? ({ kind: 'other-name' } as const) : otherDomain(domain, object);
    if (reason === undefined) own.push(object);
    else left.push(leaveOut(object, reason));
  }
  const { roles, unproposed, differing } = chooseRules(own);
  for (const { object, reason } of differing) left.push(leaveOut(object, reason));
  const proposed = new Set(roles.map(({ athenzRole }) => athenzRole));
  const kept = own.filter(({ role }) => proposed.has(role));
  for (const object of own) left.push(...looseEnds(object));
  for (const object of kept) left.push(...strangers(object, input.userDomain));
  left.sort(compareLeft);
  const namespaces = [...new Set(kept.map(({ namespace }) => namespace))].sort(compareText);
  if (domain === undefined || namespaces.length === 0) return { kind: 'inexpressible', left, unproposed };
  return { kind: 'proposal', proposal: { domain, userDomain: input.userDomain, namespaces, roles }, left, unproposed };
}

function otherDomain(template: string, { domain, namespace }: FoundObject): LeftOutReason | undefined {
  const expected = domainOf({ domain: template }, namespace);
  if (domain === expected) return undefined;
  return { kind: isBelow(template, { domain, namespace }) ? 'nested-domain' : 'other-domain', domain, expected };
}

/** A binding that does not bind the Role of its own name, or one that is not there. */
function looseEnds(object: FoundObject): readonly LeftOut[] {
  const { binding, ownRole } = object;
  if (binding === undefined) return [];
  const expected = roleName(object.domain, object.role);
  const { roleRef } = binding;
  if (roleRef.kind !== 'Role' || roleRef.name !== expected) {
    return [leaveOut(object, { kind: 'other-role-ref', roleRef, expected })];
  }
  return ownRole === undefined ? [leaveOut(object, { kind: 'role-missing', expected })] : [];
}

function strangers(object: FoundObject, userDomain: string): readonly LeftOut[] {
  const subjects = object.binding?.subjects ?? [];
  return subjects
    .filter((subject) => !isPerson(subject, userDomain))
    .map((subject) => leaveOut(object, { kind: 'subject', subject }));
}

function leaveOut({ namespace, binding, domain, role }: FoundObject, reason: LeftOutReason): LeftOut {
  const lone = binding === undefined || reason.kind === 'other-rules' || reason.kind === 'no-usable-rules';
  return { kind: lone ? 'Role' : 'RoleBinding', namespace, name: lone ? roleName(domain, role) : binding.name, reason };
}

function compareLeft(a: LeftOut, b: LeftOut): number {
  return compareText(orderOf(a), orderOf(b));
}

function orderOf({ namespace, kind, name, reason }: LeftOut): string {
  const subject = reason.kind === 'subject' ? subjectKey(reason.subject) : '';
  return [namespace, name, kind, reason.kind, subject].join('\0');
}
