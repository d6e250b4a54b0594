import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followersIn, rebasedDifferences } from '../../src/git/rebase.ts';
import { touchedBetween } from '../../src/git/touched.ts';
import { makeRepository, type TestRepository } from '../support/repository.ts';

const nothing = '000000 0';
const added = (path: string) => ({ path, before: nothing, after: '100644 1' });
const changed = (path: string) => ({ path, before: '100644 1', after: '100644 2' });
const deleted = (path: string) => ({ path, before: '100644 1', after: nothing });

for (const [what, commits, followers, alone] of [
  ['a file of the base', [[changed('a')]], [], []],
  ['a new file', [[added('b')]], [], []],
  ['a file that the base lacks', [[changed('a')], [changed('b')]], [1], [1]],
  ['a deleted file', [[deleted('a')], [changed('a')]], [0], [0]],
  ['a file that the range adds and changes', [[added('b')], [changed('b')]], [1], []],
] as const) {
  test(`a change may follow a moved file: ${what}`, () => {
    const range = commits.map((differences, commit) => ({ commit, differences }));
    const found = followersIn(range, new Set(['a']));
    assert.deepEqual(
      [found.followers, found.alone].map((it) => it.map(({ commit }) => commit)),
      [followers, alone],
    );
  });
}

const lines = Array.from({ length: 10 }, (_, index) => `line ${index}\n`);
const textOf = (...changes: readonly (readonly [index: number, text: string])[]) =>
  lines.map((line, index) => changes.find(([at]) => at === index)?.[1] ?? line).join('');

/** What a rebase of `change` on `main` changes below `owned/`: `<subject> <path>`. */
async function rebasedIn({ git, own }: TestRepository): Promise<readonly string[]> {
  const [base, head] = [git('rev-parse', 'main'), git('rev-parse', 'change')];
  const touched = await touchedBetween(own, base, head, () => true);
  const found = await rebasedDifferences(own, base, head, touched, (path) => path.startsWith('owned/'));
  return found.flatMap(({ commit, differences }) =>
    differences.map(({ path }) => `${git('show', '--no-patch', '--format=%s', commit)} ${path}`),
  );
}

test('a change of a file that the range adds follows it where the base has an equal of that commit', async () => {
  await using repository = await makeRepository();
  await repository.commit({ other: '1' });
  repository.git('switch', '--quiet', '--create', 'change');
  await repository.commit({ a: textOf() }, 'Add');
  await repository.commit({ a: textOf([9, 'more\n']) }, 'Change');
  repository.git('switch', '--quiet', 'main');
  await repository.commit({ 'owned/similar': textOf([0, 'first\n']) }, 'A similar file');
  assert.deepEqual(await rebasedIn(repository), [], 'git has both files then');
  await repository.commit({ a: textOf() }, 'Add, too');
  await repository.commit({ a: null }, 'Delete');
  assert.deepEqual(await rebasedIn(repository), ['Change owned/similar'], 'git rebase skips the first commit');
});

test('a rebase ends at a conflict, and what follows it is looked at alone', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: textOf(), b: '1\n' });
  repository.git('switch', '--quiet', '--create', 'change');
  await repository.commit({ b: '2\n' }, 'Conflict');
  await repository.commit({ a: textOf([9, 'more\n']) }, 'Change');
  repository.git('switch', '--quiet', 'main');
  await repository.commit({ a: null, 'owned/a': textOf([0, 'first\n']), b: '3\n' }, 'Move');
  assert.deepEqual(await rebasedIn(repository), ['Change owned/a']);
});
