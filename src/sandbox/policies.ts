import { roleName } from '../model/domain.ts';
import type { SandboxAssertion } from './role-state.ts';
import { type Signer, ybase64 } from './sign.ts';
import type { SandboxDomain } from './state.ts';
import type { DomainEntry } from './store.ts';

/** The same policies in a JWS document, and in the older signed domain, which leaves some keys of them out. */
type PoliciesForm = 'jws' | 'signed-domain';

/** A domain's policies with the signature that they carry inside a document. */
export function signedPolicies(entry: DomainEntry, signer: Signer, form: PoliciesForm): object {
  const contents = { domain: entry.name, policies: listPolicies(entry, form) };
  return { contents, signature: ybase64(signer.sign(JSON.stringify(contents), 'der')), keyId: signer.keyId };
}

/** The policies as they are answered, too: what a document holds is what `GET /domain/D/policies` gives. */
export function listPolicies(entry: DomainEntry, form: PoliciesForm = 'jws'): readonly object[] {
  let id = 0;
  return [...policiesOf(entry)].map(([short, assertions]) => ({
    name: `${entry.name}:policy.${short}`,
    modified: entry.modified,
    assertions: assertions.map((assertion) => {
      const written = fullAssertion(entry.name, assertion);
      return form === 'jws' ? { ...written, id: ++id } : written;
    }),
    ...(form === 'jws' ? { version: '0', active: true } : {}),
  }));
}

/** The domain's policies by their short names, with the one that ZMS gives every domain when it is created. */
export function policiesOf({ name, domain }: DomainEntry): ReadonlyMap<string, readonly SandboxAssertion[]> {
  const admin: SandboxAssertion = { role: 'admin', resource: `${name}:*`, action: '*' };
  const assume = domain.assumes.map((it) => ({ ...it, action: 'assume_role' }));
  return new Map([
    ['admin', [admin]],
    ...(assume.length === 0 ? [] : [['assume', assume] as const]),
    ...Object.entries(domain.policies ?? {}),
  ]);
}

/** The domain with another policy, or without one. */
export function withPolicy(
  domain: SandboxDomain,
  short: string,
  assertions: readonly SandboxAssertion[] | undefined,
): SandboxDomain {
  const { [short]: _, ...others } = domain.policies ?? {};
  const policies = assertions === undefined ? others : { ...others, [short]: assertions };
  return { ...domain, ...(short === 'assume' ? { assumes: [] } : {}), policies };
}

function fullAssertion(
  domain: string,
  { role, resource, action, effect = 'ALLOW' }: SandboxAssertion,
): Required<SandboxAssertion> {
  return { role: role.includes(':') ? role : roleName(domain, role), resource, action, effect };
}
