import type { Gain, Loss, Permission, PermissionChange } from '../../../model/access.ts';
import type { DropReason, Path, Subject } from '../../../model/grant.ts';
import { unreachable } from '../../../model/outcome.ts';
import { type Show, shortTime } from '../../../model/text.ts';
import { describeRuleChange, describeRules } from './rules.ts';

/** How a subject got access. */
export function whyGain({ paths, expires }: Pick<Gain, 'paths' | 'expires'>, show: Show): string {
  const ways = [...new Set(paths.map((path) => describePath(path, show)))].join('; ');
  return expires === undefined ? ways : `${ways}, until ${shortTime(expires)}`;
}

function describePath({ trust, group }: Path, show: Show): string {
  if (trust !== undefined && group !== undefined)
    return `through ${show(trust)} (delegated) and its group ${show(group)}`;
  if (trust !== undefined) return `through ${show(trust)} (delegated)`;
  return group === undefined ? 'member of the role' : `through group ${show(group)}`;
}

/** Why a subject loses access. */
export function whyLose(loss: Pick<Loss, 'reason' | 'detail' | 'origin' | 'group' | 'seen'>, show: Show): string {
  const why = lossWords(loss, show);
  if (loss.group !== undefined && (loss.reason === 'not-a-member' || loss.reason === 'origin-unknown')) {
    // Of what it says itself: whether a subject came through the group is unknown.
    return `${why} (the role's group ${show(loss.group.name)} ${loss.group.reason === 'group-empty' ? 'has no members' : 'does not exist'})`;
  }
  return loss.seen === undefined ? why : `${why} (as of ${shortTime(loss.seen)}; no longer in Athenz)`;
}

function lossWords({ reason, detail = '', origin }: Parameters<typeof whyLose>[0], show: Show): string {
  switch (reason) {
    case 'expired':
      return `membership expired ${shortTime(detail)}`;
    case 'suspended':
      return 'suspended in Athenz';
    case 'domain-disabled':
      return `domain ${show(detail)} is disabled in Athenz`;
    case 'not-a-member':
      return 'no longer a member in Athenz';
    case 'added-by-hand': {
      const { commit = '', author = '' } = origin ?? {};
      return `not known to Athenz; added in commit ${show(commit.slice(0, 12))} by ${show(author)}`;
    }
    case 'renamed':
      return detail === ''
        ? 'the same member is bound with a prefix now'
        : `the same member is no longer bound with the prefix ${show(detail)}`;
    case 'origin-unknown':
      return 'not in Athenz; origin unknown';
    case 'not-a-subject':
      return `still a member, but ${dropWords(detail as DropReason)}`;
    case 'role-absent':
      return 'the role does not exist in Athenz';
    case 'domain-absent':
      return 'the domain does not exist in Athenz';
    case 'role-unconfigured':
      return 'the role left the config';
    case 'namespace-left':
      return 'the namespace is no longer in clusters[].namespaces';
    case 'namespace-excluded':
      return 'the namespace is excluded by clusters[].namespaces.exclude';
    case 'namespace-system':
      return 'the namespace is a system namespace, which is always excluded';
    case 'namespace-deleted':
      return 'the namespace is being deleted';
    case 'cluster-left':
      return 'the cluster left the config';
    default:
      return unreachable(reason);
  }
}

/** Why a member grants nothing. */
export function dropWords(reason: DropReason): string {
  switch (reason) {
    case 'expired':
      return 'expired';
    case 'suspended':
      return 'suspended';
    case 'pending':
      return 'not approved yet';
    case 'wildcard':
      return 'a wildcard, which RBAC does not support';
    case 'external':
      return 'an external member, unknown to the cluster';
    case 'service':
      return 'a service, which the config excludes';
    case 'service-unmapped':
      return 'a service whose domain maps to no namespace here';
    case 'unencodable':
      return 'a name that is not valid Unicode';
    case 'not-a-principal':
      return 'not the name of a user or a service';
    case 'bad-expiration':
      return 'a membership with an invalid expiration';
    case 'nested-group':
      return 'a group inside a group, which Athenz does not support';
    case 'group-missing':
      return 'a group that does not exist';
    case 'group-empty':
      return 'a group without members';
    case 'domain-disabled':
      return 'of a disabled domain';
    case 'trust-missing':
      return 'a trusted domain that does not exist';
    case 'trust-not-asserted':
      return 'a trusted domain without a role that may assume this one';
    default:
      return unreachable(reason);
  }
}

/** What a role lets people do, in a few words. */
export function describePermission({ roleRef, rules }: Permission, show: Show): string {
  if (roleRef.kind === 'ClusterRole') return `ClusterRole ${show(roleRef.name)}`;
  return rules === undefined ? `Role ${show(roleRef.name)}, which is missing` : describeRules(rules, show);
}

/** What becomes possible or impossible for the people of a role. */
export function describePermissionChange({ before, after }: PermissionChange, show: Show): string {
  if (before.rules !== undefined && after.rules !== undefined)
    return describeRuleChange(before.rules, after.rules, show);
  return `${describePermission(after, show)} instead of ${describePermission(before, show)}`;
}

/** Who it is about. */
export function describeSubject(subject: Subject, show: Show): string {
  switch (subject.kind) {
    case 'User':
      return show(subject.name);
    case 'Group':
      return `Group ${show(subject.name)}`;
    case 'ServiceAccount':
      return `ServiceAccount ${show(subject.namespace)}/${show(subject.name)}`;
    default:
      return unreachable(subject);
  }
}
