import { createHash } from 'node:crypto';

/** What a body's last line tells the next run. */
export interface Marker {
  readonly scope: string;
  readonly base: string;
  /** Of what is proposed, see `Scope.digest`. */
  readonly digest: string;
  /** When Athenz was polled, RFC 3339 UTC. */
  readonly polled: string;
  /** Of the title and the text above, without what changes from run to run. */
  readonly text?: string;
  /** Since when it takes access away, RFC 3339 UTC. */
  readonly removals?: string;
  /** Set when this program has closed the pull request itself: nobody has declined anything. */
  readonly closed?: true;
}

/** Writes a marker as an HTML comment, which nothing inside can end. */
export function writeMarker(marker: Marker): string {
  return `<!-- athenz-gitops v1 ${JSON.stringify(marker).replaceAll('--', '-\\u002d')} -->`;
}

/**
 * Reads the marker of a body: the last line that is one, as other tools may have added text below it. Undefined where there
 * is none, as after an edit that lost it.
 */
export function readMarker(body: string): Marker | undefined {
  return body
    .split(/\r?\n/)
    .map(parseMarker)
    .findLast((marker) => marker !== undefined);
}

/** A body without its markers. */
export function withoutMarker(body: string): string {
  const lines = body.split(/\r?\n/).filter((line) => parseMarker(line) === undefined);
  return lines.join('\n').trimEnd();
}

function parseMarker(line: string): Marker | undefined {
  const json = /^<!-- athenz-gitops v1 (\{.*\}) -->\s*$/.exec(line)?.[1];
  if (json === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(json);
    return isMarker(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isMarker(value: unknown): value is Marker {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return ['scope', 'base', 'digest', 'polled'].every((name) => typeof fields[name] === 'string');
}

/** Names a text: 16 hexadecimal digits. */
export function textHash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
