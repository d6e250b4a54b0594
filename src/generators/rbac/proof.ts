import { z } from 'zod';
import type { Proof } from '../../core/evidence.ts';
import { type ProvenReason, provenReasons } from '../../model/access.ts';
import { type Subject, subjectKey } from '../../model/grant.ts';

/** That Athenz said why a subject's access had ended. */
export interface EndedAccess {
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

const text = z.string();
const schema: z.ZodType<EndedAccess> = z.strictObject({
  cluster: text,
  namespace: text,
  role: text,
  subject: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['User', 'Group']), name: text }),
    z.strictObject({ kind: z.literal('ServiceAccount'), name: text, namespace: text }),
  ]),
  reason: z.enum(provenReasons),
  detail: text.exactOptional(),
  polled: z.iso.datetime(),
});

/** Identifies a subject in a role: the same for a loss and for the proof of it. */
export function grantKey({
  cluster,
  namespace,
  role,
  subject,
}: Pick<EndedAccess, 'cluster' | 'namespace' | 'role' | 'subject'>): string {
  return `${cluster}\0${namespace}\0${role}\0${subjectKey(subject)}`;
}

/** As proofs are remembered. */
export function toProof(ended: EndedAccess): Proof {
  const { cluster, namespace, role, subject, reason, detail, polled } = ended;
  return {
    cluster,
    namespace,
    key: grantKey(ended),
    polled,
    said: `${reason}\0${detail ?? ''}`,
    record: { cluster, namespace, role, subject, reason, ...(detail === undefined ? {} : { detail }), polled },
  };
}

/** Reads one back. It is input: undefined for what is none. */
export function parseProof(record: unknown): Proof | undefined {
  const { success, data } = schema.safeParse(record);
  return success ? toProof(data) : undefined;
}

/** What a proof of this generator says. */
export function endedAccess({ record }: Proof): EndedAccess {
  return schema.parse(record);
}
