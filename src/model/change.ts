import type { ErrorCode, Problem } from './error.ts';
import type { Dropped, Grant, Path, Subject } from './grant.ts';
import type { PolicyRule, RoleRef } from './manifest.ts';
import type { Proof, ProvenReason } from './proof.ts';

/** What a role lets its subjects do: an own Role's rules, or whatever a ClusterRole says. */
export interface Permission {
  readonly roleRef: RoleRef;
  /** Not set for a ClusterRole, or for a Role that is not in the file. */
  readonly rules?: readonly PolicyRule[];
}

interface Place {
  readonly cluster: string;
  readonly namespace: string;
  /** Short name of the Athenz role. */
  readonly role: string;
}

/** Why a subject loses access. */
export type LossReason =
  | ProvenReason
  /** This program granted it, and Athenz no longer does. */
  | 'not-a-member'
  /** A commit that is not this program's, by its trailers, added it to a file that this program had written. */
  | 'added-by-hand'
  /** The same member is bound under another name, as `members.users.prefix` is another one. */
  | 'renamed'
  /** It is not in Athenz, and the history of the base does not show how it came there. */
  | 'origin-unknown'
  | 'not-a-subject'
  | 'role-absent'
  | 'domain-absent'
  | 'role-unconfigured'
  /** No file names it, or the cluster that is asked has none of its name. */
  | 'namespace-left'
  /** It is there, and left out by `clusters[].namespaces.exclude`. */
  | 'namespace-excluded'
  /** The same by the built-in list. */
  | 'namespace-system'
  | 'namespace-deleted'
  | 'cluster-left';

export interface Gain extends Place {
  readonly kind: 'gain';
  readonly subject: Subject;
  readonly permission: Permission;
  readonly paths: readonly Path[];
  readonly expires?: string;
}

export interface Loss extends Place {
  readonly kind: 'lose';
  readonly subject: Subject;
  readonly permission: Permission;
  readonly reason: LossReason;
  /** The time, domain or reason that `reason` speaks of. */
  readonly detail?: string;
  /** Of `added-by-hand`: the commit that brought it to the base, and its author. */
  readonly origin?: { readonly commit: string; readonly author: string };
  /** A group of the role that gives nobody: whoever was in it has lost it. Not set where there are several. */
  readonly group?: { readonly name: string; readonly reason: 'group-empty' | 'group-missing' };
  /** When Athenz said so, RFC 3339 UTC, where it has forgotten that since. */
  readonly seen?: string;
  /** No limit holds it: Athenz says itself that it has ended, or the history that it has never begun there. */
  readonly proven: boolean;
}

/** The same people, allowed to do something else. */
export interface PermissionChange extends Place {
  readonly kind: 'permission';
  readonly before: Permission;
  readonly after: Permission;
  /** How many subjects have the role before and after. */
  readonly subjects: number;
}

/** The same people and permissions, from another Athenz domain: the cluster's mapping changed. */
export interface MappingChange extends Place {
  readonly kind: 'mapping';
  readonly before: string;
  readonly after: string;
}

/** What a merge changes for people. Labels, annotations, comments and names of objects are only file changes. */
export type AccessChange = Gain | Loss | PermissionChange | MappingChange;

export interface FileChange {
  /** From the repository's root. */
  readonly path: string;
  readonly cluster: string;
  readonly namespace: string;
  /** git's id of what is there now; not set for a new file. */
  readonly before?: string;
  /** What is desired there; not set for a file to delete. `formerOid`: its id under the former first line. */
  readonly after?: { readonly oid: string; readonly formerOid: string; readonly text: string };
}

/** Access that was left as it is because something could not be read. */
export interface Kept {
  readonly cluster: string;
  /** Not set when the whole cluster's inventory is incomplete. */
  readonly namespace?: string;
  readonly role?: string;
  readonly problem: Problem;
}

/** A role with subjects in the base and none once everything proposed is merged. */
export type EmptiedRole = Place;

/** A role that would be left without anyone if what is held of it were approved. */
export interface WouldEmpty extends EmptiedRole {
  /** `limits.neverEmpty` names it: that limit is hit too, whichever else holds the losses. */
  readonly neverEmpty: boolean;
}

/** An approval that was given for this run and that nothing it holds has the digest of. */
export interface UnmatchedApproval {
  readonly kind: LetThrough['kind'];
  readonly digest: string;
}

