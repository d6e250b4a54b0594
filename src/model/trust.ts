import type { AssumeRole, DomainDocument } from './domain.ts';

/** Answers which roles of one trusted domain may assume a delegated role. */
export type TrustIndex = (resource: string) => readonly string[];

/**
 * Indexes the `assume_role` assertions of a trusted domain, so that a domain trusted by thousands of roles costs one
 * look-up each, plus one match per assertion that really is a glob.
 *
 * The result gives short names of roles of `document`, unique, those that match exactly first. An assertion whose role
 * is not of this domain gives nothing: ZTS compares it exactly (DataStore, DataCache).
 */
export function indexTrust(document: DomainDocument): TrustIndex {
  const exact = new Map<string, string[]>();
  const globs: { readonly matches: (resource: string) => boolean; readonly role: string }[] = [];
  const prefix = `${document.name}:role.`;
  for (const assertion of document.assumes) {
    if (!assertion.role.startsWith(prefix)) continue;
    const role = assertion.role.slice(prefix.length);
    if (isGlob(assertion)) {
      globs.push({ matches: globMatcher(assertion.resource), role });
    } else {
      const roles = exact.get(assertion.resource);
      if (roles) roles.push(role);
      else exact.set(assertion.resource, [role]);
    }
  }
  return (resource) => {
    const roles = new Set(exact.get(resource));
    for (const glob of globs) if (glob.matches(resource)) roles.add(glob.role);
    return [...roles];
  };
}

function isGlob(assertion: AssumeRole): boolean {
  return /[*?]/.test(assertion.resource);
}

/**
 * A matcher for Athenz' globs (`*` any text, `?` one character), linear in pattern × text: a regular expression made of
 * many `*` would let a domain admin stall the run.
 */
function globMatcher(pattern: string): (text: string) => boolean {
  return (text) => {
    let p = 0;
    let t = 0;
    let star = -1;
    let resume = 0;
    while (t < text.length) {
      if (p < pattern.length && pattern[p] === '*') {
        star = p++;
        resume = t;
      } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
        p++;
        t++;
      } else if (star !== -1) {
        p = star + 1;
        t = ++resume;
      } else {
        return false;
      }
    }
    while (pattern[p] === '*') p++;
    return p === pattern.length;
  };
}
