import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLookalikes } from '../../src/adopt/lookalikes.ts';

const list = [
  'eks.users',
  'eks.users.prod',
  'eks.users.mine.prod',
  'eks.users.mine',
  'eks.users2.prod',
  'eks.usersprod',
  'eks.other.prod',
  'prod',
  'eks.users.elsewhere',
  'eks.users.mine.elsewhere',
].map((name) => ({ name, modified: '2026-11-21T00:00:00.000Z', enabled: true }));

const lookalikesOf = (domain: string) => findLookalikes({ domain, namespaces: ['prod'] }, list).map((it) => it.domain);

test('finds domains with the same prefix and last label (S1, S2)', () => {
  assert.deepEqual(lookalikesOf('eks.users.{namespace}'), ['eks.users.mine.prod', 'eks.users2.prod']);
  assert.deepEqual(findLookalikes({ domain: 'eks.users.{namespace}', namespaces: ['prod'] }, list)[0], {
    domain: 'eks.users.mine.prod',
    namespace: 'prod',
    expected: 'eks.users.prod',
  });
});

test('finds none for templates other than <parent>.{namespace}', () => {
  assert.deepEqual(lookalikesOf('eks.{namespace}.users'), []);
  assert.deepEqual(lookalikesOf('{namespace}'), []);
});