/** A change that is not proposed until a person has looked. */
export interface Held {
  readonly cluster: string;
  readonly namespace?: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
  /** The losses that are held; empty when gains are, or the whole namespace is. */
  readonly losses: readonly Loss[];
  /** The gains that are held. */
  readonly gains?: readonly Gain[];
  /** Roles that the held losses would leave without anyone; not set where there are none. */
  readonly emptied?: readonly WouldEmpty[];
}

/** Changes of a namespace that are proposed although a limit would hold them, as a person has approved them. */
export interface LetThrough {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: 'removals' | 'additions';
  readonly changes: number;
  /** Names the changes: those and no others are approved, until they are merged. */
  readonly digest: string;
}

/** A member that can never be a subject, where it was found. */
export interface DroppedMember extends Place {
  readonly dropped: Dropped;
}

/** Members of one role that a setting leaves out, by the Athenz domain they belong to. */
export interface SkippedMembers extends Place {
  readonly setting: 'members.services';
  readonly domain: string;
  /** Distinct names, at least one. */
  readonly members: number;
}

/** What one cluster's inventory leaves out. */
export interface SkippedNamespaces {
  readonly cluster: string;
  /** By the built-in list, by `namespaces.exclude`, or as they are being deleted. */
  readonly namespaces: readonly string[];
  /** Paths, by a pattern with "!". */
  readonly files: readonly string[];
}

/** A grant that will end soon unless it is renewed in Athenz. */
export interface Expiring extends Place {
  readonly grant: Grant;
}

export interface ClusterTotals {
  readonly cluster: string;
  readonly namespaces: number;
  /** Distinct (namespace, role, subject) in the tree as it is. */
  readonly grantsBefore: number;
  /** The same once everything proposed is merged. */
  readonly grantsAfter: number;
}

/** A kustomization file, nobody's but the users', that does not fit what is rendered once everything is merged. */
export interface StaleKustomization {
  readonly cluster: string;
  readonly path: string;
  /** Files and folders that it names and that will not be there. */
  readonly missing: readonly string[];
  /** Rendered files that neither it nor any that it leads to names. */
  readonly unlisted: readonly string[];
}

/** Everything a run would do, and everything it leaves alone and why. Lists are in a fixed order. */
export interface Plan {
  /** The instant access was resolved for, RFC 3339 UTC. */
  readonly at: string;
  readonly files: readonly FileChange[];
  readonly changes: readonly AccessChange[];
  readonly kept: readonly Kept[];
  readonly held: readonly Held[];
  readonly dropped: readonly DroppedMember[];
  readonly skippedMembers: readonly SkippedMembers[];
  readonly skippedNamespaces: readonly SkippedNamespaces[];
  readonly expiring: readonly Expiring[];
  readonly totals: readonly ClusterTotals[];
  readonly letThrough: readonly LetThrough[];
  readonly staleKustomizations: readonly StaleKustomization[];
  /** Roles that are left without anyone. */
  readonly emptied: readonly EmptiedRole[];
  readonly unmatched: readonly UnmatchedApproval[];
  /** What later runs have to know, sorted. */
  readonly proofs: readonly Proof[];
  /** Names exactly the removals that limits hold back; given back as `--accept-removals` it approves them. */
  readonly heldRemovals?: string;
  /** The same of additions, for `--accept-additions`. */
  readonly heldAdditions?: string;
}

/** What a person approves once, by the digest of the plan they reviewed. */
export interface Accepted {
  readonly acceptRemovals?: string;
  readonly acceptAdditions?: string;
  /** Of `LetThrough.digest`: what is proposed and was approved when it was. */
  readonly before?: ReadonlySet<string>;
}

/** What one proposed change covers: a part of the plan that is reviewed and merged as a whole. */
export interface Scope
  extends Pick<
    Plan,
    | 'files'
    | 'changes'
    | 'kept'
    | 'held'
    | 'dropped'
    | 'skippedMembers'
    | 'expiring'
    | 'totals'
    | 'letThrough'
    | 'staleKustomizations'
    | 'emptied'
    | 'proofs'
  > {
  /** `all`, a cluster, or `cluster/namespace`. */
  readonly key: string;
  /**
   * `sha256:…` of the files actual and desired, the access changes, and what was approved; the same plan gives
   * the same.
   */
  readonly digest: string;
}
