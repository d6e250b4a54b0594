import type { BoundAccess } from '../../src/drift/result.ts';
import type { ComparedBinding } from '../../src/drift/sides.ts';
import type { PastVersion } from '../../src/drift/versions.ts';
import type { LiveOwner } from '../../src/model/cluster.ts';
import type { Problem } from '../../src/model/error.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { everything } from './roles.ts';

/** Users of a binding; `-`: there is none; `?`: not known. */
export type Side = string;

export const problem: Problem = { code: 'CLUSTER_FORBIDDEN', message: 'no' };

/** The moment at which drift is looked for. */
export const now = Date.parse('2026-11-21T12:00:00.000Z');

/** RFC 3339, so many minutes before `now`. */
export function ago(minutes: number): string {
  return new Date(now - minutes * 60_000).toISOString();
}

/** `ada bob` → a binding of those two to a Role that allows everything. */
export function bound(users: string, role = 'athenz-admins'): BoundAccess {
  const names = users.split(' ').filter((name) => name !== '');
  return {
    permission: { roleRef: { kind: 'Role', name: role }, rules: everything },
    subjects: names.sort().map((name) => ({ kind: 'User', name: `user.${name}` })),
  };
}

function outcome(side: Side): Outcome<BoundAccess> {
  if (side === '-') return { kind: 'absent' };
  return side === '?' ? { kind: 'unknown', problem } : { kind: 'value', value: bound(side) };
}

export interface Written {
  readonly owner?: LiveOwner;
  /** Minutes since its last change in the cluster. */
  readonly written?: number;
  /** The same of its Role. */
  readonly roleWritten?: number;
  readonly namespaceAbsent?: true;
}

/** The binding `b` of namespace `team` of cluster `prod`, in Athenz, git and the cluster. */
export function compared(athenz: Side, git: Side, live: Side, more: Written = {}): ComparedBinding {
  const { written, roleWritten, owner, namespaceAbsent } = more;
  return {
    cluster: 'prod',
    namespace: 'team',
    name: 'b',
    path: 'f.yaml',
    athenz: outcome(athenz),
    git: outcome(git),
    live: outcome(live),
    ...(live === '-' || live === '?' ? {} : { owner: owner ?? 'athenz-gitops' }),
    ...(written === undefined ? {} : { written: { manager: 'kubectl-edit', at: ago(written) } }),
    ...(roleWritten === undefined ? {} : { roleWritten: { manager: 'kubectl-edit', at: ago(roleWritten) } }),
    ...(namespaceAbsent === undefined ? {} : { namespaceAbsent }),
  };
}

/** A version of the file: minutes ago, `ours` or somebody's, and what it says of `b`. */
export function version([minutes, whose, side]: readonly [number, 'ours' | 'theirs', Side]): PastVersion {
  const bindings = side === '-' ? new Map() : new Map([['b', bound(side)]]);
  const commit = `c${minutes}`.padEnd(40, '0');
  return {
    commit,
    at: ago(minutes),
    author: whose === 'ours' ? 'athenz-gitops' : 'Eve',
    ours: whose === 'ours',
    bindings: side === '?' ? undefined : bindings,
  };
}
