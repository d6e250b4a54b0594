import type { KeysInUse } from '../../athenz/keys-in-use.ts';
import type { SealedTexts } from '../../athenz/sealed.ts';
import type { Recalled } from '../../core/decision.ts';
import type { UnitId } from '../../core/unit.ts';
import { lineOf, type MemoLines, readLines, writeLines } from './memo-lines.ts';
import { type Conditions, holds, type Now, type Remembered, toRecalled } from './remembered.ts';

/**
 * What earlier runs made of namespaces, so that one whose sources have not changed is neither read nor resolved nor rendered again.
 * As untrusted as the cache: what does not prove itself, or was made from anything else than now, is not there.
 */
export interface Memo {
  /** Opens a part: the namespaces of some clusters whose domains are in one place. */
  open(place: string, clusters: Iterable<string>): Promise<MemoPart>;
  /** Removes what no run uses any more. @throws what removing files throws */
  sweep(): Promise<void>;
}

export interface MemoPart {
  /** What each of these namespaces was made from, where all are as they would be made now; undefined otherwise. They stay remembered. */
  find(units: readonly UnitId[]): readonly Conditions['needs'][] | undefined;
  /** What is remembered of one that was found; made each time. */
  recall(unit: UnitId): Recalled;
  /** Remembers a namespace. */
  keep(unit: UnitId, remembered: Remembered): void;
  /** Writes what is new, and drops what was neither recalled nor kept. @throws what writing files throws */
  save(): Promise<void>;
}

export interface MemoOptions extends Now {
  readonly sealed: SealedTexts;
  readonly keys: KeysInUse;
  /** All that namespaces of a cluster depend on besides the documents of their domains. */
  aboutOf(cluster: string): string;
}

/** Of one cluster. */
interface File {
  readonly name: string;
  readonly about: string;
  readonly found: MemoLines;
  /** Which of its namespaces are recalled, by their numbers. */
  readonly used: Set<number>;
  /** Lines of namespaces that are kept. */
  readonly fresh: Map<string, string>;
}

export function openMemo({ sealed, keys, aboutOf, ...now }: MemoOptions): Memo {
  const abouts = new Map<string, string>();
  const aboutIn = (cluster: string) => {
    const about = abouts.get(cluster) ?? aboutOf(cluster);
    abouts.set(cluster, about);
    return about;
  };

  async function read(cluster: string, place: string): Promise<File> {
    const about = aboutIn(cluster);
    const name = `${about.slice(0, 20)}-${place}`;
    const found = readLines(await sealed.read(name, about));
    const same = await Promise.all([...found.keys].map(async ([id, was]) => (await printOf(id)) === was));
    return { name, about, found: same.every(Boolean) ? found : readLines(), used: new Set(), fresh: new Map() };
  }

  /** Undefined where it cannot be read: what depends on it is not there. */
  const printOf = (id: string) => keys.printOf(id).catch(() => undefined);

  async function write({ name, about, found, used, fresh }: File): Promise<void> {
    if (fresh.size === 0 && used.size === found.size) return;
    const prints = new Map(found.keys);
    for (const id of keys.ids) {
      const print = prints.get(id) ?? (await printOf(id));
      if (print === undefined) return;
      prints.set(id, print);
    }
    await sealed.write(name, about, writeLines(prints, [...Array.from(used, found.line), ...fresh.values()]));
  }

  return {
    async open(place, clusters) {
      const files = new Map<string, File>();
      for (const cluster of clusters) files.set(cluster, await read(cluster, place));
      return {
        find(units) {
          const all: Conditions['needs'][] = [];
          for (const { cluster, namespace = '' } of units) {
            const file = files.get(cluster);
            const number = file?.found.find(namespace);
            if (file === undefined || number === undefined) return undefined;
            const conditions = file.found.conditions(number);
            if (!holds(conditions, now)) return undefined;
            file.used.add(number);
            all.push(conditions.needs);
          }
          return all;
        },
        recall(unit) {
          const found = files.get(unit.cluster)?.found;
          const number = found?.find(unit.namespace ?? '');
          if (found === undefined || number === undefined) throw new TypeError('what is recalled is not remembered');
          return toRecalled(unit, found.content(number));
        },
        keep({ cluster, namespace = '' }, remembered) {
          const file = files.get(cluster);
          if (file === undefined) return;
          file.fresh.set(namespace, lineOf(namespace, remembered));
          const number = file.found.find(namespace);
          if (number !== undefined) file.used.delete(number);
        },
        async save() {
          for (const file of files.values()) await write(file);
        },
      };
    },
    sweep: () => sealed.sweep(),
  };
}
