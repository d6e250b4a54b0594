import type { DomainStamp } from '../model/domain.ts';
import type { Session } from './session.ts';
import { succeeded } from './status.ts';
import { parseList } from './wire.ts';

/** Asks ZMS which domains have changed, for as little as it takes. */
export interface DeltaPoll {
  /**
   * Domains with another stamp than at the last call, new ones included; the first call has none to compare with and gives
   * nothing. Deletions do not show here: the complete list of each run has those.
   *
   * @throws AppError `ZMS_…`
   */
  changed(): Promise<readonly DomainStamp[]>;
}

/**
 * Milliseconds that each poll looks back: a write may show later than its stamp says, and where ZMS drops fractions of seconds
 * (MariaDB's driver, measured) it repeats the newest domain on every poll. What is repeated has the stamp we know.
 */
const overlap = 5000;

/** Begins to poll: the first call reads the list in full. */
export function openDelta({ read, clock }: Pick<Session, 'read' | 'clock'>): DeltaPoll {
  let known: Map<string, string> | undefined;
  let newest = '';
  return {
    async changed() {
      const headers = newest === '' ? {} : { 'if-none-match': `"${since(newest, clock.now())}"` };
      const list = await read({ path: '/sys/modified_domains?metaonly=true', headers }, (answer) =>
        answer.status === 304 ? [] : parseList(succeeded(answer, 'listing the domains that have changed')).all(),
      );
      const before = known;
      known ??= new Map();
      const changed: DomainStamp[] = [];
      for (const stamp of list) {
        if (before !== undefined && known.get(stamp.name) !== stamp.modified) changed.push(stamp);
        known.set(stamp.name, stamp.modified);
        if (stamp.modified > newest) newest = stamp.modified;
      }
      return changed;
    },
  };
}

/** A stamp of a clock that was ahead must not hide what changes until then. @param now milliseconds since the epoch */
function since(newest: string, now: number): string {
  return new Date(Math.min(Date.parse(newest), now) - overlap).toISOString();
}
