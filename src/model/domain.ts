/** One line of ZMS' list of domains: enough to know whether a domain exists and whether its document changed. */
export interface DomainStamp {
  readonly name: string;
  /** RFC 3339 UTC with milliseconds, from the server's database clock. */
  readonly modified: string;
  readonly enabled: boolean;
}

/** Name → `modified` of every domain of a list. */
export type Stamps = Pick<ReadonlyMap<string, string>, 'get' | 'has'> & { keys(): Iterable<string> };

export function stampsOf(list: readonly DomainStamp[]): Stamps {
  return new Map(list.map(({ name, modified }) => [name, modified]));
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

/** Tags as ZMS keeps them: key → values. */
export type Tags = Readonly<Record<string, readonly string[]>>;

/** Settings of a domain, as far as provisioning cares for them; what is not set is left out. */
export interface DomainSettings {
  readonly org?: string;
  readonly description?: string;
  /** Not ours to set; it goes along with what we change. */
  readonly applicationId?: string;
  readonly memberExpiryDays?: number;
  readonly tags: Tags;
}

/** Settings of a role, as far as provisioning cares for them. */
export interface RoleSettings {
  readonly description?: string;
  readonly memberExpiryDays?: number;
  readonly selfServe?: boolean;
  readonly reviewEnabled?: boolean;
  readonly tags: Tags;
}

/** Settings of a role that is there. */
export interface StoredRoleSettings extends RoleSettings {
  /** Not ours to set; it goes along with what we change. */
  readonly deleteProtection?: boolean;
}

/** A document with what provisioning has to know besides who has access. */
export interface DetailedDocument extends DomainDocument {
  readonly settings: DomainSettings;
  /** By short name. */
  readonly roleSettings: ReadonlyMap<string, StoredRoleSettings>;
  /** Short names. */
  readonly policies: readonly string[];
  readonly services: readonly string[];
}

/** The domain that a domain lies below; undefined at the top. */
export function parentOf(domain: string): string | undefined {
  const dot = domain.lastIndexOf('.');
  return dot === -1 ? undefined : domain.slice(0, dot);
}

/**
 * The Athenz domain of a namespace. A namespace has no dot, so it is always exactly one level of the domain's name.
 *
 * @param cluster its `domain` holds `{namespace}` once
 */
export function domainOf(cluster: { readonly domain: string }, namespace: string): string {
  return cluster.domain.replace('{namespace}', namespace);
}

/** The namespace whose domain `domainOf` says this is; undefined for any other domain. */
export function namespaceOf({ domain: template }: { readonly domain: string }, domain: string): string | undefined {
  const from = template.indexOf('{namespace}');
  const to = domain.length - (template.length - from - '{namespace}'.length);
  if (from < 0 || to < from || !domain.startsWith(template.slice(0, from))) return undefined;
  return domain.endsWith(template.slice(from + '{namespace}'.length)) ? domain.slice(from, to) : undefined;
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
