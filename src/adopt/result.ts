import type { Gain, HeldAccess, Loss, PermissionChange } from '../model/access.ts';
import type { ClusterIdentity } from '../model/cluster.ts';
import type { Problem } from '../model/error.ts';
import type { Subject } from '../model/grant.ts';
import type { PolicyRule, RoleRef } from '../model/manifest.ts';

/** What a config would say of the objects that an operator wrote into a cluster. */
export interface ProposedConfig {
  /** The Athenz domain of a namespace, with `{namespace}` once. */
  readonly domain: string;
  /** Members directly below it are people. */
  readonly userDomain: string;
  /** Sorted. */
  readonly namespaces: readonly string[];
  /** Sorted by Athenz role. */
  readonly roles: readonly ProposedRole[];
}

export interface ProposedRole {
  readonly athenzRole: string;
  /** As a Role of the cluster has them. */
  readonly rules: readonly PolicyRule[];
  /** How many namespaces have a Role with these rules. */
  readonly namespaces: number;
}

/** An object of the cluster, or a part of one, that the proposed config cannot express. */
export interface LeftOut {
  readonly kind: 'Role' | 'RoleBinding';
  readonly namespace: string;
  readonly name: string;
  readonly reason: LeftOutReason;
}

export type LeftOutReason =
  /** Not `<domain>:role.<role>`, with `:members` for a binding. */
  | { readonly kind: 'other-name' }
  /** Athenz names are in lower case, so that none of them makes this name. */
  | { readonly kind: 'upper-case' }
  /** The domain lies further down than those of the others: the operators look at its last part only. */
  | { readonly kind: 'nested-domain'; readonly domain: string; readonly expected: string }
  | { readonly kind: 'other-domain'; readonly domain: string; readonly expected: string }
  | { readonly kind: 'system-namespace' }
  | { readonly kind: 'terminating' }
  /** It binds something else than the Role of its own name. */
  | { readonly kind: 'other-role-ref'; readonly roleRef: RoleRef; readonly expected: string }
  | { readonly kind: 'role-missing'; readonly expected: string }
  /** Rules that no Role of a config may have, such as none at all. */
  | { readonly kind: 'no-usable-rules' }
  /** Other rules than the role has in most namespaces. */
  | { readonly kind: 'other-rules'; readonly before: readonly PolicyRule[]; readonly after: readonly PolicyRule[] }
  /** Nobody in Athenz becomes this subject. */
  | { readonly kind: 'subject'; readonly subject: Subject };

/** An Athenz role with bindings in the cluster whose rules cannot be told. */
export interface Unproposed {
  readonly role: string;
  /** Namespaces that have objects of it, sorted. */
  readonly namespaces: readonly string[];
  /** Sets of rules that are equally frequent; empty when there are none at all. */
  readonly variants: readonly { readonly rules: readonly PolicyRule[]; readonly namespaces: readonly string[] }[];
}

/** What one live binding, or one that is not there yet, becomes by the first apply. */
export interface BindingAdoption {
  readonly namespace: string;
  readonly role: string;
  readonly name: string;
  readonly domain: string;
  /** Not set for a binding that is created. */
  readonly before?: readonly Subject[];
  /** Not set where Athenz could not be read and there is nothing to keep. */
  readonly after?: readonly Subject[];
  readonly gains: readonly Gain[];
  readonly losses: readonly Loss[];
  readonly permission?: PermissionChange;
  /** Set where it would have to change, which no API server allows. */
  readonly roleRef?: { readonly before: RoleRef; readonly after: RoleRef };
  /** What is gone in Athenz although access remains. */
  readonly orphan?: 'domain' | 'role';
  /** Why it keeps what it has. */
  readonly unknown?: Problem;
}

/** A domain that the operators take for the one of a namespace, by its last part alone. */
export interface Lookalike {
  readonly domain: string;
  readonly namespace: string;
  /** The one that counts from now on. */
  readonly expected: string;
}

/** What `import` found, proposes and foresees. */
export interface AdoptionResult {
  readonly format: 'athenz-gitops import 1';
  readonly exitCode: number;
  readonly cluster: ClusterIdentity;
  /** When Athenz was read, RFC 3339 UTC. */
  readonly polledAt: string;
  readonly zmsUrl: string;
  readonly requests: { readonly cluster: number; readonly athenz: number };
  readonly proposal: ProposedConfig;
  readonly left: readonly LeftOut[];
  readonly unproposed: readonly Unproposed[];
  readonly lookalikes: readonly Lookalike[];
  /** By namespace, then role. */
  readonly bindings: readonly BindingAdoption[];
  readonly held: readonly HeldAccess[];
  /** Of the cluster: what could not be read. */
  readonly problems: readonly { readonly namespace?: string; readonly problem: Problem }[];
  /** The config, the namespaces and the rendered tree; paths start at the config's folder. */
  readonly files: readonly AdoptedFile[];
  /** Where they were written; not set when they were not. */
  readonly dir?: string;
}

export interface AdoptedFile {
  /** From the folder of the config. */
  readonly path: string;
  readonly text: string;
}
