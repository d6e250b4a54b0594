/** One line of ZMS' list of domains: enough to know whether a domain exists and whether its document changed. */
export interface DomainStamp {
  readonly name: string;
  /** RFC 3339 UTC with milliseconds, from the server's database clock. */
  readonly modified: string;
  readonly enabled: boolean;
}

/** A membership as ZMS stores it, in a role or in a group. Effective or not is for `access` to say. */
export interface Member {
  readonly name: string;
  /** RFC 3339; when the membership ends. ZMS goes on returning it afterwards. */
  readonly expiration?: string;
  /** A bit mask; anything but 0 means the principal is suspended. */
  readonly systemDisabled?: number;
  /** Present and false only for a membership that is waiting for approval. */
  readonly approved?: false;
  readonly active?: false;
}

export interface DomainRole {
  /** Short name: `k8s_ns_admins` of `eks.users.a:role.k8s_ns_admins`. */
  readonly name: string;
  readonly members: readonly Member[];
  /** The domain this role is delegated to; its own members then count for nothing. */
  readonly trust?: string;
}

export interface DomainGroup {
  readonly name: string;
  readonly members: readonly Member[];
}

/** An `assume_role` assertion that allows: members of `role` take on the delegated roles that `resource` matches. */
export interface AssumeRole {
  /** Full name of a role in the asserting domain, matched exactly. */
  readonly role: string;
  /** Full names of delegated roles, as a glob of `*` and `?`. */
  readonly resource: string;
}

/** What one signed domain document says, as far as access depends on it. */
export interface DomainDocument {
  readonly name: string;
  readonly modified: string;
  readonly enabled: boolean;
  readonly roles: readonly DomainRole[];
  readonly groups: readonly DomainGroup[];
  readonly assumes: readonly AssumeRole[];
}

/**
 * Whether a domain can have this name at all: Athenz' DomainName (Names.tdl), and as long as ZMS' database takes it. What
 * comes out of a membership need not be one.
 */
export function isDomainName(name: string): boolean {
  return name.length <= 512 && /^[a-zA-Z0-9_][a-zA-Z0-9_-]*(\.[a-zA-Z0-9_][a-zA-Z0-9_-]*)*$/.test(name);
}

/** `eks.users.a:role.k8s_ns_admins`, the name Athenz gives a role everywhere outside its domain. */
export function roleName(domain: string, role: string): string {
  return `${domain}:role.${role}`;
}
