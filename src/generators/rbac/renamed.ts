import { type Grant, type Subject, subjectKey } from '../../model/grant.ts';

/**
 * Tells the former prefix of a user who is bound under another name now. Only where that is sure: the former name is the Athenz
 * name of one who gains access at the same time, with nothing before it, or with a prefix that ends in a character that no
 * Athenz name has.
 *
 * @param before subjects of the role until now
 */
export function formerPrefix(
  grants: readonly Grant[],
  before: readonly Subject[],
): (subject: Subject) => string | undefined {
  const had = new Set(before.map(subjectKey));
  const gaining = new Set(
    grants.flatMap(({ subject, member }) => (subject.kind === 'User' && !had.has(subjectKey(subject)) ? [member] : [])),
  );
  return ({ kind, name }) => {
    if (kind !== 'User') return undefined;
    const [member = ''] = /[A-Za-z0-9_.-]*$/.exec(name) ?? [];
    return gaining.has(member) ? name.slice(0, name.length - member.length) : undefined;
  };
}
