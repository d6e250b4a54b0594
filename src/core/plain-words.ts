import { capital, counts, pluralOf, someOf } from '../model/text.ts';
import type { ChangeWords, Nouns, Words } from './words.ts';

/** Words for a generator that has little to say but what is added, removed and changed. */
export function plainWords<D>(
  named: Omit<Nouns, 'modified' | 'caused'>,
  describe: (detail: D) => ChangeWords,
): Words<D> {
  const nouns = { ...named, caused: 'removals', modified: `changed ${named.weight}` };
  return {
    nouns,
    headings: { who: capital(nouns.subject), why: 'Why', tally: 'Changes' },
    nothing: `no ${nouns.weight}`,
    about: pluralOf(nouns.weight),
    tally: ({ added, removed, modified }) =>
      counts(nouns.weight, [
        [added, 'to add'],
        [removed, 'to remove'],
        [modified, 'to change'],
      ]),
    describe: ({ detail }) => describe(detail),
    emptied: (places, { protected: isProtected, most }) =>
      `${isProtected ? 'also held' : 'would leave with nothing'}: ${someOf(places, most)}`,
    warnings: () => [],
    sections: () => [],
    skipped: () => [],
  };
}
