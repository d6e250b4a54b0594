import type { Loss } from '../model/change.ts';
import { type Subject, subjectKey } from '../model/grant.ts';
import { grantKey, latestProofs, type Proof } from '../model/proof.ts';
import type { NamespaceDecision } from './namespace.ts';
import type { ClusterDecisions } from './namespaces.ts';

/** What earlier runs and the base's history say of those who are not in Athenz. */
export interface Evidence {
  /** Proofs of earlier runs of the same owner. */
  readonly proofs: readonly Proof[];
  /** By `grantKey`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** When the base commit was made, RFC 3339; not set where nothing is remembered. */
  readonly baseAt?: string;
}

export const noEvidence: Evidence = { proofs: [], origins: new Map() };

/**
 * How a subject came into the base.
 *
 * - `program`: by a commit of this program.
 * - `person`: by one that is not, which added it to a version of the file that this program had written, and whose list of
 *   subjects this program would never write.
 * - `unsigned`: by such a commit with a list as this program writes it: it may be a proposal that was squashed without its
 *   trailers, or what `render` wrote.
 * - `unknown`: in a way that the history does not show.
 *
 * `since`: RFC 3339, nothing after this instant granted it. Of a commit of ours the poll time, else when it came to the base.
 */
export type Origin =
  | { readonly by: 'program'; readonly since: string }
  | { readonly by: 'person' | 'unsigned'; readonly since: string; readonly commit: string; readonly author: string }
  | { readonly by: 'unknown'; readonly since?: string };

/** A subject of a rendered file that Athenz does not know, and that the history may explain. */
export interface Doubt {
  readonly key: string;
  readonly path: string;
  /** git's id of the file. */
  readonly oid: string;
  readonly role: string;
  readonly subject: Subject;
}

/** What is known of doubts, besides Athenz and the tree. @param polled when Athenz was polled, RFC 3339 UTC */
export type Witness = (doubts: readonly Doubt[], polled: string) => Promise<Evidence>;

/** Those whose loss nothing but their absence from a role that was read speaks for. */
export function doubtsOf(clusters: readonly ClusterDecisions[]): readonly Doubt[] {
  return clusters.flatMap(({ decisions }) => decisions.flatMap(doubtsIn));
}

function doubtsIn({ roles, current, held }: NamespaceDecision): readonly Doubt[] {
  if (held !== undefined) return [];
  return roles.flatMap(({ losses }) =>
    losses.filter(isUnexplained).flatMap((loss): readonly Doubt[] => {
      const { role, subject } = loss;
      const key = subjectKey(subject);
      const holder = current.find(
        ({ parsed }) =>
          parsed.kind === 'rendered' &&
          parsed.roles.some((it) => it.role === role && it.subjects.some((other) => subjectKey(other) === key)),
      );
      if (holder === undefined) return [];
      return [{ key: grantKey(loss), path: holder.file.path, oid: holder.file.oid, role, subject }];
    }),
  );
}

/** The losses with what the evidence says of them. */
export function weigh(
  clusters: readonly ClusterDecisions[],
  { proofs, origins }: Evidence,
): readonly ClusterDecisions[] {
  if (proofs.length + origins.size === 0) return clusters;
  const latest = latestProofs(proofs);
  const explain = (loss: Loss): Loss => {
    if (!isUnexplained(loss)) return loss;
    const key = grantKey(loss);
    return explained(loss, latest.get(key), origins.get(key));
  };
  return clusters.map((cluster) => ({
    ...cluster,
    decisions: cluster.decisions.map((decision) => ({
      ...decision,
      roles: decision.roles.map((role) => ({ ...role, losses: role.losses.map(explain) })),
    })),
  }));
}

function isUnexplained({ reason }: Loss): boolean {
  return reason === 'origin-unknown';
}

/** A proof counts when nothing granted the subject in the base after it. */
function explained(loss: Loss, proof: Proof | undefined, origin: Origin = { by: 'unknown' }): Loss {
  if (proof !== undefined && origin.since !== undefined && Date.parse(origin.since) < Date.parse(proof.polled)) {
    const { reason, detail, polled: seen } = proof;
    return { ...loss, reason, ...(detail === undefined ? {} : { detail }), proven: true, seen };
  }
  switch (origin.by) {
    case 'program':
      return { ...loss, reason: 'not-a-member' };
    case 'person':
    case 'unsigned': {
      const { commit, author } = origin;
      // What Athenz may have granted once is protected against a mistake there.
      return { ...loss, reason: 'added-by-hand', origin: { commit, author }, proven: origin.by === 'person' };
    }
    case 'unknown':
      return loss;
  }
}
