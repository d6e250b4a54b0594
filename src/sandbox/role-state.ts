/** A member of a role or of a group, as the state file writes it. */
export interface SandboxMember {
  /** `user.ada`, `acme.ci.deployer`, `acme.org:group.infra`, `user.*`. */
  readonly name: string;
  /** RFC 3339; when the membership ends. */
  readonly expires?: string | undefined;
  /** The principal is disabled in all of Athenz; ZMS goes on listing it. */
  readonly suspended?: boolean | undefined;
  /** Who put the member in. Default: the administrator that made everything; empty: not known. */
  readonly by?: string | undefined;
  /** The `Y-Audit-Ref` of the write that put the member in. */
  readonly auditRef?: string | undefined;
}

/** A member that waits for approval. */
export interface SandboxRequest {
  readonly name: string;
  /** RFC 3339; when it was asked for. */
  readonly requested: string;
  readonly expires?: string | undefined;
  readonly by?: string | undefined;
  readonly auditRef?: string | undefined;
}

export type Tags = Readonly<Record<string, readonly string[]>>;

/** For how many days members may be in; the server sets or shortens what a write asks for. */
export interface ExpiryDays {
  readonly memberExpiryDays?: number | undefined;
  readonly serviceExpiryDays?: number | undefined;
  readonly groupExpiryDays?: number | undefined;
}

/** What roles and groups say of themselves: ZMS takes what a write of these leaves out for `false`. */
export interface Flags {
  readonly selfServe?: boolean | undefined;
  readonly reviewEnabled?: boolean | undefined;
  readonly deleteProtection?: boolean | undefined;
}

/** What a role says of itself beside its members. */
export interface RoleSettings extends ExpiryDays, Flags {
  readonly auditEnabled?: boolean | undefined;
  readonly description?: string | undefined;
  readonly tags?: Tags | undefined;
}

/** What a group says of itself beside its members. */
export interface GroupSettings extends Omit<ExpiryDays, 'groupExpiryDays'>, Flags {
  readonly tags?: Tags | undefined;
}

export interface SandboxGroup extends GroupSettings {
  readonly members: readonly SandboxMember[];
}

/** The `Athenz-Resource-Owner` of each part of a role or a domain: others may not write that part. */
export interface Owners {
  readonly meta?: string | undefined;
  readonly members?: string | undefined;
  readonly object?: string | undefined;
}

/** A role has members of its own, or is delegated to the domain in `trust`. */
export interface SandboxRole extends RoleSettings {
  readonly members: readonly SandboxMember[];
  readonly trust?: string | undefined;
  readonly pending?: readonly SandboxRequest[] | undefined;
  readonly owners?: Owners | undefined;
}

/** Members of `role` may do `action` to what `resource` matches. */
export interface SandboxAssertion {
  /** Short name of a role of this domain, or a full name. */
  readonly role: string;
  readonly resource: string;
  readonly action: string;
  readonly effect?: 'ALLOW' | 'DENY' | undefined;
}
