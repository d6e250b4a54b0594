import { cacheRoot } from '../../athenz/cache-settings.ts';
import { throwBlind } from '../../athenz/poll.ts';
import { findDomainless } from '../../config/domainless.ts';
import type { Config } from '../../config/types.ts';
import type { Opened, OpenInput } from '../../core/generator.ts';
import { type UnitId, unitKey } from '../../core/unit.ts';
import type { AccessChange } from '../../model/access.ts';
import { domainOf } from '../../model/domain.ts';
import type { Problem } from '../../model/error.ts';
import { type RoleAccess, subjectKey } from '../../model/grant.ts';
import { namespacesIn } from '../../model/inventory.ts';
import { compileLayout } from '../../model/layout.ts';
import type { RenderedRole } from '../../model/manifest.ts';
import type { DomainRead, Snapshot } from '../../model/snapshot.ts';
import { mapAhead } from '../../runtime/ahead.ts';
import { createPlanContext, type PlanContext } from './context.ts';
import { toDecision } from './decision.ts';
import { type Draft, desiredNamespace } from './desired.ts';
import { openDocuments } from './documents.ts';
import { decideNamespace } from './namespace.ts';
import { endedAccess } from './proof.ts';
import { createResolver } from './resolve.ts';
import { type AthenzSource, openAthenz, wantedDomains } from './source.ts';
import { loadTemplates } from './templates.ts';

export interface OpenedRbac extends Opened<readonly RenderedRole[], readonly Draft[], AccessChange> {
  readonly context: PlanContext;
  /** Everything that was read so far, where it was to be recorded. */
  snapshot(): Snapshot;
}

/** Documents after which those that are new are left to the cache. */
const flushEvery = 1024;

/**
 * Lists the domains of Athenz; their documents are read while namespaces are gone through, each for as long as it is needed.
 *
 * @param recording every read is remembered for a snapshot
 * @throws AppError when the templates do not allow a plan, or when Athenz cannot be read at all
 */
export async function openRbac(
  { config, inventory, tree, templates, world }: OpenInput<Config>,
  { recording = false } = {},
): Promise<OpenedRbac> {
  const context = createPlanContext({
    config,
    inventory,
    layout: compileLayout(config.output.path),
    render: { names: config.names, templates: await loadTemplates(config.output.templates, templates) },
    objectFormat: tree.objectFormat,
  });
  const source = await openAthenz(world, config.athenz);
  for (const { problem } of findDomainless(config, inventory, source.list)) {
    world.warn(`${problem.message}; ${problem.next}`);
  }
  const at = world.at ?? new Date(source.takenAt);
  const resolver = createResolver({ config, inventory, at });
  const reads = trackReads(source, recording);
  const uncached = cacheRoot(config.athenz.cache, world.env) === undefined;
  const documents = openDocuments({ read: reads.read, prepare: source.prepare }, config.athenz.userDomain, uncached);
  const clusters = new Map(config.clusters.map((cluster) => [cluster.name, cluster]));
  const wanted = wantedDomains(config, inventory);
  const domainIn = ({ cluster, namespace = '' }: UnitId) => {
    const configured = clusters.get(cluster);
    return configured === undefined ? undefined : domainOf(configured, namespace);
  };
  const namespaces = namespacesIn(inventory).filter(({ cluster }) => clusters.has(cluster));
  const known = new Set(namespaces.map(unitKey));
  const places = Map.groupBy(namespaces, (it) => domainIn(it) ?? '');
  /** The configured roles of a namespace; none for one that is not desired. */
  const rolesOf = async ({ cluster, namespace = '' }: UnitId) => {
    const domain = domainIn({ cluster, namespace });
    const roles = domain === undefined ? undefined : wanted.get(domain);
    if (domain === undefined || roles === undefined) return [];
    return resolver.resolve(cluster, namespace, await documents.around(domain, roles));
  };
  const desiredOf = (roles: readonly RoleAccess[]) =>
    roles.length === 0 ? undefined : desiredNamespace(context, roles, at.getTime());

  return {
    context,
    asOf: source.takenAt,
    at: at.toISOString(),
    get sources() {
      const { takenAt: _, list: __, zmsUrl: url, requests } = source;
      return [{ name: 'zms', url, noun: 'domain', requests, ...reads.counts() }];
    },
    snapshot: () => ({ takenAt: source.takenAt, zmsUrl: source.zmsUrl, list: source.list, domains: reads.recorded }),
    async *desired() {
      // Only what takes a request is worth having ahead: what comes out of the cache would wait in memory.
      const prepare = async (domain: string) => {
        await documents.prepare(domain);
        return domain;
      };
      const domains = source.order([...places.keys()]);
      let loaded = 0;
      for await (const domain of mapAhead(domains, config.athenz.concurrency, prepare)) {
        const lookup = await documents.around(domain, wanted.get(domain) ?? new Set());
        for (const { cluster, namespace } of places.get(domain) ?? []) {
          const desired = desiredOf(resolver.resolve(cluster, namespace, lookup));
          if (desired !== undefined) yield desired;
        }
        if (++loaded % flushEvery === 0) await source.save('partial');
      }
      reads.refuseNone();
      await source.save('complete');
    },
    isDesired: (id) => known.has(unitKey(id)),
    unit: async (id) => desiredOf(await rolesOf(id)),
    compare: (differing) => toDecision(context, decideNamespace(context, differing)),
    async confirm(unconfirmed) {
      const better = await source.confirm(unconfirmed);
      for (const [domain, outcome] of better) {
        reads.correct(domain, outcome);
        documents.forget(domain);
      }
      return better.size > 0;
    },
    async has(proof) {
      const { cluster, namespace, role, subject } = endedAccess(proof);
      const key = subjectKey(subject);
      return (await rolesOf({ cluster, namespace })).some(
        (it) =>
          it.role === role &&
          it.outcome.kind === 'value' &&
          it.outcome.grants.some((grant) => subjectKey(grant.subject) === key),
      );
    },
    close: () => source.close(),
  };
}

/** Reads of domains, and how they ended. */
function trackReads(source: AthenzSource, recording: boolean) {
  const kinds = new Map<string, DomainRead['kind']>();
  const corrected = new Map<string, DomainRead>();
  const recorded = new Map<string, DomainRead>();
  let problem: Problem | undefined;
  const keep = (domain: string, outcome: DomainRead) => {
    kinds.set(domain, outcome.kind);
    if (outcome.kind === 'unknown') problem ??= outcome.problem;
    if (recording) recorded.set(domain, outcome);
    return outcome;
  };
  const amountOf = (kind: DomainRead['kind']) => [...kinds.values()].filter((it) => it === kind).length;
  return {
    recorded,
    read: async (domain: string) => keep(domain, corrected.get(domain) ?? (await source.read(domain))),
    /** What a second look has shown. */
    correct(domain: string, outcome: DomainRead) {
      corrected.set(domain, outcome);
      keep(domain, outcome);
    },
    counts: () => ({ needed: kinds.size, read: amountOf('value'), unknown: amountOf('unknown') }),
    /** With not one document read there is nothing to go by. @throws AppError `ZMS_NOTHING_READ` */
    refuseNone() {
      if (amountOf('value') === 0) throwBlind(amountOf('unknown'), problem);
    },
  };
}
