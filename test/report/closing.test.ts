import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rbacWords } from '../../src/generators/rbac/words/words.ts';
import type { Loss } from '../../src/model/access.ts';
import { closingComment } from '../../src/report/closing.ts';
import { scopeWith } from '../support/proposal.ts';

const facts = { base: 'main', asOf: '2026-11-21T02:57:12.000Z', approvals: [] };
const held = {
  cluster: 'prod',
  namespace: 'payments',
  code: 'LIMIT_NEVER_EMPTY',
  message: 'admins in payments would lose its last member <b>',
  next: 'n',
  losses: [],
} as const;

const loss: Loss = {
  kind: 'lose',
  cluster: 'prod',
  namespace: 'payments',
  role: 'admins',
  permission: { roleRef: { kind: 'ClusterRole', name: 'admin' } },
  subject: { kind: 'User', name: 'user.ada' },
  reason: 'origin-unknown',
  proven: false,
};

test('a pull request that is closed says that the base matches Athenz', () => {
  assert.equal(
    closingComment({ key: 'prod', scope: scopeWith([]) }, rbacWords, facts),
    'Closed by athenz-gitops, as of 2026-11-21 02:57 UTC: no changes are left. `main` matches Athenz.',
  );
});

test('a pull request that is closed while something is held says so', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({
    ...held,
    message: `${held.message} ${index}`,
    losses: index === 0 ? [loss, loss, loss] : [loss],
  }));
  const text = closingComment({ key: 'prod', scope: scopeWith([], { held: many }) }, rbacWords, facts);
  assert.match(
    text,
    /what is left is held and needs approval, so `main` does not match Athenz\. Held: 14 removals\.\n/,
  );
  assert.match(text, /LIMIT_NEVER_EMPTY\)\n- … and 2 more$/);
  assert.ok(!/<b>|no changes are left|matches Athenz\.$/.test(text), text);
});

test('a pull request that is closed over what nobody can approve does not ask for approval', () => {
  const foreign = { ...held, code: 'OUTPUT_FOREIGN', message: 'x.yaml is foreign' } as const;
  const text = closingComment({ key: 'prod', scope: scopeWith([], { held: [foreign] }) }, rbacWords, facts);
  assert.match(text, /what is left is held, so `main` does not match Athenz\. Held: 1 problem\.\n/);
});

test('a pull request of a scope that is gone says nothing about Athenz', () => {
  const text = closingComment({ key: 'prod/part-3' }, rbacWords, facts);
  assert.match(text, /nothing is proposed for `prod\/part-3` now/);
  assert.doesNotMatch(text, /matches Athenz/);
});
