import { createHash } from 'node:crypto';

/** What a body's last line tells the next run. */
export interface Marker {
  /** Whose proposal it is, see `ownerText`. */
  readonly owner?: string | undefined;
  readonly scope?: string | undefined;
  readonly base?: string | undefined;
  /** Of what is proposed, see `Scope.digest`. */
  readonly digest?: string | undefined;
  /** When Athenz was polled, RFC 3339 UTC. */
  readonly polled?: string | undefined;
  /** Of the title and the text above, without what changes from run to run. */
  readonly text?: string | undefined;
  /** Since when it removes access, RFC 3339 UTC. */
  readonly removals?: string | undefined;
  /** Set when this program has closed the pull request itself: nobody has declined anything. */
  readonly closed?: true | undefined;
}

/** Writes a marker as an HTML comment, which nothing inside can end. */
export function writeMarker(marker: Marker): string {
  return `<!-- athenz-gitops v1 ${JSON.stringify(marker).replaceAll('--', '-\\u002d')} -->`;
}

/** Names a text: 16 hexadecimal digits. */
export function textHash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
