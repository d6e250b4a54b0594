import { describePermission, describeSubject } from '../generators/rbac/words/access.ts';
import { describeRuleChange } from '../generators/rbac/words/rules.ts';
import type { Permission } from '../model/access.ts';
import { unreachable } from '../model/outcome.ts';
import { count, type Show, shortTime, someOf } from '../model/text.ts';
import { nextWords } from '../report/words.ts';
import {
  type Disagreement,
  type DriftedBinding,
  type DriftResult,
  type DriftState,
  driftStates,
  type SubjectDifference,
  type Unread,
} from './result.ts';

/** A state, behind a number of bindings or as the heading of one. */
export function stateWords(state: DriftState): string {
  switch (state) {
    case 'orphan':
      return 'orphan';
    case 'changed-in-cluster':
      return 'changed by hand in the cluster';
    case 'missing':
      return 'missing in the cluster';
    case 'changed-in-git':
      return 'changed by hand in git';
    case 'waiting-for-engine':
      return 'waiting for the GitOps controller';
    case 'waiting-for-merge':
      return 'waiting for a merge';
    default:
      return unreachable(state);
  }
}

/** `5 of 8 bindings are in sync; 1 orphan, 2 waiting for a merge`. */
export function driftHeadline({ clusters, bindings }: Pick<DriftResult, 'clusters' | 'bindings'>): string {
  const all = clusters.reduce((sum, it) => sum + it.bindings, 0);
  const inSync = clusters.reduce((sum, it) => sum + it.inSync, 0);
  const counted = driftStates.flatMap((state) => {
    const amount = bindings.filter((it) => it.states[0] === state).length;
    return amount === 0 ? [] : [`${amount} ${amount > 1 && state === 'orphan' ? 'orphans' : stateWords(state)}`];
  });
  const same = `${inSync} of ${count(all, 'binding')} ${inSync === 1 ? 'is' : 'are'} in sync`;
  return counted.length === 0 ? same : `${same}; ${counted.join(', ')}`;
}

/** Whether the cluster gives more than Athenz does, less, or what it is about to. */
export type Sign = '+' | '-' | '~';

/** What a subject's difference comes to, seen from Athenz where that is known. */
export function signOf({ athenz, git, live }: SubjectDifference): Sign {
  const should = athenz ?? git;
  if (should === null || live === null || should === live) return '~';
  return live ? '+' : '-';
}

/** Whom a difference lets do what, in the three places. */
export function subjectWords(difference: SubjectDifference, { permissions }: DriftedBinding, show: Show): string {
  const { athenz, git, live } = difference;
  const may = permissionWords(live ? permissions.live : (permissions.git ?? permissions.athenz), show);
  if (live === null)
    return `${may}: ${placeWords(athenz, 'Athenz')}, ${placeWords(git, 'git')}; the cluster could not be read`;
  const inCluster = `${live ? 'has' : 'lacks'} ${may} in the cluster`;
  if (athenz === null) return `${inCluster}: ${placeWords(git, 'git')}; Athenz could not be read`;
  if (git === null) return `${inCluster}: ${placeWords(athenz, 'Athenz')}; git cannot be read`;
  if (live && athenz) return `${inCluster}: Athenz grants it, git does not yet`;
  if (live && git) return `loses ${may} with the merge: Athenz does not grant it`;
  if (live) return `${inCluster}: neither Athenz nor git grants it`;
  if (athenz && git) return `${inCluster}: Athenz and git grant it`;
  if (athenz) return `gains ${may} with the merge: Athenz grants it`;
  return `gains ${may} with the next apply: git grants it, Athenz does not`;
}

function placeWords(bound: boolean | null, place: string): string {
  return bound === null ? `${place} could not be read` : `${place} ${bound ? 'grants it' : 'does not grant it'}`;
}

function permissionWords(permission: Permission | undefined, show: Show): string {
  return permission === undefined ? 'it' : `“${describePermission(permission, show)}”`;
}

/** What the role lets everybody in it do, where that is not the same everywhere. */
export function permissionDifference(
  { permissions, permissionDiffers, affected = [] }: DriftedBinding,
  show: Show,
): readonly string[] {
  const { athenz, git, live } = permissions;
  if (!permissionDiffers) return [];
  const whom = affected.length === 0 ? 'nobody in it' : someOf(affected.map((it) => describeSubject(it, show)));
  const lines: string[] = [];
  const should = git ?? athenz;
  if (live !== undefined && should !== undefined) lines.push(...liveDifference(should, live, show));
  if (athenz !== undefined && git !== undefined && !sameWords(athenz, git, show)) {
    lines.push(`the config now says: ${changeWords(git, athenz, show)}`);
  }
  return lines.map((line) => `${whom}: ${line}`);
}

