import { cacheOrder } from '../../athenz/cache.ts';
import type { KeysInUse } from '../../athenz/keys-in-use.ts';
import { confirmAbsences, lookAgain, poll, type Wanted } from '../../athenz/poll.ts';
import { cacheWarning, listing, reading, saveCache } from '../../athenz/progress.ts';
import { openReader } from '../../athenz/reader.ts';
import type { SealedTexts } from '../../athenz/sealed.ts';
import { openSnapshot, type RecordedSnapshot } from '../../athenz/snapshot-file.ts';
import { openZms, type Zms } from '../../athenz/zms.ts';
import type { AthenzConfig, Config } from '../../config/types.ts';
import type { World } from '../../core/generator.ts';
import { type DomainStamp, domainOf, type Stamps, stampsOf } from '../../model/domain.ts';
import type { ClusterInventory } from '../../model/inventory.ts';
import type { DomainRead, Snapshot } from '../../model/snapshot.ts';
import { compareText } from '../../model/text.ts';
import type { Traffic } from '../../model/traffic.ts';
import { notRecorded } from './lookup.ts';

/** Where a run learns what Athenz says: ZMS, or a file that was taken from it. */
export interface SnapshotSource {
  take(wanted: Wanted): Promise<Snapshot>;
  /** Takes the second look at domains that seem to be gone; a file has none to take. */
  confirm(snapshot: Snapshot, domains: readonly string[]): Promise<Snapshot>;
  /** Requests sent so far. */
  readonly requests: number;
  close(): Promise<void>;
}

/** What Athenz says, a domain at a time. */
export interface AthenzSource {
  /** RFC 3339 UTC: when the list was read, by this machine's clock. */
  readonly takenAt: string;
  readonly zmsUrl: string;
  /** Every domain of the server, sorted by name. */
  list(): readonly DomainStamp[];
  /** The outcome for one domain; asked again, it is read again. */
  read(domain: string): Promise<DomainRead>;
  /** Begins to fetch what will be read soon, where that takes a request. */
  prepare(domain: string): Promise<void>;
  /** Takes the second look at domains that seem to be gone. @returns what is known of them now; nothing where none can be taken */
  confirm(domains: readonly string[]): Promise<ReadonlyMap<string, DomainRead>>;
  /** The order in which reading costs least, in parts of which one at a time is worth remembering. */
  order(domains: Iterable<string>): readonly { readonly place: string; readonly domains: readonly string[] }[];
  /** The same as stamps. */
  readonly stamps: Stamps;
  /** What runs leave to later ones besides documents; not set where nothing is kept. */
  readonly kept?: { readonly sealed: SealedTexts; readonly keys: KeysInUse };
  /** Leaves something to later runs: that it cannot be written is a warning, once. */
  leave(write: () => Promise<void>): Promise<void>;
  /** Writes what was read to the cache. @param progress `partial`: more will be read */
  save(progress: 'partial' | 'complete'): Promise<void>;
  readonly requests: number;
  /** Not set for a recorded snapshot. */
  readonly traffic?: Omit<Traffic, 'recalled'>;
  close(): Promise<void>;
}

/**
 * Reads the list of domains, or the recorded snapshot where there is one.
 *
 * @throws AppError `ZMS_…` when the list cannot be read: then nothing is known; `SNAPSHOT_…`
 */
export async function openAthenz(world: World, config: AthenzConfig): Promise<AthenzSource> {
  return world.recorded === undefined
    ? askAthenz(world, config)
    : recordedAthenz(await openSnapshot(world.recorded, world.clock.now()));
}

