import { z } from 'zod';
import { AppError } from '../model/error.ts';
import type { ClusterSession } from './session.ts';
import { succeeded } from './status.ts';
import { understand } from './wire.ts';

/** A Lease (`coordination.k8s.io/v1`), as far as an election uses it. */
export interface Lease {
  /** Empty: there is no leader. */
  readonly holder: string;
  readonly seconds: number;
  /** RFC 3339 with microseconds, by the holder's clock. */
  readonly renewed: string;
  readonly acquired: string;
  readonly transitions: number;
}

/** A Lease that is there: a write that names another version of it is refused (409). */
export interface FoundLease extends Lease {
  readonly resourceVersion: string;
  /** All of its metadata: what others put there stays. */
  readonly metadata?: object;
}

export interface LeaseStore {
  /** Undefined where there is none. @throws AppError `CLUSTER_…` */
  read(): Promise<FoundLease | undefined>;
  /** Creates it, or replaces the version that was read. @returns false where another replica was faster; @throws AppError `CLUSTER_…` */
  write(lease: Lease, before: FoundLease | undefined): Promise<boolean>;
}

const leaseSchema = z.object({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z.object({
    holderIdentity: z.string().nullish(),
    leaseDurationSeconds: z.int().nullish(),
    renewTime: z.string().nullish(),
    acquireTime: z.string().nullish(),
    leaseTransitions: z.int().nullish(),
  }),
});

/** The Lease of a name. Nothing is sent. */
export function leaseStore(session: ClusterSession, namespace: string, name: string): LeaseStore {
  const all = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const one = `${all}/${encodeURIComponent(name)}`;
  const what = `the Lease ${namespace}/${name}`;
  return {
    async read() {
      const answer = await session.send({ path: one });
      if (answer.status === 404) return undefined;
      const doing = `reading ${what}`;
      const { metadata, spec } = understand(succeeded(answer, doing), doing, leaseSchema.parse);
      return {
        resourceVersion: metadata.resourceVersion,
        metadata,
        holder: spec.holderIdentity ?? '',
        seconds: spec.leaseDurationSeconds ?? 0,
        renewed: spec.renewTime ?? '',
        acquired: spec.acquireTime ?? '',
        transitions: spec.leaseTransitions ?? 0,
      };
    },
    async write(lease, before) {
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          ...before?.metadata,
          name,
          namespace,
          ...(before === undefined ? {} : { resourceVersion: before.resourceVersion }),
        },
        spec: {
          holderIdentity: lease.holder,
          leaseDurationSeconds: lease.seconds,
          renewTime: lease.renewed,
          acquireTime: lease.acquired,
          leaseTransitions: lease.transitions,
        },
      };
      const method = before === undefined ? 'POST' : 'PUT';
      const answer = await session.send({ method, path: before === undefined ? all : one, body });
      if (answer.status === 409) return false;
      if (answer.status === 404)
        throw new AppError('CLUSTER_REFUSED', `writing ${what}: 404`, { next: `create the namespace ${namespace}` });
      succeeded(answer, `writing ${what}`);
      return true;
    },
  };
}
