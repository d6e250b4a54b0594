import type { AssumeRole, DomainSettings, RoleSettings } from '../model/domain.ts';
import type { Problem } from '../model/error.ts';

/** A domain to create. */
export interface NewDomain extends DomainSettings {
  /** Full names, sorted. */
  readonly adminUsers: readonly string[];
  /** Which of its values the Namespace itself asked for, by annotation. */
  readonly fromNamespace: readonly ('adminUsers' | 'org' | 'description')[];
}

/** A role to create: with members, or delegated. */
export interface NewRole extends RoleSettings {
  readonly members: readonly string[];
  /** It is delegated: to a domain, for the members of a role there; `policy`: also create the assertion there. */
  readonly trust?: { readonly domain: string; readonly role: string; readonly policy: boolean };
}

/** One write, or what stands for it in a plan. */
export type Step =
  | { readonly kind: 'create-domain'; readonly settings: NewDomain }
  | { readonly kind: 'create-role'; readonly role: string; readonly settings: NewRole }
  | { readonly kind: 'create-group'; readonly group: string; readonly members: readonly string[] }
  /** In the domain that a role is delegated to. */
  | { readonly kind: 'create-policy'; readonly target: string; readonly policy: string; readonly asserts: AssumeRole }
  /** `modified`, as below: of the document it was decided by. */
  | { readonly kind: 'update-domain'; readonly settings: Partial<DomainSettings>; readonly modified: string }
  | {
      readonly kind: 'update-role';
      readonly role: string;
      readonly settings: Partial<RoleSettings>;
      readonly modified: string;
    }
  | { readonly kind: 'delete-domain'; readonly modified: string };

/** A setting that is not as the config says. */
export interface Drift {
  /** Not set: it is the domain's own. */
  readonly role?: string;
  readonly setting: string;
  readonly is: string;
  readonly shall: string;
  /** Why `--update` leaves it. */
  readonly left?: string;
}

/** What becomes of the Athenz domain of one namespace. */
export interface DomainPlan {
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  /** In the order they are carried out. */
  readonly steps: readonly Step[];
  readonly drift: readonly Drift[];
}

/** A domain of ours whose namespace has left git, and why it is kept if it is. */
export interface Departed {
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  /** Not set: it may go. */
  readonly kept?: string;
}

/** Nothing is written for it, and why. */
export interface Unprovisioned {
  readonly cluster: string;
  /** Not set when the whole cluster's inventory is incomplete. */
  readonly namespace?: string;
  readonly domain?: string;
  readonly problem: Problem;
}

/** How many domains a top-level domain can still take. */
export interface Room {
  /** A top-level domain. */
  readonly top: string;
  readonly limit: number;
  readonly used: number;
  /** Domains below it that this plan creates. */
  readonly wanted: number;
}

/** Everything that provisioning would do, and everything it leaves alone and why; lists are in a fixed order. */
export interface ProvisionPlan {
  /** Domains that git needs, and how many of them are complete. */
  readonly needed: number;
  readonly ready: number;
  /** Those with steps or drift. */
  readonly domains: readonly DomainPlan[];
  readonly departed: readonly Departed[];
  readonly problems: readonly Unprovisioned[];
  /** What will go wrong with steps of it, as far as can be told. */
  readonly warnings: readonly Problem[];
}

/** How a step ended. `there`: it existed already. */
export type StepOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'there' }
  | { readonly kind: 'failed'; readonly problem: Problem }
  /** Not tried, as something it needs has failed. */
  | { readonly kind: 'skipped'; readonly problem: Problem };

/** A step of a plan, and how it ended once it was tried. */
export interface StepResult {
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  readonly step: Step;
  readonly outcome: StepOutcome;
}

/** Everything one run of `provision` found and did: the JSON of `--json`. */
export interface ProvisionResult {
  readonly format: 'athenz-gitops provision 1';
  readonly exitCode: number;
  readonly mode: 'plan' | 'apply' | 'offline';
  /** When Athenz was polled, RFC 3339 UTC; not set offline. */
  readonly polledAt?: string;
  /** The commit whose namespaces were read; not set offline. */
  readonly base?: { readonly branch: string; readonly commit: string };
  readonly requests: number;
  readonly plan: ProvisionPlan;
  readonly room: readonly Room[];
  /** Empty where nothing was carried out. */
  readonly steps: readonly StepResult[];
}
