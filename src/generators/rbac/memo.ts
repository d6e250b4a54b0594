import type { KeysInUse } from '../../athenz/keys-in-use.ts';
import type { SealedTexts } from '../../athenz/sealed.ts';
import type { Recalled } from '../../core/decision.ts';
import type { UnitId } from '../../core/unit.ts';
import { holds, type Now, type Remembered, toRecalled } from './remembered.ts';

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
  /** What is remembered of namespaces; undefined unless it is all of them. */
  recall(units: readonly UnitId[]): readonly Remembering[] | undefined;
  /** Remembers a namespace. */
  keep(unit: UnitId, remembered: Remembered): void;
  /** Writes what is new, and drops what was neither recalled nor kept. @throws what writing files throws */
  save(): Promise<void>;
}

/** A namespace that is recalled, and what it was made from. */
export interface Remembering {
  readonly recalled: Recalled;
  readonly needs: Remembered['needs'];
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
  /** Each namespace as JSON: what is read of it is let go of at once. */
  readonly found: ReadonlyMap<string, string>;
  /** What signed the documents that `found` was made from: key id → print. */
  readonly keys: ReadonlyMap<string, string>;
  readonly now: Map<string, string>;
  changed: boolean;
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
    const { keys, found } = parse(await sealed.read(name, about));
    const same = await Promise.all([...keys].map(async ([id, was]) => (await printOf(id)) === was));
    const none = { keys: new Map<string, string>(), found: new Map<string, string>() };
    return { name, about, ...(same.every(Boolean) ? { keys, found } : none), now: new Map(), changed: false };
  }

  /** Undefined where it cannot be read: what depends on it is not there. */
  const printOf = (id: string) => keys.printOf(id).catch(() => undefined);

  async function write({ name, about, keys: were, found, now, changed }: File): Promise<void> {
    if (!changed && now.size === found.size) return;
    const prints = new Map(were);
    for (const id of keys.ids) {
      const print = prints.get(id) ?? (await printOf(id));
      if (print === undefined) return;
      prints.set(id, print);
    }
    const lines = [...now].map(([namespace, line]) => `${namespace} ${line}`);
    await sealed.write(name, about, [JSON.stringify([...prints]), ...lines].join('\n'));
  }

  return {
    async open(place, clusters) {
      const files = new Map<string, File>();
      for (const cluster of clusters) files.set(cluster, await read(cluster, place));
      return {
        recall(units) {
          const all: Remembering[] = [];
          for (const unit of units) {
            const { cluster, namespace = '' } = unit;
            const file = files.get(cluster);
            const line = file?.found.get(namespace);
            if (file === undefined || line === undefined) return undefined;
            const remembered = JSON.parse(line) as Remembered;
            if (!holds(remembered, now)) return undefined;
            file.now.set(namespace, line);
            all.push({ recalled: toRecalled(unit, remembered), needs: remembered.needs });
          }
          return all;
        },
        keep({ cluster, namespace = '' }, remembered) {
          const file = files.get(cluster);
          if (file === undefined) return;
          file.now.set(namespace, JSON.stringify(remembered));
          file.changed = true;
        },
        async save() {
          for (const file of files.values()) await write(file);
        },
      };
    },
    sweep: () => sealed.sweep(),
  };
}

/** It has proven to be written here: a line with the keys, and one for each namespace, its name first. */
function parse(text = '[]'): Pick<File, 'keys' | 'found'> {
  const [keys = '[]', ...lines] = text.split('\n');
  const found = lines.map((line): [string, string] => {
    const end = line.indexOf(' ');
    return [line.slice(0, end), line.slice(end + 1)];
  });
  return { keys: new Map(JSON.parse(keys) as readonly [string, string][]), found: new Map(found) };
}
