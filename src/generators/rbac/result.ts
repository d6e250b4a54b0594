import { actionOn, type Change, type Held } from '../../core/change.ts';
import type { Plan } from '../../core/plan.ts';
import type { StaleKustomization } from '../../core/stale.ts';
import type { AccessChange, Gain, HeldAccess, Loss } from '../../model/access.ts';
import type { Problem } from '../../model/error.ts';
import { type RbacNotes, rbacNotes } from './notes.ts';

/** A plan as the JSON of a run tells it, without the texts of its files and what only later runs need. */
export interface RbacResult extends RbacNotes {
  readonly at: string;
  /** When the next grant expires, RFC 3339 UTC. */
  readonly nextExpiry?: string;
  readonly files: readonly {
    readonly path: string;
    readonly cluster: string;
    readonly namespace: string;
    readonly action: 'add' | 'change' | 'remove';
  }[];
  readonly changes: readonly AccessChange[];
  readonly kept: readonly {
    readonly cluster: string;
    /** Not set when the whole cluster's inventory is incomplete. */
    readonly namespace?: string;
    readonly role?: string;
    readonly problem: Problem;
    /** Since when that is so, RFC 3339 UTC, as far as earlier runs have said it. */
    readonly since?: string;
  }[];
  readonly held: readonly HeldAccess[];
  readonly totals: readonly {
    readonly cluster: string;
    readonly namespaces: number;
    /** Distinct (namespace, role, subject) in the tree as it is. */
    readonly grantsBefore: number;
    /** The same once everything proposed is merged. */
    readonly grantsAfter: number;
  }[];
  readonly letThrough: readonly {
    readonly cluster: string;
    readonly namespace: string;
    readonly kind: 'removals' | 'additions';
    readonly changes: number;
    readonly digest: string;
  }[];
  readonly staleKustomizations: readonly StaleKustomization[];
  readonly unmatched: Plan['unmatched'];
  readonly heldRemovals?: string;
  readonly heldAdditions?: string;
}

/** Puts a plan into the keys that scripts read. */
export function toRbacResult(plan: Plan<AccessChange>): RbacResult {
  const { at, nextExpiry, staleKustomizations, unmatched, heldRemovals, heldAdditions } = plan;
  return {
    at,
    ...(nextExpiry === undefined ? {} : { nextExpiry }),
    files: plan.files.map((file) => {
      const { path, cluster, namespace = '' } = file;
      return { path, cluster, namespace, action: actionOn(file) };
    }),
    changes: plan.changes.map(({ detail }) => detail),
    kept: plan.kept.map(({ part, ...kept }) => ({ ...kept, ...(part === undefined ? {} : { role: part }) })),
    held: plan.held.map(toHeld),
    ...rbacNotes(plan.notes),
    totals: plan.totals.map(({ cluster, units, before, after }) => ({
      cluster,
      namespaces: units,
      grantsBefore: before,
      grantsAfter: after,
    })),
    letThrough: plan.approved.map(({ namespace = '', ...it }) => ({ namespace, ...it })),
    staleKustomizations,
    unmatched,
    ...(heldRemovals === undefined ? {} : { heldRemovals }),
    ...(heldAdditions === undefined ? {} : { heldAdditions }),
  };
}

/** What is held, in those keys. */
export function toHeld({ changes, emptied = [], ...held }: Held<AccessChange>): HeldAccess {
  const [losses, gains] = [changes.flatMap(lossIn), changes.flatMap(gainIn)];
  const left = emptied.map(({ cluster, namespace = '', part, protected: neverEmpty }) => {
    return { cluster, namespace, role: part, neverEmpty };
  });
  return {
    ...held,
    losses,
    ...(gains.length === 0 ? {} : { gains }),
    ...(left.length === 0 ? {} : { emptied: left }),
  };
}

function lossIn({ detail }: Change<AccessChange>): readonly Loss[] {
  return detail.kind === 'lose' ? [detail] : [];
}

function gainIn({ detail }: Change<AccessChange>): readonly Gain[] {
  return detail.kind === 'gain' ? [detail] : [];
}
