import { cacheRoot } from '../../athenz/cache-settings.ts';
import { findDomainless } from '../../config/domainless.ts';
import type { Config } from '../../config/types.ts';
import type { Opened, OpenInput } from '../../core/generator.ts';
import type { UnitId } from '../../core/unit.ts';
import type { AccessChange } from '../../model/access.ts';
import { type RoleAccess, subjectKey } from '../../model/grant.ts';
import { withPresumed } from '../../model/inventory.ts';
import { compileLayout } from '../../model/layout.ts';
import type { RenderedRole } from '../../model/manifest.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { begun, mapAhead } from '../../runtime/ahead.ts';
import { createPlanContext, type PlanContext } from './context.ts';
import { toDecision } from './decision.ts';
import { type Draft, desiredNamespace } from './desired.ts';
import { openDocuments } from './documents.ts';
import type { Lookup } from './lookup.ts';
import type { MemoPart } from './memo.ts';
import { openMemoOf } from './memo-of.ts';
import { decideNamespace } from './namespace.ts';
import { findPlaces } from './places.ts';
import { endedAccess } from './proof.ts';
import { trackReads } from './reads.ts';
import { toRemembered } from './remembered.ts';
import { openRenderMemo } from './render.ts';
import { createResolver } from './resolve.ts';
import { openAthenz, type Part } from './source.ts';
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
 * @param whole every namespace is read: none is recalled from an earlier run
 * @param recording every read is remembered for a snapshot
 * @throws AppError when the templates do not allow a plan, or when Athenz cannot be read at all
 */
export async function openRbac(
  { config, inventory: found, tree, templates, world }: OpenInput<Config>,
  { recording = false, whole = recording }: { readonly recording?: boolean; readonly whole?: boolean } = {},
): Promise<OpenedRbac> {
  const inventory = withPresumed(found);
  const context = createPlanContext({
    config,
    inventory,
    layout: compileLayout(config.output.path),
    render: {
      names: config.names,
      templates: await loadTemplates(config.output.templates, templates),
      memo: openRenderMemo(),
    },
    objectFormat: tree.objectFormat,
  });
  const source = await openAthenz(world, config.athenz);
  for (const { problem } of findDomainless(config, inventory, source.stamps)) {
    world.warn(`${problem.message}; ${problem.next}`);
  }
  const at = world.at ?? new Date(source.takenAt);
  const resolver = createResolver({ config, inventory, at });
  const reads = trackReads(source, recording);
  const now = { at: at.getTime(), stampOf: (domain: string) => source.stamps.get(domain) };
  /** What is made for another time is of no use to the runs that come. */
  const isNow = world.at === undefined;
  const memo = whole ? undefined : openMemoOf(source, { config, inventory, context, now });
  const uncached = cacheRoot(config.athenz.cache, world.env) === undefined;
  const { userDomain, concurrency } = config.athenz;
  // ZMS is to have as much to answer while documents are used, in their order, and while one part ends and the next begins.
  const ahead = 2 * concurrency;
  const documents = openDocuments(
    { read: reads.read, prepare: source.prepare },
    // Of two parts, each while another one is used.
    { userDomain, ahead: 2 * (ahead + 1), keepAll: uncached },
  );
  const places = findPlaces(config, inventory);
  const around = (domain: string) => documents.around(domain, places.rolesAt(domain));
  /** The configured roles of a namespace; none for one that is not desired. */
  const rolesOf = async ({ cluster, namespace = '' }: UnitId) => {
    if (!resolver.has(cluster, namespace)) return [];
    const { lookup } = await around(places.domainIn({ cluster, namespace }));
    return resolver.resolve(cluster, namespace, lookup);
  };
  const desiredOf = (roles: readonly RoleAccess[]) =>
    roles.length === 0 ? undefined : desiredNamespace(context, roles, now.at);

  /** Only what takes a request is worth having ahead: what comes out of the cache would wait in memory. */
  const prepare = async (domain: string) => {
    await documents.prepare(domain);
    return domain;
  };

  const clusters = config.clusters.map(({ name }) => name);
  /** What is known of a part, and what has to be made: its first documents are asked for at once. */
  const openPart = async ({ place, domains }: Part) => {
    const part = await memo?.open(place, clusters);
    const known: UnitId[] = [];
    const missing: string[] = [];
    for (const domain of domains) {
      const units = places.at(domain);
      const needs = part?.find(units);
      if (needs === undefined) missing.push(domain);
      else {
        known.push(...units);
        needs.forEach(reads.recall);
      }
    }
    return { part, known, missing: begun(mapAhead(missing, ahead, prepare)) };
  };

  /** The namespaces of a domain, resolved and rendered. */
  async function* madeOf(domain: string, part: MemoPart | undefined) {
    const surroundings = await around(domain);
    for (const unit of places.at(domain)) {
      // Of the domain's other clusters no more than this one asks for.
      const asked = new Set<string>();
      const lookup: Lookup = (name) => {
        asked.add(name);
        return surroundings.lookup(name);
      };
      const roles = resolver.resolve(unit.cluster, unit.namespace, lookup);
      const desired = desiredOf(roles);
      if (desired === undefined) continue;
      const remembered =
        part && toRemembered(desired, roles, { ...surroundings, names: [...asked] }, now, tree.objectFormat);
      if (remembered !== undefined) part?.keep(unit, remembered);
      yield desired;
    }
  }

  return {
    context,
    asOf: source.takenAt,
    at: at.toISOString(),
    get sources() {
      const { zmsUrl: url, requests, traffic } = source;
      const asked = traffic === undefined ? {} : { traffic: { ...traffic, recalled: reads.recalled } };
      return [{ name: 'zms', url, noun: 'domain', requests, ...reads.counts(), ...asked, concerns: reads.has }];
    },
    snapshot: () => ({ takenAt: source.takenAt, zmsUrl: source.zmsUrl, list: source.list(), domains: reads.recorded }),
    async *desired() {
      let loaded = 0;
      const order = source.order(places.domains);
      // The next part is fetched while the last documents of this one arrive.
      for await (const { part, known, missing } of mapAhead(order, 1, openPart)) {
        for (const unit of known) {
          const recalled = part?.recall(unit);
          if (recalled !== undefined) yield recalled;
        }
        for await (const domain of missing) {
          yield* madeOf(domain, part);
          if (++loaded % flushEvery === 0) await source.save('partial');
        }
        if (part !== undefined && isNow) await source.leave(part.save);
      }
      reads.refuseNone();
      await source.save('complete');
      if (memo !== undefined && isNow) await source.leave(memo.sweep);
    },
    isDesired: ({ cluster, namespace = '' }) => resolver.has(cluster, namespace),
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
