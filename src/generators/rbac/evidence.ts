import { type Doubt, type Evidence, latestProofs, type Origin, type Proof } from '../../core/evidence.ts';
import { isProvenReason, type Loss } from '../../model/access.ts';
import { subjectKey } from '../../model/grant.ts';
import { roleSubject } from './listed.ts';
import type { NamespaceDecision } from './namespace.ts';
import { endedAccess, grantKey, toProof } from './proof.ts';

/** Those whose loss nothing but their absence from a role that was read speaks for. */
export function doubtsIn({ roles, current }: NamespaceDecision): readonly Doubt[] {
  return roles.flatMap(({ losses }) =>
    losses.filter(isUnexplained).flatMap((loss): readonly Doubt[] => {
      const { role, subject } = loss;
      const key = subjectKey(subject);
      const holder = current.find(
        ({ parsed }) =>
          parsed.kind === 'rendered' &&
          parsed.state.some((it) => it.role === role && it.subjects.some((other) => subjectKey(other) === key)),
      );
      if (holder === undefined) return [];
      const { path, oid } = holder.file;
      return [{ key: grantKey(loss), path, oid, entry: roleSubject(role, key) }];
    }),
  );
}

/** The decision with what the evidence says of its losses. */
export function explain(decision: NamespaceDecision, { proofs, origins }: Evidence): NamespaceDecision {
  const latest = latestProofs(proofs);
  const explained = (loss: Loss): Loss => {
    if (!isUnexplained(loss)) return loss;
    const key = grantKey(loss);
    return byEvidence(loss, latest.get(key), origins.get(key));
  };
  return { ...decision, roles: decision.roles.map((role) => ({ ...role, losses: role.losses.map(explained) })) };
}

function isUnexplained({ reason }: Loss): boolean {
  return reason === 'origin-unknown';
}

/** A proof counts when nothing granted the subject in the base after it. */
function byEvidence(loss: Loss, proof: Proof | undefined, origin: Origin = { by: 'unknown' }): Loss {
  const said = proof === undefined ? undefined : endedAccess(proof);
  if (said !== undefined && origin.since !== undefined && Date.parse(origin.since) < Date.parse(said.polled)) {
    const { reason, detail, polled: seen } = said;
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

/** What Athenz says itself, in this poll. @param polled RFC 3339 UTC */
export function proofsIn({ roles }: NamespaceDecision, polled: string): readonly Proof[] {
  return roles.flatMap(({ losses }) =>
    losses.flatMap(({ cluster, namespace, role, subject, reason, detail, seen }): readonly Proof[] => {
      if (!isProvenReason(reason) || seen !== undefined) return [];
      const ended = { cluster, namespace, role, subject, reason, ...(detail === undefined ? {} : { detail }), polled };
      return [toProof(ended)];
    }),
  );
}
