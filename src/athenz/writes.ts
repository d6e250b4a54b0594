import { z } from 'zod';
import {
  type AssumeRole,
  type DomainSettings,
  isDomainName,
  type RoleSettings,
  roleName,
  type Tags,
} from '../model/domain.ts';
import { AppError, type ErrorCode } from '../model/error.ts';
import type { HttpAnswer, HttpRequest } from '../runtime/exchange.ts';
import type { Session } from './session.ts';
import { isOwn404, succeeded } from './status.ts';
import { parseDomain, parseError, parseJson, parseList } from './wire.ts';

/** A domain as ZMS is asked to make it. */
export interface DomainToCreate extends DomainSettings {
  readonly adminUsers: readonly string[];
}

/** A role as ZMS is asked to make it: with members, or delegated to a domain. */
export interface RoleToCreate extends RoleSettings {
  readonly members: readonly string[];
  readonly trust?: string;
}

/**
 * A meta write of a role: what is left out stays, apart from the three flags, which ZMS switches off (measured on 1.12.44,
 * groups alike), so that every write names them.
 */
export interface RoleMeta extends Partial<RoleSettings> {
  readonly selfServe: boolean;
  readonly reviewEnabled: boolean;
  readonly deleteProtection: boolean;
}

/** A meta write of a domain: what is left out stays, apart from these three, which ZMS clears (measured on 1.12.44). */
export interface DomainMeta extends Partial<Omit<DomainSettings, 'description' | 'applicationId'>> {
  readonly description: string | undefined;
  readonly applicationId: string | undefined;
  readonly autoDeleteTenantAssumeRoleAssertions: boolean | undefined;
}

/** What only `GET /domain/D` says of a domain, and no signed document. */
export interface UnsignedSettings {
  readonly modified: string;
  readonly autoDeleteTenantAssumeRoleAssertions: boolean | undefined;
}

/** `there`: ZMS says that the name is taken, which another run may have done. */
export type Created = 'created' | 'there';

/**
 * The writes of provisioning, and the looks that go before them. Each sends one request once: a write may have happened
 * although its answer was lost, so that whoever tries again looks first.
 *
 * Each throws AppError: `ZMS_OWNED` for another owner's, `ZMS_REFUSED` for what ZMS says is wrong, `ZMS_QUOTA`, or another
 * `ZMS_…` where no proper answer came.
 */
export interface ZmsWrites {
  createDomain(domain: string, settings: DomainToCreate): Promise<Created>;
  /** The whole role: never of one that may be there, as its members would be replaced. */
  putRole(domain: string, role: string, settings: RoleToCreate): Promise<Created>;
  putGroup(domain: string, group: string, members: readonly string[]): Promise<Created>;
  putPolicy(domain: string, policy: string, asserts: AssumeRole): Promise<Created>;
  updateDomain(domain: string, settings: DomainMeta): Promise<void>;
  updateRole(domain: string, role: string, settings: RoleMeta): Promise<void>;
  /** @param notBefore a replica may answer with older settings, which are asked for again and then fail as `ZMS_STALE` */
  unsignedSettings(domain: string, notBefore: string): Promise<UnsignedSettings>;
  deleteDomain(domain: string): Promise<void>;
  /** When a domain was changed last, by the list, which no replica answers; undefined only when ZMS itself says 404. */
  lookForDomain(domain: string): Promise<string | undefined>;
  /** Whether it is there; false only when ZMS itself says 404. */
  lookFor(kind: 'role' | 'group' | 'policy', domain: string, name: string): Promise<boolean>;
  /** How many domains may be below a top-level domain. */
  subdomainQuota(top: string): Promise<number>;
}

export interface WriteOptions {
  readonly session: Session;
  /** Sent as `Y-Audit-Ref`; a domain with auditing refuses writes without one. */
  readonly auditRef: string;
  /**
   * Of domains alone, sent as `Athenz-Resource-Owner`. Whoever deletes such a domain or changes its settings has to name
   * the same; roles in it, and their members, are anybody's who may write them. A role that is created with an owner
   * refuses changes of its members by others, so roles get none. (Recorded on ZMS 1.12.)
   */
  readonly owner: string | null;
}

