import type { ChangeWords, Nouns, Words } from './words.ts';

/** Words for a generator that has little to say but what is added, removed and changed. */
export function plainWords<D>(
  named: Omit<Nouns, 'modified' | 'caused'>,
  describe: (detail: D) => ChangeWords,
): Words<D> {
  const nouns = { ...named, caused: 'removals', modified: `changed ${named.weight}` };
  return {
    nouns,
    nothing: `no ${nouns.weight}`,
    about: `${nouns.weight}s`,
    tally: ({ added, removed, modified }) =>
      (
        [
          [added, 'added'],
          [removed, 'removed'],
          [modified, 'changed'],
        ] as const
      ).flatMap(([amount, what]) => (amount === 0 ? [] : [`${amount} ${what}`])),
    describe: ({ detail }) => describe(detail),
    warnings: () => [],
    sections: () => [],
    skipped: () => [],
  };
}
