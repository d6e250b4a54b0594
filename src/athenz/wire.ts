import { z } from 'zod';
import type { DomainDocument, DomainGroup, DomainRole, Member } from '../model/domain.ts';
import { collectDomains, type DomainList } from '../model/domain-list.ts';
import { AppError } from '../model/error.ts';
import { parseListParts } from './list-parts.ts';
import { documentSchema, isDocument, isList, listSchema, type memberSchema, timestamp } from './wire-schema.ts';

/*
 * What ZMS sends, as far as it is used. Unknown fields are ignored; a known field of a wrong type fails the read,
 * which keeps access as it is.
 */

const signedSchema = z.object({ payload: z.string(), protected: z.string(), signature: z.string() });

const publicKeySchema = z.object({ key: z.string() });

const errorSchema = z.object({ code: z.int(), message: z.string() });

/** The three parts of a JWS that are signed or sign; the unprotected `header` that ZMS adds is not wanted. */
export type SignedDocument = z.output<typeof signedSchema>;

/** ZMS' own error body; frameworks and proxies answer in other shapes. */
export type ZmsErrorBody = z.output<typeof errorSchema>;

/**
 * Reads a body of `/sys/modified_domains?metaonly=true`.
 *
 * @throws AppError `ZMS_BAD_RESPONSE`, also for an empty list, which no server has (`sys` and `user` always exist), and
 *   for a name listed twice
 */
export function parseList(body: string): DomainList {
  const { list, twice } = collectParts(body) ?? collect([parseJson(listSchema, body, listName, isList).domains]);
  if (list.size === 0) throw badResponse(listName, 'it is empty');
  if (twice !== undefined) throw badResponse(listName, `${JSON.stringify(twice)} appears twice`);
  return list;
}

const listName = 'the list of domains';

/** @returns undefined for what has to be parsed as a whole, and what is no list */
function collectParts(body: string): ReturnType<typeof collect> | undefined {
  try {
    return collect(parseListParts(body));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** @returns the list, and the first name that appears twice */
function collect(parts: Iterable<z.input<typeof listSchema>['domains']>) {
  const { add, list } = collectDomains();
  let twice: string | undefined;
  for (const domains of parts) {
    for (const { domain } of domains) {
      const { name, modified, enabled } = domain;
      if (!add({ name, modified, enabled: enabled ?? true }) && !(twice !== undefined && twice < name)) twice = name;
    }
  }
  return { list, twice };
}

/** Reads a body of `/domain/D/signed`, not yet verified. @throws AppError `ZMS_BAD_RESPONSE` */
export function parseSigned(body: string, domain: string): SignedDocument {
  return parseJson(signedSchema, body, `the signed document of ${domain}`);
}

/** Reads a body of `…/publickey/K`: the PEM, out of ybase64 (`.`, `_`, `-` for `+`, `/`, `=`). @throws AppError */
export function parsePublicKey(body: string): string {
  const { key } = parseJson(publicKeySchema, body, 'the public key');
  return Buffer.from(key.replaceAll('.', '+').replaceAll('_', '/').replaceAll('-', '='), 'base64').toString('utf8');
}

/** The ZMS error in a body, or undefined when the body has any other shape. */
export function parseError(body: string): ZmsErrorBody | undefined {
  try {
    return errorSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** Reads a body of `/domain/D`. @returns when it was changed last, RFC 3339; @throws AppError `ZMS_BAD_RESPONSE` */
export function parseDomain(body: string, name: string): string {
  const what = `the domain ${name}`;
  const domain = parseJson(z.object({ name: z.string(), modified: timestamp }), body, what);
  if (domain.name !== name) throw badResponse(what, `it is ${JSON.stringify(domain.name)}`);
  return domain.modified;
}

/**
 * Reads the payload of a verified document.
 *
 * @param asked the domain it was asked for, where that is known
 * @throws AppError `ZMS_BAD_RESPONSE`, also when it is another domain's
 */
export function parseDocument(payload: string, asked?: string): DomainDocument {
  const what = asked === undefined ? 'a domain document' : `the document of ${asked}`;
  const document = parseJson(documentSchema, payload, what, isDocument);
  const { name } = document;
  if (name !== (asked ?? name)) throw badResponse(what, `it is the document of ${JSON.stringify(document.name)}`);
  const roles = (document.roles ?? []).map(
    (role): DomainRole => ({
      name: shortName(role.name, `${name}:role.`, what),
      members: (role.roleMembers ?? []).map(toMember),
      ...(role.trust ? { trust: role.trust } : {}),
    }),
  );
  const groups = (document.groups ?? []).map(
    (group): DomainGroup => ({
      name: shortName(group.name, `${name}:group.`, what),
      members: (group.groupMembers ?? []).map(toMember),
    }),
  );
  for (const list of [roles, groups]) {
    if (new Set(list.map((item) => item.name)).size !== list.length) throw badResponse(what, `${name} repeats a name`);
  }
  // A policy has versions; only the active one is in force. DENY subtracts nothing from a delegation (ZTS DataStore).
  const assumes = (document.policies?.contents.policies ?? [])
    .filter((policy) => policy.active !== false)
    .flatMap((policy) => policy.assertions ?? [])
    .filter(({ action, effect }) => action.toLowerCase() === 'assume_role' && effect?.toUpperCase() !== 'DENY')
    .map(({ role, resource }) => ({ role, resource }));
  return { name, modified: document.modified, enabled: document.enabled ?? true, roles, groups, assumes };
}

/** @throws AppError `ZMS_BAD_RESPONSE` for a name that belongs elsewhere */
export function shortName(full: string, prefix: string, what: string): string {
  if (full.startsWith(prefix)) return full.slice(prefix.length);
  throw badResponse(what, `${JSON.stringify(full)} does not begin with ${JSON.stringify(prefix)}`);
}

function toMember(wire: z.input<typeof memberSchema>): Member {
  return {
    name: wire.memberName,
    // An empty one is kept: it is no time, which is not the same as no end.
    ...(typeof wire.expiration === 'string' ? { expiration: wire.expiration } : {}),
    ...(wire.systemDisabled ? { systemDisabled: wire.systemDisabled } : {}),
    ...(wire.approved === false ? { approved: false as const } : {}),
    ...(wire.active === false ? { active: false as const } : {}),
  };
}

/**
 * Reads JSON of a known shape.
 *
 * @param isKnown tells quickly that the schema takes something
 * @throws AppError `ZMS_BAD_RESPONSE`
 */
export function parseJson<T extends z.ZodType>(schema: T, body: string, what: string): z.output<T>;
export function parseJson<T extends z.ZodType>(
  schema: T,
  body: string,
  what: string,
  isKnown: (json: unknown) => boolean,
): z.input<T>;
export function parseJson<T extends z.ZodType>(
  schema: T,
  body: string,
  what: string,
  isKnown: (json: unknown) => boolean = () => false,
): unknown {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw badResponse(what, `not JSON: ${body.trimStart().slice(0, 40)}`, error);
  }
  if (isKnown(json)) return json;
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badResponse(what, `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(), parsed.error);
}

function badResponse(what: string, why: string, cause?: unknown): AppError {
  return new AppError('ZMS_BAD_RESPONSE', `reading ${what}: ${why}`, {
    next: 'check that athenz.zmsUrl points to ZMS',
    cause,
  });
}
