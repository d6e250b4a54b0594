import { type Authority, type CertificatePair, createAuthority } from '../../src/sandbox/authority.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';

/** One for all sandboxes of a process: keys and certificates cost more than most tests. */
const authority = createAuthority();
const pairs = new WeakMap<Authority, Map<string, Promise<CertificatePair>>>();

/** A sandbox whose authority other sandboxes share. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return startSandbox({ authority: await authority, ...options });
}

/** The certificate of a principal, the same one each time. */
export function clientPair(issuer: Authority, principal: string): Promise<CertificatePair> {
  const issued = pairs.get(issuer) ?? new Map<string, Promise<CertificatePair>>();
  pairs.set(issuer, issued);
  const pair = issued.get(principal) ?? issuer.issue({ principal });
  issued.set(principal, pair);
  return pair;
}
