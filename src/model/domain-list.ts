import type { DomainStamp, Stamps } from './domain.ts';
import { listTexts } from './text-list.ts';
import { numberTexts } from './text-numbers.ts';

/** Every domain of a server. */
export interface DomainList extends Stamps {
  readonly size: number;
  /** Sorted by name; made each time. */
  all(): readonly DomainStamp[];
}

/** A list that is being read. */
export interface DomainCollection {
  /** @returns false for a name that is there already */
  add(stamp: DomainStamp): boolean;
  readonly list: DomainList;
}

/** Collects domains so that a list of tens of thousands is a few bytes for each. */
export function collectDomains(): DomainCollection {
  const names = numberTexts();
  /** By the number of the name. */
  const stamps = listTexts();
  const disabled = new Set<number>();
  return {
    add({ name, modified, enabled }) {
      const number = names.add(name);
      if (number < stamps.length) return false;
      stamps.push(modified);
      if (!enabled) disabled.add(number);
      return true;
    },
    list: {
      get size() {
        return names.size;
      },
      get(name) {
        const number = names.find(name);
        return number === undefined ? undefined : stamps.at(number);
      },
      has: (name) => names.find(name) !== undefined,
      *keys() {
        for (let number = 0; number < names.size; number++) yield names.at(number);
      },
      all() {
        const all = Array.from({ length: names.size }, (_, number): DomainStamp => {
          return { name: names.at(number), modified: stamps.at(number), enabled: !disabled.has(number) };
        });
        return all.sort((a, b) => (a.name < b.name ? -1 : 1));
      },
    },
  };
}