/** Opens the writes of a session. */
export function zmsWrites({ session, auditRef, owner }: WriteOptions): ZmsWrites {
  const audited = { 'Y-Audit-Ref': auditRef };
  const owned = owner === null ? audited : { ...audited, 'Athenz-Resource-Owner': owner };
  const send = async (request: HttpRequest, doing: string, by = audited) =>
    accepted(await session.send({ headers: by, ...request }), doing);
  /** ZMS answers a write without a body; anything else comes from something in between. */
  const put = async (request: HttpRequest, doing: string, by = audited) => {
    const { status } = await send(request, doing, by);
    if (status !== 204) throw odd(doing, status);
  };
  /** Another run may create the same at this moment: ZMS accepts one of the two. */
  const create = async (path: string, body: object, doing: string): Promise<Created> => {
    const answer = await session.send({ method: 'PUT', path, headers: audited, body });
    if (isThere(answer)) return 'there';
    if (accepted(answer, doing).status !== 204) throw odd(doing, answer.status);
    return 'created';
  };
  const look = async (path: string, doing: string) => {
    const answer = await session.send({ path });
    return isOwn404(answer) ? undefined : succeeded(answer, doing);
  };

  return {
    async createDomain(domain, { adminUsers, ...settings }) {
      const [parent, name] = split(domain);
      const doing = `creating the domain ${domain}`;
      const body = { ...wireOf(settings), name, parent, adminUsers };
      const answer = await session.send({ method: 'POST', path: `/subdomain/${parent}`, headers: owned, body });
      if (isThere(answer)) return 'there';
      if (accepted(answer, doing).status !== 200) throw odd(doing, answer.status);
      parseDomain(answer.body, domain);
      return 'created';
    },
    putRole: (domain, role, { members, trust, ...settings }) =>
      create(
        pathOf(domain, 'role', role),
        {
          ...wireOf(settings),
          name: roleName(domain, role),
          ...(trust === undefined ? { roleMembers: members.map(toMember) } : { trust }),
        },
        `creating the role ${roleName(domain, role)}`,
      ),
    putGroup: (domain, group, members) =>
      create(
        pathOf(domain, 'group', group),
        { name: `${domain}:group.${group}`, groupMembers: members.map(toMember) },
        `creating the group ${domain}:group.${group}`,
      ),
    putPolicy: (domain, policy, { role, resource }) =>
      create(
        pathOf(domain, 'policy', policy),
        {
          name: `${domain}:policy.${policy}`,
          assertions: [{ role, resource, action: 'assume_role', effect: 'ALLOW' }],
        },
        `creating the policy ${domain}:policy.${policy}`,
      ),
    updateDomain: (domain, settings) =>
      put(
        { method: 'PUT', path: `${pathOf(domain)}/meta`, body: wireOf(settings) },
        `changing the settings of ${domain}`,
        owned,
      ),
    updateRole: (domain, role, settings) =>
      put(
        { method: 'PUT', path: `${pathOf(domain, 'role', role)}/meta`, body: wireOf(settings) },
        `changing the settings of ${roleName(domain, role)}`,
      ),
    unsignedSettings: (domain, notBefore) =>
      session.read(pathOf(domain), (answer) => {
        const body = succeeded(answer, `reading the settings of ${domain}`);
        const modified = parseDomain(body, domain);
        if (Date.parse(modified) < Date.parse(notBefore)) throw stale(domain, modified, notBefore);
        const { autoDeleteTenantAssumeRoleAssertions: flag } = parseJson(domainFlag, body, `the domain ${domain}`);
        return { modified, autoDeleteTenantAssumeRoleAssertions: flag ?? undefined };
      }),
    async deleteDomain(domain) {
      const [parent, name] = split(domain);
      await put({ method: 'DELETE', path: `/subdomain/${parent}/${name}` }, `deleting the domain ${domain}`, owned);
    },
    async lookForDomain(domain) {
      const doing = `looking for the domain ${domain}`;
      const body = await look(pathOf(domain), doing);
      if (body === undefined) return undefined;
      parseDomain(body, domain);
      const listed = await session.send({ path: `/sys/modified_domains?metaonly=true&domain=${domain}` });
      const modified = parseList(succeeded(listed, doing)).get(domain);
      if (modified === undefined) throw odd(doing, listed.status);
      return modified;
    },
    async lookFor(kind, domain, name) {
      const what = `${domain}:${kind}.${name}`;
      const body = await look(pathOf(domain, kind, name), `looking for ${what}`);
      if (body === undefined) return false;
      const found = parseJson(z.object({ name: z.string() }), body, what);
      if (found.name !== what) throw odd(`looking for ${what}`, 200);
      return true;
    },
    async subdomainQuota(top) {
      const body = succeeded(await session.send({ path: `${pathOf(top)}/quota` }), `reading the quota of ${top}`);
      return parseJson(z.object({ subdomain: z.int() }), body, `the quota of ${top}`).subdomain;
    },
  };
}

