import { type Principal, parsePrincipal } from '../model/principal.ts';
import type { SandboxMember, SandboxRole } from './role-state.ts';
import { systemDomains } from './store.ts';

/** Who made every domain: its first administrator, as in a new ZMS. */
export const administrator = 'user.athenz_admin';
/** ZMS' bit for a principal that its own monitor disabled. */
const suspendedBit = 4;

/** Members that wait for approval, which only `pending=true` shows. */
export function pendingMembers({ pending = [] }: SandboxRole): readonly object[] {
  return pending.map((request) => ({
    ...memberHead(request),
    active: false,
    approved: false,
    ...auditRef(request),
    requestTime: request.requested,
    pendingState: 'ADD',
  }));
}

/** Nobody can be suspended without saying why. */
export function auditRef({ auditRef, suspended }: SandboxMember): object {
  if (auditRef === undefined) return suspended ? { auditRef: 'sandbox' } : {};
  return { auditRef };
}

export function signedMember(domain: string, member: SandboxMember): object {
  return {
    ...memberHead(member),
    ...requester(domain, member),
    ...disabled(member),
    principalType: principalType(member.name),
  };
}

export function memberHead(member: SandboxMember): { readonly memberName: string; readonly expiration?: string } {
  return { memberName: member.name, ...expiration(member) };
}

/** ZMS itself fills the domains that it makes. */
export function requester(domain: string, { suspended, by }: SandboxMember): object {
  if (suspended) return { requestPrincipal: 'sys.auth.monitor' };
  if (by !== undefined) return by === '' ? {} : { requestPrincipal: by };
  return { requestPrincipal: systemDomains.has(domain) ? 'sys.auth.zms' : administrator };
}

export function disabled({ suspended }: SandboxMember): object {
  return suspended ? { systemDisabled: suspendedBit } : {};
}

/** With milliseconds and in UTC, as ZMS writes it; what is no time at all is served as it is. */
export function expiration({ expires }: SandboxMember): { readonly expiration?: string } {
  if (expires === undefined) return {};
  const time = Date.parse(expires);
  return { expiration: Number.isNaN(time) ? expires : new Date(time).toISOString() };
}

/** ZMS' numbers: 1 user, 2 service, 3 group, 5 external, 6 everybody. */
function principalType(member: string): number {
  if (member === '*') return 6;
  const types: Partial<Record<Principal['kind'], number>> = { user: 1, group: 3, external: 5 };
  return types[parsePrincipal(member.replaceAll('*', 'x'), 'user').kind] ?? 2;
}
