import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeTree } from '../../src/git/merge-tree.ts';
import { differences, touchedBetween } from '../../src/git/touched.ts';
import { makeRepository } from '../support/repository.ts';

const none = `000000 ${'0'.repeat(40)}`;
const hostile = ':100644 a\nb\t"c"';

test('differences names each path as it is, and a moved file twice', async () => {
  await using repository = await makeRepository();
  const before = await repository.commit({ [hostile]: '1', 'from.txt': 'moved\n', same: '1' });
  const after = await repository.commit({ [hostile]: '2', 'from.txt': null, 'to.txt': 'moved\n' });
  const found = await differences(repository.own, before, after);
  const blob = (commit: string, path: string) => `100644 ${repository.git('rev-parse', `${commit}:${path}`)}`;
  assert.deepEqual(found, [
    { path: hostile, before: blob(before, hostile), after: blob(after, hostile) },
    { path: 'from.txt', before: blob(before, 'from.txt'), after: none },
    { path: 'to.txt', before: none, after: blob(after, 'to.txt') },
  ]);
});

test('touchedBetween lists commits, and of merges what no parent has', async () => {
  await using repository = await makeRepository();
  const { git } = repository;
  const root = await repository.commit({ a: '1\n', b: '1\n' });
  git('switch', '--quiet', '--create', 'side');
  const side = await repository.commit({ a: '2\n', c: '1' });
  git('switch', '--quiet', 'main');
  const base = await repository.commit({ b: '2\n' });
  git('merge', '--quiet', '--no-commit', 'side');
  const merge = await repository.commit({ [hostile]: '3' }, 'Merge side');
  const all = await touchedBetween(repository.own, base, merge, () => true);
  assert.deepEqual(
    all.map((it) => [it.commit, it.parents, it.differences.map(({ path }) => path)]),
    [
      [merge, [base, side], [hostile]],
      [side, [root], ['a', 'c']],
    ],
  );
  assert.deepEqual(await touchedBetween(repository.own, base, merge, (path) => path === 'b'), []);
  assert.deepEqual(await touchedBetween(repository.own, merge, base, () => true), []);
  git('switch', '--quiet', '--orphan', 'unrelated');
  const orphan = await repository.commit({ d: '1' });
  const [first] = await touchedBetween(repository.own, base, orphan, () => true);
  assert.deepEqual([first?.commit, first?.differences[0]?.path], [orphan, 'd'], 'a first commit touches all it has');
});

test('mergeTree tells a conflict from a merge that is not possible', async () => {
  await using repository = await makeRepository();
  const { git, own } = repository;
  await repository.commit({ a: '1\n' });
  git('switch', '--quiet', '--create', 'clean');
  await repository.commit({ b: '1' });
  git('switch', '--quiet', '--create', 'other', 'main');
  await repository.commit({ a: '2\n' });
  git('switch', '--quiet', 'main');
  await repository.commit({ a: '3\n' });
  assert.equal((await mergeTree(own, 'main', 'clean')).kind, 'clean');
  assert.deepEqual(await mergeTree(own, 'main', 'other'), { kind: 'conflicted', paths: ['a'] });
  git('switch', '--quiet', '--orphan', 'unrelated');
  await repository.commit({ a: '1' });
  const failed = await mergeTree(own, 'main', 'unrelated');
  assert.ok(failed.kind === 'failed' && /unrelated/.test(failed.words));
  assert.equal((await mergeTree(own, 'main', 'f'.repeat(40))).kind, 'failed');
});
