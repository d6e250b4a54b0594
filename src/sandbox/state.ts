/** A member of a role or of a group, as the state file writes it. */
export interface SandboxMember {
  /** `user.ada`, `acme.ci.deployer`, `acme.org:group.infra`, `user.*`. */
  readonly name: string;
  /** RFC 3339; when the membership ends. */
  readonly expires?: string | undefined;
  /** The principal is disabled in all of Athenz; ZMS goes on listing it. */
  readonly suspended?: boolean | undefined;
}

/** A role has members of its own, or is delegated to the domain in `trust`. */
export interface SandboxRole {
  readonly members: readonly SandboxMember[];
  readonly trust?: string | undefined;
}

/** An `assume_role` assertion of the domain it stands in. */
interface SandboxAssume {
  /** Short name of a role of this domain, or a full name, which is taken as it is. */
  readonly role: string;
  /** Full names of delegated roles, as a glob: `acme.eks.*:role.k8s_ns_viewers`. */
  readonly resource: string;
  readonly effect?: 'ALLOW' | 'DENY' | undefined;
}

export interface SandboxDomain {
  readonly enabled: boolean;
  readonly roles: Readonly<Record<string, SandboxRole>>;
  readonly groups: Readonly<Record<string, readonly SandboxMember[]>>;
  readonly assumes: readonly SandboxAssume[];
}

/** All that the sandbox serves. The `admin` roles and ZMS' own domains (`user`, `sys.auth` …) need not be in it. */
export interface SandboxState {
  readonly domains: Readonly<Record<string, SandboxDomain>>;
}

type MemberInput = string | SandboxMember;

type RoleInput =
  | readonly MemberInput[]
  | null
  | { readonly members?: readonly MemberInput[] | null | undefined; readonly trust?: string | undefined };

interface DomainInput {
  readonly enabled?: boolean | undefined;
  readonly roles?: Readonly<Record<string, RoleInput>> | null | undefined;
  readonly groups?: Readonly<Record<string, readonly MemberInput[] | null>> | null | undefined;
  readonly assumes?: readonly SandboxAssume[] | null | undefined;
}

/** The state in the short form of the state file: members may be plain names, what is empty may be left out. */
export interface StateInput {
  readonly domains: Readonly<Record<string, DomainInput | null>>;
}

/** Spells the short form out. Nothing is checked: a test may serve names that no state file is allowed to hold. */
export function normaliseState(input: StateInput): SandboxState {
  return { domains: mapValues(input.domains, normaliseDomain) };
}

function normaliseDomain(input: DomainInput | null): SandboxDomain {
  return {
    enabled: input?.enabled ?? true,
    roles: mapValues(input?.roles ?? {}, normaliseRole),
    groups: mapValues(input?.groups ?? {}, normaliseMembers),
    assumes: (input?.assumes ?? []).map(({ role, resource, effect }) => ({
      role,
      resource,
      effect: effect ?? 'ALLOW',
    })),
  };
}

function normaliseRole(input: RoleInput): SandboxRole {
  if (isMembers(input)) return { members: normaliseMembers(input) };
  const role = { members: normaliseMembers(input.members) };
  return input.trust === undefined ? role : { ...role, trust: input.trust };
}

function isMembers(input: RoleInput): input is readonly MemberInput[] | null {
  return input === null || Array.isArray(input);
}

function normaliseMembers(input: readonly MemberInput[] | null | undefined): readonly SandboxMember[] {
  return (input ?? []).map((member) => {
    if (typeof member === 'string') return { name: member };
    const { name, expires, suspended } = member;
    return { name, ...(expires === undefined ? {} : { expires }), ...(suspended ? { suspended } : {}) };
  });
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
