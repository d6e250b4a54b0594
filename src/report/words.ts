import type {
  AccessChange,
  ClusterTotals,
  Gain,
  Kept,
  Loss,
  Permission,
  PermissionChange,
  Scope,
} from '../model/change.ts';
import type { DropReason, Path, Subject } from '../model/grant.ts';
import { unreachable } from '../model/outcome.ts';
import { describeRuleChange, describeRules } from './rules.ts';

/*
 * The words of a report, for the terminal and for Markdown alike. Text from outside goes through `show`, which each medium
 * brings: none of it may act as markup or as a terminal escape.
 */
export type Show = (text: string) => string;

/** `2026-11-20 18:00 UTC`, from RFC 3339. */
export function shortTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** `1 file`, `2 files`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount} ${amount === 1 ? singular : plural}`;
}

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

export interface Tally {
  readonly gains: number;
  readonly losses: number;
  readonly others: number;
  /** Namespaces in which access changes. */
  readonly namespaces: number;
}

/** Counts a list of changes. */
export function tally(changes: readonly AccessChange[]): Tally {
  const places = new Set(changes.map(({ cluster, namespace }) => `${cluster}/${namespace}`));
  const gains = changes.filter((change) => change.kind === 'gain').length;
  const losses = changes.filter((change) => change.kind === 'lose').length;
  return { gains, losses, others: changes.length - gains - losses, namespaces: places.size };
}

/** `athenz-gitops: prod: 3 gain access, 2 lose it (3 namespaces)`: a title, safe by its parts. */
export function titleOf({ key, changes, files }: Pick<Scope, 'key' | 'changes' | 'files'>): string {
  const { gains, losses, others, namespaces } = tally(changes);
  const parts: string[] = [];
  if (gains > 0) parts.push(`${gains} ${gains === 1 ? 'gains' : 'gain'} access`);
  if (losses > 0) parts.push(`${losses} ${losses === 1 ? 'loses' : 'lose'} ${gains > 0 ? 'it' : 'access'}`);
  if (others > 0) parts.push(count(others, 'permission change'));
  if (parts.length === 0) return `athenz-gitops: ${key}: ${count(files.length, 'file')}, nobody's access changes`;
  return `athenz-gitops: ${key}: ${parts.join(', ')} (${count(namespaces, 'namespace')})`;
}

/** How many namespaces the clusters of a report have. */
export function namespacesIn(totals: readonly ClusterTotals[]): number {
  return totals.reduce((sum, { namespaces }) => sum + namespaces, 0);
}

/** How a scope names a namespace: with its cluster where there are several. */
export function placeIn({ totals }: Pick<Scope, 'totals'>, cluster: string, namespace: string): string {
  return totals.length > 1 ? `${cluster}/${namespace}` : namespace;
}

/** What stays unchanged for one reason. */
export interface KeptGroup {
  readonly problem: Kept['problem'];
  readonly cluster: string;
  /** As `placeIn` names them, sorted; empty when it is the cluster's inventory that is incomplete. */
  readonly places: readonly string[];
}

/** One group per reason: a group's domain that cannot be read may concern hundreds of namespaces. */
export function groupKept(scope: Pick<Scope, 'kept' | 'totals'>): readonly KeptGroup[] {
  const groups = new Map<string, Omit<KeptGroup, 'places'> & { readonly places: Set<string> }>();
  for (const { cluster, namespace, problem } of scope.kept) {
    const key = `${namespace === undefined ? cluster : ''}\0${problem.code}\0${problem.message}`;
    const group = groups.get(key) ?? { problem, cluster, places: new Set<string>() };
    groups.set(key, group);
    if (namespace !== undefined) group.places.add(placeIn(scope, cluster, namespace));
  }
  return [...groups.values()].map((group) => ({ ...group, places: [...group.places].sort() }));
}

/** `a, b and 3 more`, of names that are shown already. */
export function someOf(names: readonly string[], most = 10): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}
