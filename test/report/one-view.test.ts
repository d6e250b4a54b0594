import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scope } from '../../src/core/scope.ts';
import type { Words } from '../../src/core/words.ts';
import { renderBody } from '../../src/report/markdown.ts';
import { renderMessage } from '../../src/report/message.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { renderText } from '../../src/report/terminal.ts';
import { bodyFacts, reportOf, scopeWith } from '../support/proposal.ts';

const more = { weight: 'book', subject: 'reader', modified: 'reprint', caused: 'returns' };
/** Words of a generator that knows neither Athenz nor access. */
const words: Words<string> = {
  nouns: { source: 'the shelf', unit: 'room', part: 'box', ...more },
  headings: { who: 'Reader', why: 'Reason', tally: 'Loans' },
  nothing: 'no book',
  about: 'which books are out',
  tally: ({ added, removed }) => [`${added} out, ${removed} back`],
  describe: ({ detail }, show) => ({ part: 'fiction', who: show(detail), why: 'term ends', cause: 'term ends' }),
  emptied: (places) => `empty then: ${places.join(', ')}`,
  warnings: ({ torn = [] }, place) => [{ noun: 'box', label: 'torn', places: torn.map(place) }],
  sections: ({ torn = [] }, place) => [{ icon: '📦', title: 'Torn', label: 'tape', lines: torn.map(place) }],
  skipped: () => ['1 book too heavy'],
};

const unit = { cluster: 'prod', namespace: 'hall', name: 'east' };
const changeOf = (effect: 'add' | 'remove', detail: string) =>
  ({ ...unit, id: `${effect} ${detail}`, effect, proven: false, weight: 1, detail }) as const;
const held = { ...unit, code: 'LIMIT_REMOVED_GRANTS', message: 'many', next: 'look' } as const;
const problem = { code: 'INVENTORY_UNREADABLE', message: 'dark' } as const;
const scope: Scope<string> = {
  ...scopeWith([], { files: [{ ...unit, path: 'books/prod/hall.yaml' }] }),
  label: 'books prod',
  changes: [changeOf('add', 'dune'), ...['a', 'b', 'c', 'd', 'e'].map((it) => changeOf('remove', it))],
  held: [{ ...held, changes: [changeOf('remove', 'ulysses')] }],
  kept: [{ ...unit, name: 'west', problem }],
  notes: { torn: [unit] },
};

// Two generators that have a scope of the same key each, and one that failed.
const calm = reportOf([scopeWith([])], { failed: [{ generator: 'maps', problem }] });
const [part] = calm.generators;
const plan = { ...part.plan, held: scope.held, kept: scope.kept, heldRemovals: '0123456789abcdef' };
const sources = [{ name: 'shelf', noun: 'book', requests: 1, needed: 9, read: 8, unknown: 1 }];
const books = { ...part, generator: { name: 'books', words }, sources, plan, scopes: [scope] };
const proposal = { generator: 'books', scope: 'prod', branch: 'b/books.prod', action: 'create' } as const;
const report: RunReport = { ...calm, proposals: [proposal], generators: [part, books] };

for (const [medium, text, ...expected] of [
  [
    'body',
    renderBody(scope, words, { ...bodyFacts, sources }),
    /^\*\*Merging this changes which books are out in cluster `prod`\.\*\* 1 book added, 5 removed, in 1 of 60 rooms\.\n/,
    /\n- cause 1: term ends \(6 returns in 1 room\)\n\n\| {2}\| Room \| Box \| Reader \| Reason \|\n/,
    /\n\| ➕ \| hall\/east \| `fiction` \| dune \| cause 1 \|\n.*\n> 1 box is torn: hall\/east\.\n/s,
    /✋ Held: 1 removal<.* 1 room unchanged.*📦 Torn<\/summary>\n\n- hall\/east\n.* from 8 books\n/s,
  ],
  ['message', renderMessage(scope, words, []), /: books prod: 1 out, 5 back \(1 room\)\n.*\+ dune in hall east fic/s],
  [
    'terminal',
    renderText(report, { color: false }),
    /^books prod {2}1 out, 5 back in 1 of 60 rooms\n.*\n {2}hall\/east\n {4}\+ dune +fiction {2}cause 1\n/s,
    /\n {2}torn: hall\/east\n.*hall\/west \(INV.*\n {2}tape: hall\/east\n\nheld: maps: dark \(INV.*\nskipped: 1 book/s,
    /the held removal listed above: --accept-removals 0123456789abcdef\n.*read 67 domains with 70 requests, 8 books with 1 /s,
  ],
  [
    'summary',
    renderSummary(report),
    /maps was not planned \(INV.* 1 held .* 1 unchanged .* 1 of 68 domains not read; 1 of 9 books not read/,
    /\n\| --- \| --- \| --- \|\n\| <code>books prod<\/code> \| 1 out, 5 back \| created: `b\/books\.prod` \|\n\n/,
  ],
] as const) {
  test(`the words of another generator make its ${medium}`, () => {
    for (const it of expected) assert.match(text, it);
    assert.doesNotMatch(text, /\b(namespace|role|grant|subject|member|loss)(e?s)?\b/);
  });
}
