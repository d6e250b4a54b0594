import { shardOf } from '../../athenz/cache.ts';
import type { KeysInUse } from '../../athenz/keys-in-use.ts';
import { openZms } from '../../athenz/open-zms.ts';
import { confirmAbsences, lookAgain, poll, type Wanted } from '../../athenz/poll.ts';
import { cacheWarning, listing, reading, saveCache } from '../../athenz/progress.ts';
import { openReader } from '../../athenz/reader.ts';
import type { SealedTexts } from '../../athenz/sealed.ts';
import { openSnapshot, type RecordedSnapshot } from '../../athenz/snapshot-file.ts';
import type { Zms } from '../../athenz/zms.ts';
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
  /** The order in which reading costs least: each once, in parts of which one at a time is worth remembering. */
  order(domains: Names): Iterable<Part>;
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

/** Names by number, which are made when they are asked for: a list of them would be as long as the fleet. */
export interface Names {
  readonly length: number;
  at(number: number): string;
}

/** Domains whose documents are in one place. */
export interface Part {
  readonly place: string;
  readonly domains: readonly string[];
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
    const stamps = await zms.listDomains();
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
      list: stamps.all,
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

/** In the order of the cache's files, in 16 parts. Of all domains only numbers are kept, and names of the part that is made. */
function* inCacheOrder(names: Names): Generator<Part, void, undefined> {
  const shards = new Uint8Array(names.length);
  const parts: (readonly [place: string, numbers: number[]])[] = [...'0123456789abcdef'].map((place) => [place, []]);
  for (let number = 0; number < names.length; number++) {
    const shard = Number.parseInt(shardOf(names.at(number)), 16);
    shards[number] = shard;
    parts[shard >> 4]?.[1].push(number);
  }
  for (const [place, numbers] of parts) {
    const some = numbers.map((number) => ({ domain: names.at(number), shard: shards[number] ?? 0 }));
    some.sort((a, b) => a.shard - b.shard || compareText(a.domain, b.domain));
    if (some.length > 0) yield { place, domains: [...new Set(some.map(({ domain }) => domain))] };
  }
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
    order: (names) => [
      { place: '', domains: [...new Set(Array.from({ length: names.length }, (_, at) => names.at(at)))] },
    ],
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
