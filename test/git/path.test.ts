import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathFrom, pathInside } from '../../src/git/path.ts';

const cases: Readonly<Record<string, readonly [from: string, inside: string | undefined]>> = {
  '/repo': ['', undefined],
  '/repo/a': ['a', 'a'],
  '/repo/a/../b/c.yaml': ['b/c.yaml', 'b/c.yaml'],
  '/repo/..a/b': ['..a/b', '..a/b'],
  '/repo/...': ['...', '...'],
  '/': ['..', undefined],
  '/repository/a': ['../repository/a', undefined],
  '/elsewhere': ['../elsewhere', undefined],
};
for (const [path, [from, inside]] of Object.entries(cases)) {
  test(`${path} is ${inside === undefined ? 'not ' : ''}inside /repo`, () => {
    assert.equal(pathFrom('/repo', path), from);
    assert.equal(pathInside('/repo', path), inside);
  });
}
