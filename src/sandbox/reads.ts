import { notModified, ok, zmsError } from './answer.ts';
import type { Call, Handle } from './call.ts';
import { documentPayload, domainMeta } from './document.ts';
import { quote, since } from './etag.ts';
import { expandRole } from './expand.ts';
import { pendingMembers } from './members.ts';
import { badName, type NameType } from './names.ts';
import { membership, roleDetail, rolesOf } from './roles.ts';
import { type SignatureFormat, type Signer, signDocument, ybase64 } from './sign.ts';
import type { DomainEntry, DomainReader } from './store.ts';

/** A read whose names in the path are of these types; the read gets them in lower case. */
export function read(types: readonly NameType[], handle: Handle): Handle {
  return (call, ...names) => badName(types, names) ?? handle(call, ...names.map((name) => name.toLowerCase()));
}

/** `GET /domain/D/signed`; documents are kept for as long as their domain does not change. */
export function signedReader(store: DomainReader, signer: Signer): Handle {
  const documents = new WeakMap<DomainEntry, Map<SignatureFormat, string>>();
  return ({ query, ifNoneMatch }, name = '') => {
    const entry = store.get(name);
    if (entry === undefined) return zmsError(404, `No such domain: ${name}`);
    const etag = quote(entry.modified);
    if (Date.parse(entry.modified) <= since(ifNoneMatch)) return notModified(etag);
    const format = query.get('signaturep1363format') === 'true' ? 'ieee-p1363' : 'der';
    const kept = documents.get(entry) ?? new Map<SignatureFormat, string>();
    documents.set(entry, kept);
    let body = kept.get(format);
    if (body === undefined) {
      body = JSON.stringify(signDocument(JSON.stringify(documentPayload(entry, signer)), signer, format));
      kept.set(format, body);
    }
    return ok(body, { ETag: etag });
  };
}

/** `GET /domain/D` */
export function domainReader(store: DomainReader): Handle {
  return (_, name = '') => {
    const entry = store.get(name);
    return entry === undefined ? zmsError(404, `getDomain: Domain not found: ${name}`) : ok(domainMeta(entry));
  };
}

/** `GET /domain/D/role/R` */
export function roleReader(store: DomainReader): Handle {
  return ({ query }: Call, name = '', short = '') => {
    const entry = store.get(name);
    const found = entry && rolesOf(entry).get(short);
    if (entry === undefined || found === undefined)
      return zmsError(404, `getRole: Role not found: '${name}:role.${short}'`);
    const expanded = query.get('expand') === 'true' ? expandRole(store.get, name, short, found) : undefined;
    const listed = expanded ?? found.members.map((member) => ({ member, through: 'role' as const }));
    const pending = query.get('pending') === 'true' ? pendingMembers(found) : [];
    return ok(roleDetail(entry, short, found, listed, pending));
  };
}

/** `GET /domain/D/role/R/member/M` */
export function memberReader(store: DomainReader, now: () => number): Handle {
  return (_, name = '', short = '', member = '') => {
    const entry = store.get(name);
    const found = entry && rolesOf(entry).get(short);
    if (entry === undefined || found === undefined)
      return zmsError(404, `getMembership: Role not found: '${name}:role.${short}'`);
    return ok(membership(entry, short, found, member, now()));
  };
}

/** `GET /domain/D/service/S/publickey/ID` */
export function publicKeyReader(signer: Signer): Handle {
  return (_, name = '', service = '', id = '') => {
    const known = name === 'sys.auth' && service === 'zms' && id === signer.keyId;
    if (!known) return zmsError(404, `getPublicKeyEntry: Public key not found: ${name}.${service}, ${id}`);
    return ok({ key: ybase64(signer.publicKeyPem), id });
  };
}
