import type { SkippedMembers } from '../../../model/access.ts';
import { compareText, count, type Show, someOf } from '../../../model/text.ts';

/** How many services `members.services` leaves out, and whose they are: one sentence, or none. */
export function skippedMembersSentence(skipped: readonly SkippedMembers[], show: Show): readonly string[] {
  if (skipped.length === 0) return [];
  const domains = [...Map.groupBy(skipped, ({ domain }) => domain)]
    .map(([domain, parts]) => ({ domain, members: sum(parts) }))
    .sort((a, b) => b.members - a.members || compareText(a.domain, b.domain))
    .map(({ domain, members }) => `${show(domain)} (${members})`);
  const roles = new Set(skipped.map(({ cluster, namespace, role }) => `${cluster}/${namespace}/${role}`)).size;
  const what = `${count(sum(skipped), 'service')} in ${count(roles, 'role')}, by members.services: ${someOf(domains)}`;
  return [`${what}; if these are people, add their domain to athenz.userDomain`];
}

function sum(parts: readonly SkippedMembers[]): number {
  return parts.reduce((total, { members }) => total + members, 0);
}
