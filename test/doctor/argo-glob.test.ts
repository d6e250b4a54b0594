import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArgoGlob } from '../../src/doctor/argo-glob.ts';

const cases: readonly (readonly [glob: string, matching: readonly string[], others: readonly string[]])[] = [
  ['*.yaml', ['a.yaml', 'web/rbac.yaml'], ['a.yml']],
  ['**/rbac.yaml', ['web/rbac.yaml', '/rbac.yaml'], ['rbac.yaml']],
  ['web/?.yaml', ['web/a.yaml'], ['web/ab.yaml']],
  ['{a,b/*}.yaml', ['a.yaml', 'b/c.yaml'], ['c.yaml']],
  ['{a,{b,c}d}', ['a', 'bd', 'cd'], ['b', 'ad']],
  ['[ab]c', ['ac', 'bc'], ['cc']],
  ['[!ab]c', ['cc'], ['ac']],
  ['[a-c]1', ['b1'], ['d1', '-1']],
  ['a\\*', ['a*'], ['ab']],
  ['a.c', ['a.c'], ['abc']],
  ['', [''], ['a']],
];
for (const [glob, matching, others] of cases) {
  test(`"${glob}" matches ${matching.join(', ')}, and not ${others.join(', ')}`, () => {
    const matches = readArgoGlob(glob);
    for (const path of matching) assert.equal(matches?.(path), true, path);
    for (const path of others) assert.equal(matches?.(path), false, path);
  });
}

test('braces that do not match, or stand for too much, are no pattern', () => {
  for (const glob of ['{a', 'a}', '{a,{b}', '{a,b}'.repeat(60)]) assert.equal(readArgoGlob(glob), undefined, glob);
});

test('a pattern of many stars ends', () => {
  assert.equal(readArgoGlob(`${'*a'.repeat(50)}b`)?.('a'.repeat(5000)), false);
});
