import { unitKey } from '../core/unit.ts';
import type { BranchCommit } from '../git/first-parent.ts';
import type { LoggedCommit } from '../git/log.ts';
import type { Configured } from '../run/generators.ts';
import type { MergedBy, MergedEvent, UncountedEvent } from './event.ts';

/** What is asked of a generator whose files changed. */
export type Recorded = Pick<Configured, 'territory'> & {
  readonly generator: Pick<Configured['generator'], 'name' | 'parse' | 'given'>;
};

/**
 * What a commit of the base branch gave and took, entry by entry. What only moved to another file did neither. Of a file that was, or
 * is, none of ours the grants are unknown: that is said once.
 *
 * @param contents of the blobs that the commit changed, by id
 * @param ours paths that the commit left as a proposal of this program has them
 */
export function mergedEvents(
  { head, changes }: BranchCommit,
  recorded: readonly Recorded[],
  contents: ReadonlyMap<string, Uint8Array>,
  ours: ReadonlySet<string> = new Set(),
): readonly (MergedEvent | UncountedEvent)[] {
  const by = mergedBy(head);
  let unreadable = false;
  const merged = recorded.flatMap((it): readonly MergedEvent[] => {
    const [before, after] = [new Map<string, Told>(), new Map<string, Told>()];
    for (const { path, before: old, after: now } of changes) {
      if (it.territory.clusterOf(path) === undefined || it.territory.keeps(path)) continue;
      const [had, has] = [old, now].map((oid) => (oid === undefined ? [] : givenIn(it, path, contents.get(oid))));
      if (had === undefined || has === undefined) {
        unreadable = true;
        continue;
      }
      const proposed = ours.has(path);
      for (const [key, given] of had) before.set(key, { ...given, proposed });
      for (const [key, given] of has) after.set(key, { ...given, proposed });
    }
    const generator = it.generator.name;
    const told = (all: ReadonlyMap<string, Told>, except: ReadonlyMap<string, Told>, change: MergedEvent['change']) =>
      [...all].flatMap(([key, given]) =>
        except.has(key) ? [] : [{ type: 'merged', generator, change, ...given, ...by } satisfies MergedEvent],
      );
    return [...told(before, after, 'lost'), ...told(after, before, 'gained')];
  });
  const { commit, parents } = head;
  const uncounted = { type: 'uncounted', why: 'unreadable', from: parents[0] ?? '', to: commit } as const;
  return unreadable ? [...merged, uncounted] : merged;
}

type Given = Pick<MergedEvent, 'cluster' | 'namespace' | 'name' | 'entry'>;
type Told = Given & Pick<MergedEvent, 'proposed'>;

/** What a file gives; undefined where it is none of the generator's. */
function givenIn(
  { territory, generator }: Recorded,
  path: string,
  content: Uint8Array | undefined,
): readonly (readonly [key: string, given: Given])[] | undefined {
  const cluster = territory.clusterOf(path);
  if (cluster === undefined || content === undefined) return undefined;
  const parsed = generator.parse({ path, mode: '100644', oid: '' }, content);
  if (parsed.kind !== 'rendered') return undefined;
  const unit = { cluster, ...parsed.unit };
  const entries = generator.given?.(parsed.state) ?? new Map([['', {}]]);
  return [...entries].map(([key, entry]) => [`${unitKey(unit)}\0${key}`, { ...unit, entry }] as const);
}

function mergedBy({ commit, at, author, subject }: LoggedCommit): MergedBy {
  const pull = /^Merge pull request #(\d{1,9}) |\(#(\d{1,9})\)$/.exec(subject);
  const number = Number(pull?.[1] ?? pull?.[2] ?? 0);
  return { commit, at, author, ...(number === 0 ? {} : { pull: number }) };
}
