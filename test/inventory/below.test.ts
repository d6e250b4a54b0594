import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { isExclusion } from '../../src/config/globs.ts';
import { pathAndParents } from '../../src/git/commit-tree.ts';
import { mayMatchBelow } from '../../src/inventory/below.ts';
import { trials } from '../support/properties.ts';

const cases: readonly (readonly [glob: string, below: readonly string[], not: readonly string[]])[] = [
  ['teams/*/namespaces/*.yaml', ['teams', 'teams/a', 'teams/a/namespaces'], ['team', 'teams/a/b', 'teams/.a', 'docs']],
  ['clusters/**/*.yaml', ['clusters', 'clusters/search-v1.2', 'clusters/a/b'], ['other', 'clusters/.git/a']],
  ['teams/**/{ns,namespace}.yaml', ['teams/search', 'teams/a/b/c'], ['x/teams']],
  ['**/.hidden/*.yaml', ['a', '.hidden', 'a/b/.hidden'], ['.other', 'a/.other/b']],
  ['c/*.txt', ['c'], ['c/README.md', 'c/folder', 'd']],
  ['./c/*.txt', ['c'], ['d']],
  ['{a,b}/{c,d}/ns.txt', ['a', 'b/d'], ['c', 'a/b', 'a/c/ns.txt']],
  ['!(a|b)/ns.txt', ['c'], ['a']],
  ['x/!a/ns.txt', ['x/!a'], ['x/b']],
  // Torn by the slash, or not decided: rather once too often.
  ['{a/b,c}/ns.txt', ['a', 'a/b', 'c', 'd'], []],
  ['a/@(b|c/d)/ns.txt', ['a/b', 'a/c', 'a/c/d', 'a/x'], ['b']],
];
for (const [glob, below, not] of cases) {
  test(`what is below ${below.join(', ')} may match ${glob}`, () => {
    const may = mayMatchBelow(glob);
    assert.deepEqual([...below, ...not].filter(may), below);
  });
}

/** Names of folders and files; some look like a piece of a glob. */
const names = ['a', 'b', 'ab', '.a', 'ns.yaml', '!a', 'a|b', '{a'];
const pieces = [
  ...['*', '**', '?', '*.yaml', '{a,b}', '{a/b,b}', '{a,{b,ab}}', '{1..3}', '[ab]', '[!a]', '[^b]*', '[a/b]', '(a|b)'],
  ...[
    '@(a|b)',
    '!(a)',
    '!(a|b)',
    '!(a/b)',
    '+(a|b)',
    '*(a)',
    '?(a)b',
    '!(*.yaml)',
    'a**',
    '**b',
    '@(**)',
    '\\*',
    '"*"',
  ],
  ...['+', '$', '^a', 'a|b', '!b', '{', '}', '[', ']', '(', ')', '.*', '.', '{.a,a}', '*{a,b}*', 'a{,b}', '@(a)*'],
];
const part = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('*', '**', '?', ...names) }, fc.constantFrom(...pieces));
const glob = fc
  .array(
    fc.array(part, { minLength: 1, maxLength: 2 }).map((texts) => texts.join('')),
    { minLength: 2, maxLength: 4 },
  )
  .map((parts) => parts.join('/'))
  .filter((it) => !isExclusion(it));

/** All paths of two to four parts. */
const paths = [2, 3, 4].flatMap((depth) => pathsOf(depth));

function pathsOf(depth: number): readonly string[] {
  if (depth === 1) return names;
  return pathsOf(depth - 1).flatMap((above) => names.map((name) => `${above}/${name}`));
}

test('whatever matches a glob, every folder above it says that it may', () => {
  let matched = 0;
  fc.assert(
    fc.property(glob, (text) => {
      const [matches, may] = [picomatch(text), mayMatchBelow(text)];
      for (const path of paths.filter((it) => matches(it))) {
        matched++;
        for (const folder of pathAndParents(path).slice(0, -1))
          assert.ok(may(folder), `${text} matches ${path}, below ${folder}`);
      }
    }),
    { numRuns: trials(250) },
  );
  assert.ok(matched > 1000, `only ${matched} matches`);
});
