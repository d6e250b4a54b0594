import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of a role or of a group, as ZMS signs it. */
export interface RecordedMember {
  readonly memberName: string;
  readonly expiration?: string | null;
  readonly systemDisabled?: number | null;
  readonly approved?: boolean | null;
  readonly active?: boolean | null;
  readonly pendingState?: string | null;
}

export interface RecordedRole {
  readonly name: string;
  readonly trust?: string | null;
  readonly roleMembers?: readonly RecordedMember[] | null;
}

interface RecordedPolicy {
  readonly active?: boolean | null;
  readonly assertions?:
    | readonly { readonly role: string; readonly resource: string; readonly action: string; readonly effect?: string }[]
    | null;
}

/** The payload of one signed domain. */
export interface RecordedDomain {
  readonly name: string;
  readonly enabled?: boolean | null;
  readonly roles?: readonly RecordedRole[] | null;
  readonly groups?:
    | readonly { readonly name: string; readonly groupMembers?: readonly RecordedMember[] | null }[]
    | null;
  readonly policies?: { readonly contents: { readonly policies?: readonly RecordedPolicy[] | null } } | null;
}

export interface Recording {
  readonly dir: string;
  readonly takenAt: Date;
  readonly domains: ReadonlyMap<string, RecordedDomain>;
  readonly list: readonly { readonly name: string; readonly enabled?: boolean; readonly modified: string }[];
  readonly namespaces: readonly string[];
}

interface OracleQuestion {
  readonly at: Date;
  readonly domainOf: (namespace: string) => string;
  readonly role: string;
  readonly services: 'skip' | 'User';
}

export function readRecording(dir: string): Recording {
  const text = (...path: string[]) => readFileSync(join(dir, ...path), 'utf8');
  const domains = new Map<string, RecordedDomain>();
  for (const file of readdirSync(join(dir, 'signed'))) {
    const { payload } = JSON.parse(text('signed', file));
    const domain: RecordedDomain = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    domains.set(domain.name, domain);
  }
  const modified: { domains: { domain: Recording['list'][number] }[] } = JSON.parse(text('modified_domains.json'));
  return {
    dir,
    takenAt: new Date(text('taken-at.txt').trim()),
    domains,
    list: modified.domains.map((entry) => entry.domain),
    namespaces: text('namespaces.txt').split('\n').filter(Boolean),
  };
}

/**
 * The sorted names of RBAC Users that hold `role` in each namespace's domain at that instant, as ZTS would say. Written
 * from the facts alone and sharing no code with src, so that a rule misread there is not misread here as well.
 */
export function oracleSubjects(recording: Recording, question: OracleQuestion): Map<string, string[]> {
  const answer = new Map<string, string[]>();
  for (const namespace of recording.namespaces) {
    const users = new Set<string>();
    for (const name of principals(recording, question.domainOf(namespace), question.role, question.at)) {
      if (isUser(name) || (question.services === 'User' && isService(name))) users.add(name);
    }
    answer.set(namespace, [...users].sort());
  }
  return answer;
}

/** Every principal in the role: its own members, and those that the trusted domain lends it. */
function principals(recording: Recording, domainName: string, roleName: string, at: Date): string[] {
  const fullName = `${domainName}:role.${roleName}`;
  const role = servedDomain(recording, domainName)?.roles?.find((candidate) => candidate.name === fullName);
  if (!role) return [];
  const found = expandGroups(recording, role.roleMembers ?? [], at);
  if (!role.trust) return found;
  const trusted = servedDomain(recording, role.trust);
  for (const policy of trusted?.policies?.contents.policies ?? []) {
    // A policy keeps its old versions beside the one in force.
    if (policy.active === false) continue;
    for (const assertion of policy.assertions ?? []) {
      if (assertion.action !== 'assume_role' || assertion.effect === 'DENY') continue;
      if (!globMatches(assertion.resource, fullName)) continue;
      for (const lent of trusted?.roles ?? []) {
        // Its own trust is not followed: one level only.
        if (lent.name === assertion.role) found.push(...expandGroups(recording, lent.roleMembers ?? [], at));
      }
    }
  }
  return found;
}

function expandGroups(recording: Recording, members: readonly RecordedMember[], at: Date): string[] {
  const found: string[] = [];
  for (const member of members) {
    if (!isEffective(member, at)) continue;
    found.push(member.memberName);
    const home = servedDomain(recording, member.memberName.split(':group.')[0] ?? '');
    for (const group of home?.groups ?? []) {
      if (group.name !== member.memberName) continue;
      for (const row of group.groupMembers ?? []) if (isEffective(row, at)) found.push(row.memberName);
    }
  }
  return found;
}

/** ZTS holds no disabled domain, so neither its roles nor its groups nor its policies exist there. */
function servedDomain(recording: Recording, name: string): RecordedDomain | undefined {
  const domain = recording.domains.get(name);
  return domain?.enabled === false ? undefined : domain;
}

function isEffective(member: RecordedMember, at: Date): boolean {
  // An unreadable date compares false: it gives nothing.
  if (member.expiration != null && !(Date.parse(member.expiration) > at.getTime())) return false;
  if ((member.systemDisabled ?? 0) !== 0) return false;
  return member.approved !== false && member.active !== false && member.pendingState == null;
}

function isUser(name: string): boolean {
  return /^user\.\w[\w-]*$/.test(name);
}

/** Two labels or more; a `:` (group, role, external) or a `*` makes it something else. */
function isService(name: string): boolean {
  return /^\w[\w-]*(\.\w[\w-]*)+$/.test(name) && !isUser(name);
}

function globMatches(glob: string, text: string): boolean {
  const pattern = glob
    .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(text);
}