async function askAthenz(world: World, config: AthenzConfig): Promise<AthenzSource> {
  const { env, clock, halt, progress, warn } = world;
  const zms: Zms = openZms({ config, env, clock, halt }, world.breakerOf?.(config.zmsUrl));
  try {
    progress.show(listing(zms.url));
    const takenAt = new Date(clock.now()).toISOString();
    const { stamps, list } = shrink(await zms.listDomains());
    const reader = openReader({ zms, stamps, progress: (done, total) => progress.show(reading(done, total)) });
    const { sealed, keys } = zms;
    let warned = false;
    const leave = async (write: () => Promise<void>) => {
      try {
        await write();
      } catch (error) {
        if (!warned) warn(cacheWarning(error));
        warned = true;
      }
    };
    return {
      takenAt,
      zmsUrl: zms.url,
      list,
      read: reader.read,
      prepare: reader.prepare,
      confirm: (domains) => lookAgain(zms, domains),
      order: inCacheOrder,
      stamps,
      ...(sealed === undefined ? {} : { kept: { sealed, keys } }),
      leave,
      save: (progress) => leave(() => (progress === 'partial' ? zms.flushCache() : zms.saveCache())),
      get requests() {
        return zms.requests;
      },
      get traffic() {
        return { ...zms.traffic, cached: reader.cached };
      },
      async close() {
        progress.clear();
        await zms.close();
      },
    };
  } catch (error) {
    progress.clear();
    await zms.close();
    throw error;
  }
}

/** In the order of the cache's files, in 16 parts. */
function inCacheOrder(domains: Iterable<string>): ReturnType<AthenzSource['order']> {
  const keyed = Array.from(domains, (domain) => ({ domain, key: cacheOrder(domain) }));
  keyed.sort((a, b) => compareText(a.key, b.key));
  const parts = Map.groupBy(keyed, ({ key }) => key.slice(0, 1));
  return [...parts].map(([place, some]) => ({ place, domains: some.map(({ domain }) => domain) }));
}

/** A list as its stamps: of tens of thousands of domains, few are disabled. */
function shrink(list: readonly DomainStamp[]): Pick<AthenzSource, 'list'> & { readonly stamps: Stamps } {
  const stamps = stampsOf(list);
  const disabled = new Set(list.flatMap(({ name, enabled }) => (enabled ? [] : [name])));
  return {
    stamps,
    list: () => Array.from(stamps, ([name, modified]) => ({ name, modified, enabled: !disabled.has(name) })),
  };
}

function recordedAthenz({ takenAt, zmsUrl, list, read }: RecordedSnapshot): AthenzSource {
  return {
    stamps: stampsOf(list),
    leave: async () => {},
    takenAt,
    zmsUrl,
    list: () => list,
    read: async (domain) => read(domain) ?? { kind: 'unknown', problem: notRecorded(domain) },
    prepare: async () => {},
    confirm: async () => new Map(),
    order: (names) => [{ place: '', domains: [...names] }],
    save: async () => {},
    requests: 0,
    close: async () => {},
  };
}

/** Polls ZMS. */
export function liveSource({ env, clock, halt, progress, warn }: World, config: AthenzConfig): SnapshotSource {
  const zms: Zms = openZms({ config, env, clock, halt });
  return {
    async take(wanted) {
      progress.show(listing(zms.url));
      try {
        const snapshot = await poll({
          zms,
          wanted,
          userDomain: config.userDomain,
          now: clock.now,
          progress: (done, total) => progress.show(reading(done, total)),
        });
        await saveCache(zms, warn);
        return snapshot;
      } finally {
        progress.clear();
      }
    },
    confirm: (snapshot, domains) => confirmAbsences(zms, snapshot, domains),
    get requests() {
      return zms.requests;
    },
    close: () => zms.close(),
  };
}

/** A snapshot that was taken before. */
export function recordedSource(snapshot: Snapshot): SnapshotSource {
  return {
    take: async () => snapshot,
    confirm: async () => snapshot,
    requests: 0,
    close: async () => {},
  };
}

/** Which roles of which domains the namespaces need. */
export function wantedDomains(config: Pick<Config, 'clusters'>, inventory: readonly ClusterInventory[]): Wanted {
  const wanted = new Map<string, ReadonlySet<string>>();
  for (const cluster of config.clusters) {
    const roles = new Set(cluster.roles.map((role) => role.athenzRole));
    for (const { name } of inventory.find((it) => it.cluster === cluster.name)?.namespaces ?? []) {
      const domain = domainOf(cluster, name);
      const known = wanted.get(domain);
      // Most domains are those of one cluster: its set is kept once.
      wanted.set(domain, known === undefined || known === roles ? roles : new Set([...known, ...roles]));
    }
  }
  return wanted;
}
