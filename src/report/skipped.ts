import type { Plan, SkippedMembers } from '../model/change.ts';
import { compareText } from '../model/grant.ts';
import { count, type Show, someOf } from './words.ts';

/** What settings leave out of a run, a sentence per setting: how much it is, and whose. */
export function skippedSentences(
  { skippedMembers, skippedNamespaces }: Pick<Plan, 'skippedMembers' | 'skippedNamespaces'>,
  show: Show,
): readonly string[] {
  const inventory = skippedNamespaces.flatMap(({ cluster, namespaces, files }) => [
    ...(namespaces.length === 0
      ? []
      : [`${count(namespaces.length, 'namespace')} of ${show(cluster)}, excluded: ${someOf(namespaces.map(show))}`]),
    ...(files.length === 0
      ? []
      : [`${count(files.length, 'namespace file')} of ${show(cluster)}, excluded: ${someOf(files.map(show))}`]),
  ]);
  return [...membersSentence(skippedMembers, show), ...inventory];
}

function membersSentence(skipped: readonly SkippedMembers[], show: Show): readonly string[] {
  if (skipped.length === 0) return [];
  const domains = [...Map.groupBy(skipped, ({ domain }) => domain)]
    .map(([domain, parts]) => ({ domain, members: sum(parts) }))
    .sort((a, b) => b.members - a.members || compareText(a.domain, b.domain))
    .map(({ domain, members }) => `${show(domain)} (${members})`);
  const roles = new Set(skipped.map(({ cluster, namespace, role }) => `${cluster}/${namespace}/${role}`)).size;
  const what = `${count(sum(skipped), 'service')} in ${count(roles, 'role')}, by members.services: ${someOf(domains)}`;
  return [`${what}; domains of people belong in athenz.userDomain`];
}

function sum(parts: readonly SkippedMembers[]): number {
  return parts.reduce((total, { members }) => total + members, 0);
}
