import type { Permission } from '../model/access.ts';
import type { ClusterIdentity, LiveWrite } from '../model/cluster.ts';
import type { Problem } from '../model/error.ts';
import type { FileCommit } from '../model/file-commit.ts';
import type { Subject } from '../model/grant.ts';
import type { Outcome } from '../model/outcome.ts';

/** What a RoleBinding and the Role behind it give: in Athenz, in git or in the cluster. */
export interface BoundAccess {
  readonly permission: Permission;
  /** Sorted by subject, unique. */
  readonly subjects: readonly Subject[];
}

/** The three places in which a binding is looked up. */
export interface BindingSides {
  /** What would be rendered from Athenz now. */
  readonly athenz: Outcome<BoundAccess>;
  /** What the base branch holds. */
  readonly git: Outcome<BoundAccess>;
  /** What the API server answers. */
  readonly live: Outcome<BoundAccess>;
}

/**
 * How a binding differs, most urgent first: access that is not granted, then access that is missing, then what only takes time. A
 * difference between Athenz and git may come with one between git and the cluster.
 */
export const driftStates = [
  /** In the cluster, marked as ours or an operator's, and not in git: nothing will ever remove it. */
  'orphan',
  /** The cluster is not as git is, nor as git was a while ago. */
  'changed-in-cluster',
  /** In git, and not in the cluster. */
  'missing',
  /** Git is not as Athenz is, and its last change was not made by this program. */
  'changed-in-git',
  /** The cluster is as git was until shortly before, or as an operator left it. */
  'waiting-for-engine',
  /** Git is as this program proposed it, and Athenz has moved on. */
  'waiting-for-merge',
] as const;
export type DriftState = (typeof driftStates)[number];

/** In which of the three places a subject is bound; `null`: that place could not be read. */
export interface SubjectDifference {
  readonly subject: Subject;
  readonly athenz: boolean | null;
  readonly git: boolean | null;
  readonly live: boolean | null;
}

/** A RoleBinding that is not the same in all three places. */
export interface DriftedBinding {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Most urgent first; at least one. */
  readonly states: readonly DriftState[];
  /** Only those that are not bound everywhere. */
  readonly subjects: readonly SubjectDifference[];
  /** What it lets its subjects do, where it is. */
  readonly permissions: {
    readonly athenz?: Permission;
    readonly git?: Permission;
    readonly live?: Permission;
  };
  /** The rules or the roleRef are not the same everywhere. */
  readonly permissionDiffers: boolean;
  /** Where they differ, everybody whom the cluster's binding lets do what it says; in what it lacks, git's. */
  readonly affected?: readonly Subject[];
  /** More about why, in words of our own: no name from outside is in it. */
  readonly note?: string;
  /** Who changed it last in the cluster. */
  readonly written?: LiveWrite;
  /** Who changed its file last. */
  readonly commit?: FileCommit;
}

/** Something that could not be read: nothing is said of it. */
export interface Unread {
  readonly cluster: string;
  /** Not set: the whole cluster. */
  readonly namespace?: string;
  readonly problem: Problem;
}

export interface ClusterDrift extends ClusterIdentity {
  /** Those with a binding that was compared. */
  readonly namespaces: number;
  /** Bindings that were compared in all three places. */
  readonly bindings: number;
  readonly inSync: number;
}

/** What the API server said of one grant or non-grant. */
export interface Disagreement {
  readonly cluster: string;
  readonly namespace: string;
  readonly subject: Subject;
  /** `get pods`. */
  readonly request: string;
  readonly expected: boolean;
  readonly allowed: boolean;
  /** The server's own words. */
  readonly reason: string;
}

export interface ProbeResult {
  readonly grants: number;
  readonly nonGrants: number;
  /** Grants whose ClusterRole is not known here, so that nothing could be asked. */
  readonly skipped: number;
  readonly disagreements: readonly Disagreement[];
}

/** What one run of `drift` found. Lists are in a fixed order. */
export interface DriftResult {
  readonly format: 'athenz-gitops drift 1';
  readonly exitCode: number;
  /** RFC 3339 UTC: when Athenz was asked. */
  readonly polledAt: string;
  readonly base: { readonly branch: string; readonly commit: string };
  readonly requests: { readonly zms: number; readonly cluster: number };
  readonly clusters: readonly ClusterDrift[];
  readonly bindings: readonly DriftedBinding[];
  readonly unread: readonly Unread[];
  readonly probe?: ProbeResult;
}
