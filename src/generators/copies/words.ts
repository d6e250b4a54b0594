import type { Change } from '../../core/change.ts';
import { plainWords } from '../../core/plain-words.ts';
import type { UnitId } from '../../core/unit.ts';
import type { ChangeWords, Words } from '../../core/words.ts';
import { type Show, someOf } from '../../model/text.ts';
import type { CopyChange, CopyReason } from './change.ts';
import type { Skipped } from './compile.ts';

const plain = plainWords<CopyChange>(
  {
    source: 'the sources of copies',
    unit: 'copy',
    part: 'source',
    weight: 'copy',
    subject: 'namespace',
  },
  () => ({ part: '', who: '', why: '' }),
);

/** Copies in the words of a reviewer: which object reaches which namespaces, which fields change, and why. */
export const copyWords: Words<CopyChange> = {
  ...plain,
  describe,
  heading: ({ detail }) => detail.object,
  skipped: (notes, show) =>
    skippedIn(notes).map(({ sync, reason }) =>
      sync === undefined ? show(reason) : `ObjectSync ${show(sync)}: ${show(reason)}`,
    ),
};

function describe({ namespace = '', detail }: Change<CopyChange>, show: Show): ChangeWords {
  const { source, objectSync, keys, reason, stays } = detail;
  const left = stays ? '; the object stays in the cluster (adopt)' : '';
  const why = `${reasonWords(reason, show(objectSync))}${left}`;
  const changed = keys === undefined ? '' : `${someOf(keys.map(show), 5)} (${why})`;
  return { part: source, who: show(namespace), why: keys === undefined || keys.length === 0 ? why : changed };
}

function reasonWords(reason: CopyReason, sync: string): string {
  switch (reason) {
    case 'asked-for':
    case 'source-changed':
      return `ObjectSync ${sync}`;
    case 'adopted':
      return `adopts a foreign file, ObjectSync ${sync}`;
    case 'sync-removed':
      return `ObjectSync ${sync} was removed`;
    case 'source-removed':
      return `its source was removed, ObjectSync ${sync}`;
    case 'namespace-removed':
      return 'the namespace left the inventory';
    case 'namespace-deleted':
      return 'the namespace is being deleted';
    case 'not-asked-for':
      return `ObjectSync ${sync} no longer asks for it`;
    case 'not-watched':
      return `the namespace of ObjectSync ${sync} left copies.watchNamespaces`;
    case 'not-allowed':
      return 'the namespace left copies.targetNamespaces';
    case 'cluster-removed':
      return 'the cluster left the config';
  }
}

/** What is left out, as it is kept among the notes. */
export interface SkippedNote extends UnitId, Skipped {}

function skippedIn(notes: Parameters<Words<CopyChange>['skipped']>[0]): readonly SkippedNote[] {
  return (notes['skipped'] ?? []) as readonly SkippedNote[];
}
