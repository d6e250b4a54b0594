import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { rbacWords } from '../../src/generators/rbac/words/words.ts';
import type { AccessChange } from '../../src/model/access.ts';
import { renderMessage } from '../../src/report/message.ts';
import { titleOf } from '../../src/report/words.ts';
import { anyText } from '../support/hostile.ts';
import { busyPlan, scopeOf, scopeWith } from '../support/proposal.ts';
import { gitEnv } from '../support/repository.ts';

const where = { cluster: 'prod', namespace: 'payments', role: 'oncall' };
const permission = { roleRef: { kind: 'ClusterRole', name: 'view' } } as const;

function gain(name: string, namespace = 'payments'): AccessChange {
  return { ...where, namespace, kind: 'gain', permission, subject: { kind: 'User', name }, paths: [{}] };
}

function loss(name: string, namespace = 'payments'): AccessChange {
  const subject = { kind: 'User', name } as const;
  return { ...where, namespace, kind: 'lose', permission, subject, reason: 'not-a-member', proven: false };
}

const mapping: AccessChange = { ...where, kind: 'mapping', before: 'a', after: 'b' };
const file = { cluster: 'prod', namespace: 'payments', path: 'output/prod/payments/rbac.yaml' };

for (const [changes, files, title] of [
  [[], [file], "athenz-gitops: prod: 1 file, nobody's access changes"],
  [[], [file, file], "athenz-gitops: prod: 2 files, nobody's access changes"],
  [[gain('a')], [file], 'athenz-gitops: prod: 1 grant to add (1 namespace)'],
  [[gain('a'), gain('b', 'web')], [file], 'athenz-gitops: prod: 2 grants to add (2 namespaces)'],
  [[loss('a')], [file], 'athenz-gitops: prod: 1 grant to remove (1 namespace)'],
  [[loss('a'), loss('b')], [file], 'athenz-gitops: prod: 2 grants to remove (1 namespace)'],
  [[gain('a'), loss('b')], [file], 'athenz-gitops: prod: 1 grant to add, 1 to remove (1 namespace)'],
  [
    [gain('a'), gain('b'), loss('c'), loss('d', 'web')],
    [file],
    'athenz-gitops: prod: 2 grants to add, 2 to remove (2 namespaces)',
  ],
  [[mapping], [file], 'athenz-gitops: prod: 1 permission change (1 namespace)'],
  [[gain('a'), mapping, mapping], [file], 'athenz-gitops: prod: 1 grant to add, 2 permission changes (1 namespace)'],
] as const) {
  test(`title: ${title}`, () => {
    assert.equal(titleOf(scopeWith(changes, { files }), rbacWords), title);
  });
}

test('the longest title fits the GitHub limit', () => {
  const key = `${'c'.repeat(63)}/${'n'.repeat(63)}`;
  const many = (change: AccessChange) => Array<AccessChange>(99_999).fill(change);
  const changes = [...many(gain('a')), ...many(loss('b', 'web')), ...many(mapping)];
  const title = titleOf(scopeWith(changes, { key }), rbacWords);
  assert.ok(title.length <= 255, `${title.length}`);
  assert.ok(title.includes(key));
});

/** The trailers that git parses from a message. */
function trailersOf(message: string): readonly string[] {
  const input = { input: message, env: gitEnv, encoding: 'utf8' } as const;
  return execFileSync('git', ['interpret-trailers', '--parse'], input).split('\n').filter(Boolean);
}

const trailers = [
  ['Athenz-Gitops-Scope', 'prod/payments'],
  ['Athenz-Gitops-Digest', `sha256:${'0'.repeat(64)}`],
  ['Athenz-Gitops-Polled', '2026-11-21T02:57:12.345Z'],
] as const;
const lines = trailers.map(([key, value]) => `${key}: ${value}`);

for (const [name, changes] of [
  ['no access change', []],
  ['one change', [gain('user.ada')]],
  ['more changes than it lists', Array.from({ length: 80 }, (_, index) => gain(`user.n${index}`))],
  ['a name like a trailer', [gain('Signed-off-by: Eve <eve@example.com>'), loss('\n\nAthenz-Gitops-Scope: dev')]],
  ['a name like a divider', [gain('---'), loss('---\ndiff --git')]],
] as const) {
  test(`git parses exactly our trailers from a message with ${name}`, () => {
    assert.deepEqual(trailersOf(renderMessage(scopeWith(changes, { files: [file] }), rbacWords, trailers)), lines);
  });
}

test('git parses exactly our trailers for any names in the message', () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (names) => {
      const changes = names.flatMap((name) => [gain(name), loss(name)]);
      assert.deepEqual(trailersOf(renderMessage(scopeWith(changes), rbacWords, trailers)), lines);
    }),
    { numRuns: 50 },
  );
});

test('a message lists 50 changes and counts the rest', () => {
  const message = renderMessage(
    scopeWith(Array.from({ length: 80 }, (_, index) => gain(`user.n${index}`))),
    rbacWords,
    trailers,
  );
  assert.equal(message.match(/^\+ user\./gm)?.length, 50);
  assert.match(message, /\n… and 30 more\n\nAthenz-Gitops-Scope/);
});

test('a message starts with its title and an empty line', () => {
  const scope = scopeOf(busyPlan());
  const [title, blank] = renderMessage(scope, rbacWords, trailers).split('\n');
  assert.deepEqual([title, blank], [titleOf(scope, rbacWords), '']);
});
