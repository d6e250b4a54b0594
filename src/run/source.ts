import { resolve } from 'node:path';
import { confirmAbsences, poll, type Wanted } from '../athenz/poll.ts';
import { readSnapshot } from '../athenz/snapshot-file.ts';
import { openZms, type Zms } from '../athenz/zms.ts';
import type { AthenzConfig } from '../config/types.ts';
import { reasonOf } from '../model/error.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type CommonFlags, type Io, logOf, progressLine } from './io.ts';

/** Where a run learns what Athenz says: ZMS, or a file that was taken from it. */
export interface SnapshotSource {
  take(wanted: Wanted): Promise<Snapshot>;
  /** Takes the second look at domains that seem to be gone; a file has none to take. */
  confirm(snapshot: Snapshot, domains: readonly string[]): Promise<Snapshot>;
  /** Requests sent so far. */
  readonly requests: number;
  close(): Promise<void>;
}

/** The snapshot file that a flag names, else ZMS. @param flags with a path relative to where the user stands */
export function chooseSource(
  io: Io,
  config: AthenzConfig,
  flags: Pick<CommonFlags, 'quiet' | 'logLevel'> & { readonly snapshot?: string },
): SnapshotSource {
  return flags.snapshot === undefined
    ? liveSource(io, config, flags)
    : fileSource(resolve(io.cwd, flags.snapshot), io.clock.now());
}

/** Polls ZMS. */
export function liveSource(
  io: Io,
  config: AthenzConfig,
  flags: Pick<CommonFlags, 'quiet' | 'logLevel'>,
): SnapshotSource {
  const zms: Zms = openZms({ config, env: io.env, clock: io.clock });
  const progress = progressLine(io, flags);
  return {
    async take(wanted) {
      progress.show(`listing the domains of ${config.zmsUrl} …`);
      try {
        const snapshot = await poll({
          zms,
          wanted,
          userDomain: config.userDomain,
          now: io.clock.now,
          progress: (done, total) => progress.show(`reading domain documents: ${done} of ${total}`),
        });
        await zms.saveCache(snapshot.list).catch((error) => {
          logOf(io, flags).warn(`writing the cache: ${reasonOf(error)}; later runs read unchanged domains again`);
        });
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

/** Reads a snapshot file. @param now milliseconds since the epoch */
export function fileSource(file: string, now: number): SnapshotSource {
  return {
    take: () => readSnapshot(file, now),
    confirm: async (snapshot) => snapshot,
    requests: 0,
    close: async () => {},
  };
}
