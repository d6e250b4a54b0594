import type { Problem } from './error.ts';
import { compareText } from './text.ts';

/** A Kubernetes subject. Athenz members become users and service accounts; a group is only ever found in an edited file. */
export type Subject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string };

/** One way from an Athenz role to a member: direct, through a group, a delegated role, or a group in a delegated role. */
export interface Path {
  /** The trusted domain's role that may assume this one, `acme.platform:role.sre`. */
  readonly trust?: string;
  /** The group that holds the member, `acme.org:group.payments`. */
  readonly group?: string;
  /** RFC 3339 UTC: the earliest end of the memberships along the way. */
  readonly expires?: string;
}

/** One subject that has access through one role. */
export interface Grant {
  readonly subject: Subject;
  /** The Athenz name behind the subject. */
  readonly member: string;
  /** Every way that leads here, sorted; at least one. */
  readonly paths: readonly Path[];
  /** When the last of the paths ends; not set when one of them has no end. */
  readonly expires?: string;
}

export type DropReason =
  | 'expired'
  | 'suspended'
  | 'pending'
  | 'wildcard'
  | 'external'
  | 'service'
  | 'service-unmapped'
  | 'unencodable'
  | 'not-a-principal'
  | 'bad-expiration'
  | 'nested-group'
  | 'group-missing'
  | 'group-empty'
  | 'domain-disabled'
  | 'trust-missing'
  | 'trust-not-asserted';

/** A member that grants nothing, and why. */
export interface Dropped {
  /** The Athenz name of the member, of the group or of the trusted domain that gave nothing. */
  readonly member: string;
  readonly reason: DropReason;
  readonly path: Path;
  /** The subject it would have been, where it would have been one: lets a loss be explained and proven. */
  readonly subject?: Subject;
  /** The domain, group or time the reason speaks of. */
  readonly detail?: string;
}

/** What one configured Athenz role gives in one namespace. */
export interface RoleAccess {
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  /** Short name of the Athenz role. */
  readonly role: string;
  readonly outcome: RoleOutcome;
}

export type RoleOutcome =
  | {
      readonly kind: 'value';
      /** Sorted by subject, unique. */
      readonly grants: readonly Grant[];
      readonly dropped: readonly Dropped[];
      /** Domains taken for absent on the list's word alone, on which this result rests. */
      readonly unconfirmed: readonly string[];
      /** Of an incomplete inventory: who may have access too, by `subjectKey`, with what could not be read. */
      readonly unlisted?: ReadonlyMap<string, Problem>;
    }
  | { readonly kind: 'absent'; readonly what: 'domain' | 'role'; readonly unconfirmed: readonly string[] }
  | { readonly kind: 'unknown'; readonly problem: Problem; readonly domain: string };

/** A total order that no locale changes: kind, then namespace, then name, by UTF-16 code unit. */
export function compareSubjects(a: Subject, b: Subject): number {
  return compareText(subjectKey(a), subjectKey(b));
}

/** Identifies a subject; two subjects are the same exactly when their keys are. */
export function subjectKey(subject: Subject): string {
  if (subject.kind === 'ServiceAccount') return `ServiceAccount\0${subject.namespace}\0${subject.name}`;
  return `${subject.kind}\0${subject.name}`;
}
