import type { Change } from '../../core/change.ts';
import { plainWords } from '../../core/plain-words.ts';
import type { UnitId } from '../../core/unit.ts';
import type { ChangeWords, Words } from '../../core/words.ts';
import { count, type Show } from '../../model/text.ts';
import type { MirrorChange, MirrorReason } from './change.ts';
import type { Skipped } from './compile-input.ts';

const plain = plainWords<MirrorChange>(
  {
    source: 'the sources of mirrored Services',
    unit: 'service',
    part: 'source',
    weight: 'service',
    subject: 'namespace',
  },
  () => ({ part: '', who: '', why: '' }),
);

/** Mirrored Services in the words of a reviewer: which come, go and change, and how many addresses do. */
export const mirrorWords: Words<MirrorChange> = {
  ...plain,
  describe,
  heading: ({ detail }) => detail.object,
  skipped: (notes, show) => skippedIn(notes).map(({ reason }) => show(reason)),
};

function describe({ namespace = '', detail }: Change<MirrorChange>, show: Show): ChangeWords {
  const { source, from, reason } = detail;
  const why = [...whatChanges(detail, show), ...(reasonWords(reason) ?? [])].join('; ');
  return { part: `${source} ${from}`, who: show(namespace), why };
}

function whatChanges({ is, was, targets, addresses, reason }: MirrorChange, show: Show): readonly string[] {
  if (reason === 'selected') {
    const counted = addresses === undefined ? [] : [count(addresses.total, 'address', 'addresses')];
    return [[...(is === undefined ? [] : [show(is)]), ...counted].join(', ')];
  }
  if (reason !== 'changed') return [];
  const isMoved = addresses !== undefined && addresses.added + addresses.removed > 0;
  const changed = [
    ...(was === undefined ? [] : [`${show(was)} → ${is === undefined ? 'nothing' : show(is)}`]),
    ...(targets === undefined ? [] : [`endpoint ports ${show(targets.before)} → ${show(targets.after)}`]),
    ...(isMoved ? [addressesText(addresses)] : []),
  ];
  return changed.length === 0 ? ['labels or settings'] : changed;
}

/** `addresses +1 −1, 50 in all` */
function addressesText({ added, removed, total }: NonNullable<MirrorChange['addresses']>): string {
  const signs = [...(added > 0 ? [`+${added}`] : []), ...(removed > 0 ? [`−${removed}`] : [])];
  return `addresses ${signs.join(' ')}, ${total} in all`;
}

function reasonWords(reason: MirrorReason): readonly string[] | undefined {
  switch (reason) {
    case 'selected':
    case 'changed':
      return undefined;
    case 'not-selected':
      return ['deleted, or no longer selected by its labels'];
    case 'rule-removed':
      return ['no rule of mirrors.services reads it any more'];
    case 'namespace-deleted':
      return ['the namespace is being deleted'];
    case 'cluster-removed':
      return ['the cluster left the config'];
  }
}

/** What is left out, as it is kept among the notes. */
interface SkippedNote extends UnitId, Skipped {}

function skippedIn(notes: Parameters<Words<MirrorChange>['skipped']>[0]): readonly SkippedNote[] {
  return (notes['skipped'] ?? []) as readonly SkippedNote[];
}
