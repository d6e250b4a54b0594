import { roleName } from '../model/domain.ts';
import { type Signer, ybase64 } from './sign.ts';
import type { DomainEntry } from './store.ts';

/** The same policies in a JWS document and in the older signed domain, which leaves some keys of them out. */
type PoliciesForm = 'jws' | 'signed-domain';

/** A domain's policies with the signature that they carry inside a document. */
export function signedPolicies(entry: DomainEntry, signer: Signer, form: PoliciesForm): object {
  const contents = { domain: entry.name, policies: policies(entry, form) };
  return { contents, signature: ybase64(signer.sign(JSON.stringify(contents), 'der')), keyId: signer.keyId };
}

function policies({ name, domain, modified }: DomainEntry, form: PoliciesForm): readonly object[] {
  const admin = { role: roleName(name, 'admin'), resource: `${name}:*`, action: '*', effect: 'ALLOW' };
  const assumes = domain.assumes.map(({ role, resource, effect = 'ALLOW' }) => ({
    role: role.includes(':') ? role : roleName(name, role),
    resource,
    action: 'assume_role',
    effect,
  }));
  let id = 0;
  const policy = (short: string, held: readonly object[]) => ({
    name: `${name}:policy.${short}`,
    modified,
    assertions: form === 'jws' ? held.map((assertion) => ({ ...assertion, id: ++id })) : held,
    ...(form === 'jws' ? { version: '0', active: true } : {}),
  });
  return assumes.length === 0 ? [policy('admin', [admin])] : [policy('admin', [admin]), policy('assume', assumes)];
}