const domainFlag = z.object({ autoDeleteTenantAssumeRoleAssertions: z.boolean().nullish() });

/** Parent and last label. */
function split(domain: string): readonly [string, string] {
  const dot = domain.lastIndexOf('.');
  if (!isDomainName(domain) || dot === -1) throw odd(`naming the domain ${domain}`, 400);
  return [domain.slice(0, dot), domain.slice(dot + 1)];
}

/** Names come from the config and from ZMS, and are parts of a path only where they can be no more than that. */
function pathOf(domain: string, kind?: 'role' | 'group' | 'policy', name = ''): string {
  if (!isDomainName(domain) || (kind !== undefined && !isDomainName(name))) throw odd(`naming ${domain} ${name}`, 400);
  return kind === undefined ? `/domain/${domain}` : `/domain/${domain}/${kind}/${name}`;
}

function toMember(memberName: string) {
  return { memberName };
}

function wireOf({ tags, ...settings }: { readonly tags?: Tags }): object {
  if (tags === undefined) return settings;
  return { ...settings, tags: Object.fromEntries(Object.entries(tags).map(([key, list]) => [key, { list }])) };
}

/** Both texts have been seen for a domain that is there, the second in a race, and for a role that two made at once. */
function isThere({ status, body }: HttpAnswer): boolean {
  return status === 400 && /^(Domain name conflict|Entry already exists)/.test(parseError(body)?.message ?? '');
}

/** @throws AppError by status, with ZMS' own words where there are any */
function accepted(answer: HttpAnswer, doing: string): HttpAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  const meaning = meanings[answer.status];
  if (meaning === undefined) {
    succeeded(answer, doing);
    throw odd(doing, answer.status);
  }
  const words = parseError(answer.body)?.message.split('\n', 1)[0];
  const [code, next] = words?.startsWith('unknown domain - ') ? unknownMember : meaning;
  throw new AppError(code, `${doing}: ${answer.status}${words === undefined ? '' : `: ${words}`}`, { next });
}

/** Where a write means something else than a read does. */
const meanings: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: ['ZMS_REFUSED', 'check the message from ZMS'],
  403: ['ZMS_FORBIDDEN', 'give this identity write access: docs/how-to/provision.md has the policy for it'],
  404: ['ZMS_NOT_FOUND', 'its parent does not exist, or has not reached this server yet'],
  409: ['ZMS_OWNED', 'another tool owns it (Athenz-Resource-Owner): change it there'],
  429: ['ZMS_QUOTA', 'ask the ZMS administrators for a higher quota; retrying does not help'],
};

/** ZMS has no domain for a member that the write names. It answers 404, and so it does until the name is corrected. */
const unknownMember: readonly [ErrorCode, string] = ['ZMS_REFUSED', 'correct the names in the config or the Namespace'];

function stale(domain: string, got: string, wanted: string): AppError {
  return new AppError(
    'ZMS_STALE',
    `reading the settings of ${domain}: modified at ${got}, but the domain list says ${wanted}`,
    {
      next: 'a replica lags behind; the next run retries',
    },
  );
}

function odd(doing: string, status: number): AppError {
  return new AppError('ZMS_BAD_RESPONSE', `${doing}: ${status} with a response that is not from ZMS`, {
    next: 'check that athenz.zmsUrl points to ZMS',
  });
}
