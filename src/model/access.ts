import type { ErrorCode } from './error.ts';
import type { Dropped, Grant, Path, Subject } from './grant.ts';
import type { PolicyRule, RoleRef } from './manifest.ts';

/** What a role lets its subjects do: an own Role's rules, or whatever a ClusterRole says. */
export interface Permission {
  readonly roleRef: RoleRef;
  /** Not set for a ClusterRole, or for a Role that is not in the file. */
  readonly rules?: readonly PolicyRule[];
}

export interface RolePlace {
  readonly cluster: string;
  readonly namespace: string;
  /** Short name of the Athenz role. */
  readonly role: string;
}

/** Reasons that Athenz states itself. It forgets them: a suspended member is deleted, an expired one purged. */
export type ProvenReason = (typeof provenReasons)[number];

export const provenReasons = ['expired', 'suspended', 'domain-disabled'] as const;

/** Whether a reason is one that Athenz states. */
export function isProvenReason(reason: string): reason is ProvenReason {
  return (provenReasons as readonly string[]).includes(reason);
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

export interface Gain extends RolePlace {
  readonly kind: 'gain';
  readonly subject: Subject;
  readonly permission: Permission;
  readonly paths: readonly Path[];
  readonly expires?: string;
}

export interface Loss extends RolePlace {
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
export interface PermissionChange extends RolePlace {
  readonly kind: 'permission';
  readonly before: Permission;
  readonly after: Permission;
  /** How many subjects have the role before and after. */
  readonly subjects: number;
}

/** The same people and permissions, from another Athenz domain: the cluster's mapping changed. */
export interface MappingChange extends RolePlace {
  readonly kind: 'mapping';
  readonly before: string;
  readonly after: string;
}

/** What a merge changes for people. Labels, annotations, comments and names of objects are only file changes. */
export type AccessChange = Gain | Loss | PermissionChange | MappingChange;

/** A role with subjects in the base and none once everything proposed is merged. */
export type EmptiedRole = RolePlace;

/** A member that can never be a subject, where it was found. */
export interface DroppedMember extends RolePlace {
  readonly dropped: Dropped;
}

/** Members of one role that a setting leaves out, by the Athenz domain they belong to. */
export interface SkippedMembers extends RolePlace {
  readonly setting: 'members.services';
  readonly domain: string;
  /** Distinct names, at least one. */
  readonly members: number;
}

/** A grant that will end soon unless it is renewed in Athenz. */
export interface Expiring extends RolePlace {
  readonly grant: Grant;
}

/** A role that would be left without anyone if what is held of it were approved. */
export interface WouldEmpty extends RolePlace {
  /** `limits.neverEmpty` names it: that limit is hit too, whichever else holds the losses. */
  readonly neverEmpty: boolean;
}

/** Changes of access that are not proposed until a person has looked, as results tell them. */
export interface HeldAccess {
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
