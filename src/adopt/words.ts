import { describeSubject } from '../generators/rbac/words/access.ts';
import { describeRuleChange, describeRules } from '../generators/rbac/words/rules.ts';
import type { RoleRef } from '../model/manifest.ts';
import { unreachable } from '../model/outcome.ts';
import { count, type Show, someOf } from '../model/text.ts';
import type { AdoptionResult, BindingAdoption, LeftOut, LeftOutReason, Lookalike, Unproposed } from './result.ts';

/*
 * The words for what `import` found and foresees. Text from outside goes through `show`.
 */

/** Why the proposed config cannot express something, and what that means. */
function leftOutWords(reason: LeftOutReason, show: Show): string {
  switch (reason.kind) {
    case 'other-name':
      return 'name does not match <domain>:role.<role> (with :members for a binding): not managed';
    case 'upper-case':
      return 'name contains upper-case letters; Athenz names are lower case: not managed';
    case 'nested-domain':
      return `belongs to nested domain ${show(reason.domain)}, expected ${show(reason.expected)}: not managed, grants access until it is deleted`;
    case 'other-domain':
      return `belongs to domain ${show(reason.domain)}, expected ${show(reason.expected)}: not managed`;
    case 'system-namespace':
      return 'in a system namespace, which is always excluded: not managed';
    case 'terminating':
      return 'in a namespace that is being deleted';
    case 'other-role-ref':
      return `binds ${roleRefWords(reason.roleRef, show)} instead of a Role of the same name`;
    case 'role-missing':
      return 'its Role is missing, so it grants nothing';
    case 'no-usable-rules':
      return 'rules that a config cannot contain (none, or a rule with an empty list)';
    case 'other-rules':
      return `rules differ from those of most namespaces; the first apply ${changed(describeRuleChange(reason.before, reason.after, show))}`;
    case 'subject':
      return `${describeSubject(reason.subject, show)}: no Athenz member maps to this subject, so it loses access`;
    default:
      return unreachable(reason);
  }
}

function changed(words: string): string {
  return /^(adds|removes) /.test(words) ? words : `makes them ${words}`;
}

export function roleRefWords({ kind, name }: RoleRef, show: Show): string {
  return `${kind} ${show(name)}`;
}

/** Objects of the cluster for one and the same reason. */
export interface LeftOutGroup {
  readonly words: string;
  /** `RoleBinding team-a/eks.users.team-a:role.k8s_ns_admins:members`, shown. */
  readonly objects: readonly string[];
}

/** One group per reason: what is wrong may be so in hundreds of namespaces. What gives access comes first. */
export function groupLeftOut(left: readonly LeftOut[], show: Show): readonly LeftOutGroup[] {
  const nested = left.filter(({ reason }) => reason.kind === 'nested-domain');
  const others = left.filter(({ reason }) => reason.kind !== 'nested-domain');
  const groups = Map.groupBy([...nested, ...others], ({ reason }) => leftOutWords(reason, show));
  return [...groups].map(([words, all]) => ({
    words,
    objects: all.map(({ kind, namespace, name }) => `${kind} ${show(namespace)}/${show(name)}`),
  }));
}

/** Why a role with bindings in the cluster is not in the config. */
export function unproposedWords({ role, namespaces, variants }: Unproposed, show: Show): string {
  const places = someOf(namespaces.map(show));
  if (variants.length === 0) return `${show(role)} is not proposed: no Role has rules for it (in ${places})`;
  const sets = variants.map((it) => `${describeRules(it.rules, show)} (in ${someOf(it.namespaces.map(show))})`);
  return `${show(role)} is not proposed: ${variants.length} sets of rules are equally frequent: ${sets.join(', or ')}`;
}

export function lookalikeWords({ domain, namespace, expected }: Lookalike, show: Show): string {
  const parent = expected.slice(0, -namespace.length);
  const below = domain.startsWith(parent) ? 'a nested domain gave access here' : 'only the beginning matches';
  return `${show(domain)} in ${show(namespace)}: ${below}; only ${show(expected)} counts from now on`;
}

/** Who still has access although the role no longer exists in Athenz. */
export function orphanWords({ namespace, role, domain, orphan, before = [] }: BindingAdoption, show: Show): string {
  const who = someOf(before.map((subject) => describeSubject(subject, show)));
  const what = orphan === 'domain' ? `the domain ${show(domain)}` : 'the role';
  const have = before.length === 1 ? 'has' : 'have';
  return `${show(namespace)} ${show(role)}: ${what} does not exist in Athenz, and ${who} still ${have} access until the first apply`;
}

/** Whether the first apply changes a binding, or cannot. */
export function isChanging({ gains, losses, permission, roleRef, unknown }: BindingAdoption): boolean {
  if (roleRef !== undefined || permission !== undefined) return true;
  return unknown === undefined && gains.length + losses.length > 0;
}

/** `12 bindings: 9 stay as they are, 2 change, 1 is new. 3 gain access, 2 lose it.` */
export function adoptionSentence({ bindings }: Pick<AdoptionResult, 'bindings'>): string {
  const made = bindings.filter(({ before }) => before === undefined);
  const there = bindings.filter(({ before }) => before !== undefined);
  const changing = there.filter(isChanging);
  const gains = bindings.reduce((sum, it) => sum + it.gains.length, 0);
  const losses = bindings.reduce((sum, it) => sum + it.losses.length, 0);
  const parts = [
    count(there.length - changing.length, 'stays as it is', 'stay as they are'),
    ...(changing.length === 0 ? [] : [count(changing.length, 'changes', 'change')]),
    ...(made.length === 0 ? [] : [`${made.length} not there yet`]),
  ];
  const people = `${count(gains, 'gains', 'gain')} access, ${count(losses, 'loses', 'lose')} it`;
  const who = gains + losses === 0 ? "nobody's access changes" : people;
  return `${count(bindings.length, 'binding')}: ${parts.join(', ')}; ${who}.`;
}
