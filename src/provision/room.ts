import type { DomainStamp } from '../model/domain.ts';
import type { Problem } from '../model/error.ts';
import type { DomainPlan, ProvisionPlan, Room } from './result.ts';

/** How many domains a plan creates below each top-level domain, and how many are there: what ZMS' quota counts. */
export function wantedRoom(plan: ProvisionPlan, list: readonly DomainStamp[]): readonly Omit<Room, 'limit'>[] {
  const tops = Map.groupBy(plan.domains.filter(creates), ({ domain }) => topOf(domain));
  return [...tops]
    .map(([top, plans]) => ({
      top,
      used: list.filter(({ name }) => name.startsWith(`${top}.`)).length,
      wanted: plans.length,
    }))
    .sort((a, b) => (a.top < b.top ? -1 : 1));
}

/** The domains that no longer fit, each with why; parents come before what lies below them. */
export function beyondRoom(plan: ProvisionPlan, rooms: readonly Room[]): ReadonlyMap<string, Problem> {
  const beyond = new Map<string, Problem>();
  for (const { top, limit, used } of rooms) {
    const own = plan.domains.filter((it) => creates(it) && topOf(it.domain) === top);
    for (const { domain } of [...own].sort(byDepth).slice(Math.max(0, limit - used))) {
      beyond.set(domain, {
        code: 'PROVISION_QUOTA',
        message: `creating ${domain}: exceeds the quota of ${top} (${used}/${limit} subdomains used)`,
        next: 'ask the ZMS administrators for a higher quota of subdomains',
      });
    }
  }
  return beyond;
}

function creates({ steps }: DomainPlan): boolean {
  return steps.some(({ kind }) => kind === 'create-domain');
}

function topOf(domain: string): string {
  return domain.split('.', 1)[0] ?? domain;
}

export function depthOf({ domain }: Pick<DomainPlan, 'domain'>): number {
  return domain.split('.').length;
}

function byDepth(a: DomainPlan, b: DomainPlan): number {
  return depthOf(a) - depthOf(b) || (a.domain < b.domain ? -1 : 1);
}
