import type {
  ExpiryDays,
  Owners,
  SandboxAssertion,
  SandboxGroup,
  SandboxMember,
  SandboxRole,
  Tags,
} from './role-state.ts';

/** An `assume_role` assertion of the domain it stands in. */
interface SandboxAssume {
  /** Short name of a role of this domain, or a full name, which is taken as it is. */
  readonly role: string;
  /** Full names of delegated roles, as a glob: `acme.eks.*:role.k8s_ns_viewers`. */
  readonly resource: string;
  readonly effect?: 'ALLOW' | 'DENY' | undefined;
}

/** What a domain says of itself beside what is in it. */
export interface DomainSettings extends ExpiryDays {
  /** Default: the name of the top domain; empty: none. */
  readonly org?: string | undefined;
  readonly description?: string | undefined;
  readonly applicationId?: string | undefined;
  readonly memberPurgeExpiryDays?: number | undefined;
  readonly autoDeleteTenantAssumeRoleAssertions?: boolean | undefined;
  readonly auditEnabled?: boolean | undefined;
  readonly tags?: Tags | undefined;
}

export interface SandboxDomain extends DomainSettings {
  readonly enabled: boolean;
  readonly roles: Readonly<Record<string, SandboxRole>>;
  readonly groups: Readonly<Record<string, SandboxGroup>>;
  readonly assumes: readonly SandboxAssume[];
  /** Policies beside `admin`, and beside `assume`, which holds what is in `assumes`. */
  readonly policies?: Readonly<Record<string, readonly SandboxAssertion[]>> | undefined;
  readonly owners?: Owners | undefined;
  /** Numbers of its own in place of the server's limits. */
  readonly quota?: Readonly<Record<string, number>> | undefined;
}

/** All that the sandbox serves. The `admin` roles and ZMS' own domains (`user`, `sys.auth` …) need not be in it. */
export interface SandboxState {
  readonly domains: Readonly<Record<string, SandboxDomain>>;
}

type MemberInput = string | SandboxMember;

/** A role or a group, with members in the short form, or nothing but them. */
type HolderInput<T extends SandboxRole | SandboxGroup> =
  | readonly MemberInput[]
  | null
  | (Omit<T, 'members'> & { readonly members?: readonly MemberInput[] | null | undefined });

interface DomainInput extends Omit<SandboxDomain, 'enabled' | 'roles' | 'groups' | 'assumes'> {
  readonly enabled?: boolean | undefined;
  readonly roles?: Readonly<Record<string, HolderInput<SandboxRole>>> | null | undefined;
  readonly groups?: Readonly<Record<string, HolderInput<SandboxGroup>>> | null | undefined;
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

export function normaliseDomain(input: DomainInput | null): SandboxDomain {
  const { enabled, roles, groups, assumes, ...rest } = input ?? {};
  return {
    ...said(rest),
    enabled: enabled ?? true,
    roles: mapValues(roles ?? {}, normaliseHolder<SandboxRole>),
    groups: mapValues(groups ?? {}, normaliseHolder<SandboxGroup>),
    assumes: (assumes ?? []).map(({ role, resource, effect }) => ({ role, resource, effect: effect ?? 'ALLOW' })),
  };
}

function normaliseHolder<T extends SandboxRole | SandboxGroup>(input: HolderInput<T>): T {
  const { members, ...rest } = isMembers(input) ? { members: input } : input;
  return { ...said(rest), members: normaliseMembers(members) } as unknown as T;
}

function isMembers(input: unknown): input is readonly MemberInput[] | null {
  return input === null || Array.isArray(input);
}

function normaliseMembers(input: readonly MemberInput[] | null | undefined): readonly SandboxMember[] {
  return (input ?? []).map((member) => {
    if (typeof member === 'string') return { name: member };
    const { name, ...rest } = member;
    return { name, ...said(rest) };
  });
}

/** Without what says nothing: a setting that is off, zero days, no tags. What ZMS leaves out of its answers too. */
function said<T extends object>(given: T): T {
  const kept = Object.entries(given).filter(([key, value]) => {
    if (key === 'org' || key === 'by') return value !== undefined;
    if (typeof value !== 'object') return Boolean(value);
    return value !== null && Object.values(value).some((inner) => inner !== undefined);
  });
  return Object.fromEntries(kept) as T;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
