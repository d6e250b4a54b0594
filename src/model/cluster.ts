import type { Subject } from './grant.ts';
import type { PolicyRule, RoleRef } from './manifest.ts';
import type { Outcome } from './outcome.ts';

/** Who wrote an object of a cluster, by its labels: this program, an in-cluster operator, or anybody else. */
export type LiveOwner = 'athenz-gitops' | 'operator' | 'other';

/** What `metadata.managedFields` says of the last change of a binding's subjects or of a Role's rules. */
export interface LiveWrite {
  /** The field manager, such as `kubectl-edit` or `argocd-controller`. */
  readonly manager: string;
  /** RFC 3339 UTC. */
  readonly at: string;
}

interface LiveObject {
  readonly namespace: string;
  readonly name: string;
  readonly owner: LiveOwner;
  readonly written?: LiveWrite;
}

/** A RoleBinding as a cluster has it. */
export interface LiveBinding extends LiveObject {
  /** The Athenz role that it was rendered from, `<domain>:role.<role>`, where its annotation says so. */
  readonly athenzRole?: string;
  readonly roleRef: RoleRef;
  /** Sorted by subject, unique. */
  readonly subjects: readonly Subject[];
}

/** A Role as a cluster has it. */
export interface LiveRole extends LiveObject {
  readonly rules: readonly PolicyRule[];
}

/** What one namespace of a cluster holds. Both sorted by name. */
export interface LiveObjects {
  readonly bindings: readonly LiveBinding[];
  readonly roles: readonly LiveRole[];
}

export interface LiveNamespace {
  readonly name: string;
  /** It is being deleted: what is written into it goes with it. */
  readonly terminating: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Which API server was asked, and how. */
export interface ClusterIdentity {
  readonly cluster: string;
  readonly context: string;
  readonly server: string;
  /** uid of the namespace `kube-system`; not set when it may not be read. */
  readonly uid?: string;
}

/** The Roles and RoleBindings of one cluster, as one read found them. */
export interface LiveCluster extends ClusterIdentity {
  /**
   * By namespace: those asked for, and every other one that holds a Role or RoleBinding. `absent`: the cluster has no such
   * namespace.
   */
  readonly namespaces: ReadonlyMap<string, Outcome<LiveObjects>>;
  /** Sent to the API server, further tries included. */
  readonly requests: number;
}
