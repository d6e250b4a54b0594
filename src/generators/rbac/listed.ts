import { subjectKey } from '../../model/grant.ts';
import type { RenderedRole } from '../../model/manifest.ts';
import { parseFile } from './parse.ts';
import { listsAsRendered } from './render.ts';

/** Who is in which role of a rendered file, as `roleSubject`; undefined for one that cannot be read back. */
export function subjectsIn(content: Uint8Array): ReadonlySet<string> | undefined {
  const parsed = parseFile(content);
  return parsed.kind === 'rendered' ? keysIn(parsed.roles) : undefined;
}

/** Of those, who is only in lists that this program would never write. */
export function unwrittenIn(content: Uint8Array): ReadonlySet<string> {
  const parsed = parseFile(content);
  if (parsed.kind !== 'rendered') return new Set();
  const text = Buffer.from(content).toString('utf8');
  return keysIn(parsed.roles).difference(keysIn(parsed.roles.filter((role) => listsAsRendered(text, role))));
}

/** @param subject by its `subjectKey` */
export function roleSubject(role: string, subject: string): string {
  return `${role}\0${subject}`;
}

function keysIn(roles: readonly RenderedRole[]): Set<string> {
  return new Set(roles.flatMap(({ role, subjects }) => subjects.map((it) => roleSubject(role, subjectKey(it)))));
}
