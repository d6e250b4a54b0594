import { type DomainDocument, roleName } from '../model/domain.ts';
import type { Problem } from '../model/error.ts';
import type { DomainRead } from '../model/snapshot.ts';
import { indexTrust } from '../model/trust.ts';
import type { Need } from './needs.ts';
import type { Step } from './result.ts';

interface PolicyPlan {
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
  /** Roles that cannot be delegated, as there is no such domain: ZMS would refuse to create them. */
  readonly barred: ReadonlySet<string>;
}

/**
 * The policies that delegated roles still need in the domains they are delegated to.
 *
 * @param domains undefined: nothing is known of them
 * @param document of the domain, where it is there: a role in it that is not delegated so gets no policy
 */
export function planPolicies(
  domains: ReadonlyMap<string, DomainRead> | undefined,
  { domain, roles }: Need,
  document?: DomainDocument,
): PolicyPlan {
  const steps: Step[] = [];
  const problems: Problem[] = [];
  const barred = new Set<string>();
  for (const [role, { trust }] of roles) {
    const there = document?.roles.find(({ name }) => name === role);
    if (trust === undefined || (there !== undefined && there.trust !== trust.domain)) continue;
    const resource = roleName(domain, role);
    const asserts = { role: roleName(trust.domain, trust.role), resource };
    const policy = `athenz-gitops.${domain}.${role}`;
    const read = domains?.get(trust.domain);
    if (domains === undefined) {
      if (trust.policy) steps.push({ kind: 'create-policy', target: trust.domain, policy, asserts });
    } else if (read === undefined || read.kind === 'absent') {
      problems.push(trustMissing(resource, trust.domain));
      barred.add(role);
    } else if (read.kind === 'unknown') {
      problems.push(read.problem);
    } else if (trust.policy && !indexTrust(read.value)(resource).includes(trust.role)) {
      steps.push({ kind: 'create-policy', target: trust.domain, policy, asserts });
    }
  }
  return { steps, problems, barred };
}

function trustMissing(role: string, trust: string): Problem {
  return {
    code: 'PROVISION_TRUST_MISSING',
    message: `delegating ${role}: there is no domain ${trust}`,
    next: 'correct provision.roles, or ask for the domain',
  };
}
