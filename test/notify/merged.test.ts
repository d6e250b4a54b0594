import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BranchCommit } from '../../src/git/first-parent.ts';
import { mergedEvents, type Recorded } from '../../src/notify/merged.ts';

/** Files of `namespace: entry, entry`, below `out/<cluster>/`. */
const lists: Recorded = {
  territory: {
    roots: ['out'],
    clusterOf: (path: string) => /^out\/([^/]+)\//.exec(path)?.[1],
    keeps: (path: string) => path.endsWith('kustomization.yaml'),
  } as object as Recorded['territory'],
  generator: {
    name: 'lists',
    parse(_, content) {
      const [namespace = '', entries] = Buffer.from(content).toString().split(': ');
      if (entries === undefined) return { kind: 'foreign' };
      return { kind: 'rendered', unit: { namespace }, state: entries.split(', ') };
    },
    given: (state) => new Map((state as readonly string[]).map((it) => [it, { it }])),
  },
};

const head = { commit: 'c', parents: [], at: 't', author: 'a', scope: '', polled: '', subject: '' };

/** What a commit tells that changed files: each path with its text before and after. */
function told(
  files: Readonly<Record<string, readonly [before: string | null, after: string | null]>>,
  subject = '',
): readonly string[] {
  const contents = new Map(
    Object.values(files)
      .flat()
      .flatMap((text) => (text === null ? [] : [[text, Buffer.from(text)] as const])),
  );
  const changes = Object.entries(files).map(([path, [before, after]]) => ({
    path,
    before: before ?? undefined,
    after: after ?? undefined,
  }));
  const commit: BranchCommit = { head: { ...head, subject }, changes };
  return mergedEvents(commit, [lists], contents).map((it) => {
    if (it.type === 'uncounted') return `${it.why} ${it.to}`;
    const { change, cluster, namespace, entry, pull } = it;
    return `${change} ${cluster}/${namespace} ${entry['it']}${pull === undefined ? '' : ` #${pull}`}`;
  });
}

const cases: readonly (readonly [name: string, files: Parameters<typeof told>[0], expected: readonly string[]])[] = [
  ['a new file gives all', { 'out/p/a': [null, 'a: x, y'] }, ['gained p/a x', 'gained p/a y']],
  ['a removed file takes all', { 'out/p/a': ['a: x', null] }, ['lost p/a x']],
  ['an edit tells the difference', { 'out/p/a': ['a: x, y', 'a: y, z'] }, ['lost p/a x', 'gained p/a z']],
  ['a move tells nothing', { 'out/p/a': ['a: x', null], 'out/p/b': [null, 'a: x'] }, []],
  [
    'another cluster is another entry',
    { 'out/p/a': ['a: x', null], 'out/q/a': [null, 'a: x'] },
    ['lost p/a x', 'gained q/a x'],
  ],
  ['a file that becomes foreign may still give all', { 'out/p/a': ['a: x', 'by hand'] }, ['unreadable c']],
  ['a file that was foreign may have given all', { 'out/p/a': ['by hand', 'a: x'] }, ['unreadable c']],
  [
    'a foreign file may give anything, and hides nothing of others',
    { 'out/p/a': [null, 'by hand'], 'out/p/b': [null, 'b: x'], 'out/p/c': ['by hand', null] },
    ['gained p/b x', 'unreadable c'],
  ],
  [
    'files elsewhere and kept ones tell nothing',
    { 'src/p/a': [null, 'a: x'], 'out/p/kustomization.yaml': [null, 'a: x'] },
    [],
  ],
];
for (const [name, files, expected] of cases) test(name, () => assert.deepEqual(told(files), expected));

for (const [subject, pull] of [
  ['Merge pull request #12 from acme/branch', ' #12'],
  ['Grant access (#345)', ' #345'],
  ['Revert "Grant access (#345)"', ''],
  ['See #12', ''],
  ['Merge branch main', ''],
] as const) {
  test(`"${subject}" is ${pull === '' ? 'no pull request' : `pull request${pull}`}`, () => {
    assert.deepEqual(told({ 'out/p/a': [null, 'a: x'] }, subject), [`gained p/a x${pull}`]);
  });
}