function liveDifference(should: Permission, live: Permission, show: Show): readonly string[] {
  const [a, b] = [should.roleRef, live.roleRef];
  if (a.kind !== b.kind || a.name !== b.name) {
    const refs = `roleRef is ${b.kind} ${show(b.name)} in the cluster and ${a.kind} ${show(a.name)} in git`;
    return [`${refs}: it cannot be changed in place, delete the binding`];
  }
  if (live.rules === undefined && should.rules !== undefined) {
    return [`the Role ${show(b.name)} is missing in the cluster: the binding grants nothing`];
  }
  return sameWords(should, live, show) ? [] : [`the Role in the cluster differs: ${changeWords(should, live, show)}`];
}

function sameWords(a: Permission, b: Permission, show: Show): boolean {
  if (a.rules === undefined || b.rules === undefined)
    return describePermission(a, show) === describePermission(b, show);
  return JSON.stringify(a.rules) === JSON.stringify(b.rules);
}

function changeWords(before: Permission, after: Permission, show: Show): string {
  if (before.rules !== undefined && after.rules !== undefined)
    return describeRuleChange(before.rules, after.rules, show);
  return `${describePermission(after, show)} instead of ${describePermission(before, show)}`;
}

/** Who changed it where it was changed by hand, and what else is to be known. */
export function contextWords({ states: all, note, written, commit }: DriftedBinding, show: Show): readonly string[] {
  const words: string[] = [];
  if (written !== undefined && (all.includes('changed-in-cluster') || all.includes('orphan'))) {
    words.push(`last written by ${show(written.manager)}, ${shortTime(written.at)}`);
  }
  if (commit !== undefined && all.includes('changed-in-git')) {
    words.push(`commit ${commit.commit.slice(0, 10)} of ${show(commit.author)}, ${shortTime(commit.at)}`);
  }
  if (note !== undefined) words.push(note);
  return words;
}

/** `cluster` or `cluster/namespace`, and why nothing is said of it. */
export function unreadWords({ cluster, namespace, problem }: Unread, show: Show): string {
  const place = namespace === undefined ? show(cluster) : `${show(cluster)}/${show(namespace)}`;
  return `${place}: ${problem.code}: ${show(problem.message)}${nextWords(problem, show)}`;
}

/** What the API server said against what is expected of it. */
export function disagreementWords(
  { cluster, namespace, subject, request, allowed, reason }: Disagreement,
  show: Show,
): string {
  const who = `${describeSubject(subject, show)} ${allowed ? 'may' : 'may not'} ${show(request)} in ${show(cluster)}/${show(namespace)}`;
  if (!allowed) return `${who}, although Athenz, git and the cluster's RoleBinding grant it`;
  return `${who}, although no known binding grants it${reason === '' ? '' : `: ${show(reason)}`}`;
}

/** `12 grants and 12 non-grants asked of the API server: it agrees`. */
export function probeHeadline({
  grants,
  nonGrants,
  skipped,
  disagreements,
}: NonNullable<DriftResult['probe']>): string {
  const asked = `${count(grants, 'grant')} and ${count(nonGrants, 'non-grant')} checked with the API server`;
  const left = skipped === 0 ? '' : ` (${count(skipped, 'grant')} of other ClusterRoles could not be checked)`;
  const found = disagreements.length === 0 ? 'it agrees' : `it disagrees on ${disagreements.length}`;
  return `${asked}${left}: ${found}`;
}

/** What to do, by what was found. */
export function driftAdvice({ bindings }: Pick<DriftResult, 'bindings'>): readonly string[] {
  const found = new Set(bindings.flatMap((it) => it.states));
  const advice: Readonly<Record<DriftState, string>> = {
    orphan:
      'Delete orphans manually after confirming that they are unused (kubectl delete rolebinding); the GitOps controller does not prune them.',
    'changed-in-cluster':
      'The next sync of the GitOps controller reverts changes in the cluster, if self-heal is enabled.',
    missing: 'The next sync of the GitOps controller restores missing bindings: check its status.',
    'changed-in-git': 'The next athenz-gitops sync proposes to revert manual changes in git.',
    'waiting-for-engine':
      'Bindings that wait for the GitOps controller need no action; investigate if this persists for over an hour.',
    'waiting-for-merge': 'athenz-gitops sync proposes the bindings that wait for a merge: merge the proposal.',
  };
  return driftStates.filter((state) => found.has(state)).map((state) => advice[state]);
}
