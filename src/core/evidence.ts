import type { UnitId } from './unit.ts';

/** That a source said why something had ended, at a time when it still knew. Sources forget: a later run may need it. */
export interface Proof extends UnitId {
  /** Identifies what is proven: the same for a removal and for the proof of it. */
  readonly key: string;
  /** As of when the source said so, RFC 3339 UTC. */
  readonly polled: string;
  /** What it says, whenever it was said. */
  readonly said: string;
  /** All of it, as it is saved: plain JSON, its keys in their order. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** What earlier runs and the base's history say of what a source no longer knows. */
export interface Evidence {
  /** Proofs of earlier runs of the same owner. */
  readonly proofs: readonly Proof[];
  /** By `Doubt.key`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** When the base commit was made, RFC 3339; not set where there are no proofs. */
  readonly baseAt?: string;
}

export const noEvidence: Evidence = { proofs: [], origins: new Map() };

/**
 * How an entry of a rendered file came into the base.
 *
 * - `program`: by a commit of this program.
 * - `person`: by one that is not, which added it to a version of the file that this program had written, in a way this program
 *   would never write it.
 * - `unsigned`: by such a commit, as this program writes it: it may be a proposal that was squashed without its trailers, or what
 *   `render` wrote.
 * - `unknown`: in a way that the history does not show.
 *
 * `since`: RFC 3339, nothing after this instant added it. Of a commit of ours the poll time, else when it came to the base.
 */
export type Origin =
  | { readonly by: 'program'; readonly since: string }
  | { readonly by: 'person' | 'unsigned'; readonly since: string; readonly commit: string; readonly author: string }
  | { readonly by: 'unknown'; readonly since?: string };

/** An entry of a rendered file that the source does not know, and that the history may explain. */
export interface Doubt {
  readonly key: string;
  readonly path: string;
  /** git's id of the file. */
  readonly oid: string;
  /** The entry, as `Lists` names it. */
  readonly entry: string;
}

/** How a generator names the entries of a file that doubts are about. */
export interface EntryReader {
  /** The entries of a rendered file; undefined for one that cannot be read back. */
  entriesIn(content: Uint8Array): ReadonlySet<string> | undefined;
  /** Of those, what this program would never write so. */
  unwrittenIn(content: Uint8Array): ReadonlySet<string>;
}

/** What is known of doubts, besides the sources and the tree. @param polled as of when the sources were read, RFC 3339 UTC */
export type Witness = (doubts: readonly Doubt[], polled: string) => Promise<Evidence>;

/** Of several proofs of one thing that of the latest poll, by key. */
export function latestProofs(proofs: readonly Proof[]): ReadonlyMap<string, Proof> {
  const latest = new Map<string, Proof>();
  for (const proof of proofs) {
    const known = latest.get(proof.key);
    if (known === undefined || known.polled < proof.polled) latest.set(proof.key, proof);
  }
  return latest;
}
