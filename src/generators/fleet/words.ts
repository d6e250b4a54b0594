import type { Change } from '../../core/change.ts';
import { plainWords } from '../../core/plain-words.ts';
import type { ChangeWords, Words } from '../../core/words.ts';
import { type Show, someOf } from '../../model/text.ts';
import type { GoneReason, ModuleChange, ModuleReason } from './change.ts';
import type { Skipped } from './problems.ts';

const plain = plainWords<ModuleChange>(
  {
    source: 'the inputs of the fleet',
    unit: 'module',
    part: 'version',
    weight: 'module',
    subject: 'cluster',
  },
  () => ({ part: '', who: '', why: '' }),
);

/** A fleet in the words of a reviewer: which clusters get which version of a module, and why. */
export const fleetWords: Words<ModuleChange> = {
  ...plain,
  describe,
  heading: ({ detail }) => detail.module,
  skipped: (notes, show) => ((notes['skipped'] ?? []) as readonly Skipped[]).map(({ reason }) => show(reason)),
};

function describe({ namespace, effect, detail }: Change<ModuleChange>, show: Show): ChangeWords {
  const { step, replaces, keys = [], reason } = detail;
  const changed = keys.length === 0 ? [] : [someOf(keys.map(show), 5)];
  const replaced = replaces === undefined ? [] : [`replaces ${show(replaces)}`];
  const why = effect === 'modify' ? [...(step === undefined ? [] : [step]), ...replaced, ...changed] : [];
  return {
    part: versionWords(detail, show),
    who: namespace === undefined ? 'all clusters' : show(namespace),
    why: [...why, reasonWords(reason, show)].join(', '),
  };
}

/** `2.0.3`, or `2.0.3 → 2.1.0`. */
function versionWords({ from, to }: ModuleChange, show: Show): string {
  if (from === undefined || to === undefined || from === to) return show(to ?? from ?? '');
  return `${show(from)} → ${show(to)}`;
}

function reasonWords(reason: ModuleReason | GoneReason | 'source', show: Show): string {
  if (typeof reason === 'object') return presentWords(reason, show);
  switch (reason) {
    case 'source':
      return 'where its chart is from';
    case 'cluster-removed':
      return 'the cluster left the fleet';
    case 'not-listed':
      return 'the cluster does not list it';
    case 'module-removed':
      return 'the module was removed';
    case 'not-beta':
      return 'the cluster has no label beta';
    case 'not-internal':
      return 'the cluster has no label internal';
    case 'hub-changed':
      return 'the hub of the fleet changed';
  }
}

function presentWords({ kind, channel, pinned }: ModuleReason, show: Show): string {
  const version = pinned ? ['version of the cluster'] : channel === undefined ? [] : [`channel ${show(channel)}`];
  const words = [...(kind === 'mandatory' ? ['mandatory'] : []), ...version];
  return words.length === 0 ? 'the cluster lists it' : words.join(', ');
}
