import { type Subject, subjectKey } from './grant.ts';

/** Reasons that Athenz states itself. It forgets them: a suspended member is deleted, an expired one purged. */
export type ProvenReason = (typeof provenReasons)[number];

const provenReasons = ['expired', 'suspended', 'domain-disabled'] as const;

/** That Athenz said why a subject's access had ended. */
export interface Proof {
  readonly cluster: string;
  readonly namespace: string;
  /** Short name of the Athenz role. */
  readonly role: string;
  readonly subject: Subject;
  readonly reason: ProvenReason;
  /** The time or domain that `reason` speaks of. */
  readonly detail?: string;
  /** When Athenz was polled, RFC 3339 UTC. */
  readonly polled: string;
}

/** Identifies a subject in a role: the same for a loss and for the proof of it. */
export function grantKey({
  cluster,
  namespace,
  role,
  subject,
}: Pick<Proof, 'cluster' | 'namespace' | 'role' | 'subject'>): string {
  return `${cluster}\0${namespace}\0${role}\0${subjectKey(subject)}`;
}

/** Whether a reason is one that Athenz states. */
export function isProvenReason(reason: string): reason is ProvenReason {
  return (provenReasons as readonly string[]).includes(reason);
}

/** Of several proofs of one grant that of the latest poll, by `grantKey`. */
export function latestProofs(proofs: readonly Proof[]): ReadonlyMap<string, Proof> {
  const latest = new Map<string, Proof>();
  for (const proof of proofs) {
    const key = grantKey(proof);
    const known = latest.get(key);
    if (known === undefined || known.polled < proof.polled) latest.set(key, proof);
  }
  return latest;
}
