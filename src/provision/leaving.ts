import { type DetailedDocument, domainOf } from '../model/domain.ts';
import { adminsTag } from '../model/tags.ts';
import { type Candidate, findCandidates, judgeDeparted } from './departed.ts';
import { collectNeeds } from './needs.ts';
import type { ProvisionInput } from './plan-input.ts';
import type { DomainPlan, ProvisionPlan, Unprovisioned } from './result.ts';

/** What is to be said of domains whose namespaces left git, and which of them go. */
export function planLeaving({
  config,
  inventory,
  now,
  athenz,
  prune,
}: ProvisionInput): Pick<ProvisionPlan, 'departed' | 'problems'> & { readonly plans: readonly DomainPlan[] } {
  if (athenz === undefined || prune === false) return { departed: [], plans: [], problems: [] };
  const { list, domains } = athenz;
  const candidates = findCandidates(config, inventory, list);
  const wouldNeed = ({ namespace, domain }: Candidate, { settings }: DetailedDocument) => {
    const clusters = config.clusters.filter((cluster) => domainOf(cluster, namespace) === domain);
    const entry = { namespaces: [{ name: namespace, source: '' }], excluded: [], problems: [] };
    const all = clusters.map(({ name: cluster }) => ({ cluster, ...entry }));
    const adminUsers = [...config.provision.adminUsers, ...(settings.tags[adminsTag] ?? [])];
    // It was created with one: nothing tells by whom, so nothing tells what else it was created with.
    if (adminUsers.length === 0) return undefined;
    return collectNeeds({ ...config, clusters, provision: { ...config.provision, adminUsers } }, all).needs.get(domain);
  };
  const problems = candidates.flatMap(({ cluster, namespace, domain }): Unprovisioned[] => {
    const read = domains.get(domain);
    return read?.kind === 'unknown' ? [{ cluster, namespace, domain, problem: read.problem }] : [];
  });
  const departed = judgeDeparted({ config, candidates, list, domains, wouldNeed, now });
  const may = departed.filter(({ kept }) => prune === 'delete' && kept === undefined).map(({ domain }) => domain);
  const plans = candidates
    .filter(({ domain }) => may.includes(domain))
    .map(
      ({ modified, ...place }): DomainPlan => ({ ...place, steps: [{ kind: 'delete-domain', modified }], drift: [] }),
    );
  return { departed, plans, problems };
}
