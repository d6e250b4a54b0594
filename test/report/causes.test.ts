import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rbacWords } from '../../src/generators/rbac/words/words.ts';
import type { Loss } from '../../src/model/access.ts';
import { renderMessage } from '../../src/report/message.ts';
import { renderText } from '../../src/report/terminal.ts';
import { bodyOf, reportOf, scopeWith } from '../support/proposal.ts';

const permission = { roleRef: { kind: 'ClusterRole', name: 'view' } } as const;
const words = "not in Athenz; origin unknown (the role's group acme.org:group.sre has no members)";

/** Losses in two namespaces. */
function losses(amount: number, more: Partial<Loss>): readonly Loss[] {
  return Array.from({ length: amount }, (_, index) => ({
    kind: 'lose',
    cluster: 'prod',
    namespace: index % 2 === 0 ? 'search' : 'web',
    role: 'admins',
    subject: { kind: 'User', name: `user.n${index}` },
    permission,
    reason: 'origin-unknown',
    proven: false,
    ...more,
  }));
}

const emptied = { group: { name: 'acme.org:group.sre', reason: 'group-empty' } } as const;

/** Everything that tells of changes. */
function texts(changes: readonly Loss[]): Readonly<Record<string, string>> {
  const scope = scopeWith(changes, {
    files: [{ path: 'output/prod/search/rbac.yaml', cluster: 'prod', namespace: 'search' }],
  });
  return {
    terminal: renderText(reportOf([scope]), { color: false }),
    body: bodyOf(scope)
      .replaceAll(/<\/?code>|`/g, '')
      .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))),
    message: renderMessage(scope, rbacWords, []),
  };
}

for (const [medium, text] of Object.entries(texts(losses(6, emptied)))) {
  test(`one cause of many losses is named once (${medium})`, () => {
    assert.equal(text.split('has no members').length - 1, 1, text);
    assert.ok(text.includes(`cause 1: ${words} (6 losses in 2 namespaces)`), text);
    for (let index = 0; index < 6; index++) assert.ok(text.includes(`user.n${index}`), 'everybody is named');
  });
}

test('a missing domain, role or namespace is named once', () => {
  for (const [reason, expected] of [
    ['domain-absent', 'the domain does not exist in Athenz'],
    ['role-absent', 'the role does not exist in Athenz'],
    ['namespace-excluded', 'the namespace is excluded by clusters[].namespaces.exclude'],
  ] as const) {
    for (const text of Object.values(texts(losses(24, { reason }))))
      assert.equal(text.split(expected).length - 1, 1, text);
  }
});

test('few losses, and losses that have nothing in common, are listed line by line', () => {
  for (const changes of [losses(4, emptied), losses(6, {})]) {
    for (const text of Object.values(texts(changes))) assert.ok(!text.includes('cause 1'), text);
  }
});

test('one cause of many losses that are held is named once', () => {
  const changes = losses(6, emptied);
  const held = {
    cluster: 'prod',
    code: 'LIMIT_REMOVED_GRANTS',
    message: 'too many',
    next: 'look',
    losses: changes,
  } as const;
  const scope = scopeWith([], { held: [held] });
  for (const text of [renderText(reportOf([scope]), { color: false }), bodyOf(scope)]) {
    assert.equal(text.split('cause 1: ').length - 1, 1, text);
    for (let index = 0; index < 6; index++) assert.ok(text.includes(`user.n${index}`), 'everybody is named');
  }
});

test('a prefix that has changed is one cause', () => {
  const { terminal = '' } = texts(losses(6, { reason: 'renamed', detail: 'oidc:' }));
  assert.match(
    terminal,
    /cause 1: the same member is no longer bound with the prefix oidc: \(6 losses in 2 namespaces\)/,
  );
});
