import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type Scope, splitScopes } from '../../src/core/scope.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import type { AccessChange } from '../../src/model/access.ts';
import { renderText } from '../../src/report/terminal.ts';
import { corePlanOf } from '../support/planning.ts';
import { busyPlan, reportOf, scopeOf, scopeWith } from '../support/proposal.ts';
import { clusterOf, configOf } from '../support/roles.ts';

const busy = busyPlan();

function textOf(scope: Scope<AccessChange>, color = false): string {
  return renderText(reportOf([scope], busy), { color });
}

test('color is opt-in and does not change the text', () => {
  const plain = textOf(scopeOf(busy));
  const colored = textOf(scopeOf(busy), true);
  assert.ok(!plain.includes('\u001b'));
  assert.ok(colored.includes('\u001b[31m'), 'losses must be red');
  assert.ok(colored.includes('\u001b[32m'), 'gains must be green');
  assert.equal(stripVTControlCharacters(colored), plain);
});

test('reports no changes in one line for all clusters', () => {
  const config = configOf({ clusters: [clusterOf('dev'), clusterOf('prod')] });
  const scopes = splitScopes(corePlanOf({ config, access: [] }), rbac, { groupBy: 'cluster' });
  assert.equal(scopes.length, 2);
  const text = renderText(reportOf(scopes), { color: false });
  assert.match(
    text,
    /^No changes\. Git matches Athenz\.\n\nread 67 domains with 70 requests, as of 2026-11-21 02:57 UTC\n$/,
  );
});

test('omits scopes without changes, except after a failed read', () => {
  const problem = { code: 'INVENTORY_NO_MATCH', message: 'no file' } as const;
  const kept = scopeWith([], { key: 'dev', kept: [{ cluster: 'dev', problem }] });
  const text = renderText(reportOf([scopeWith([]), kept]), { color: false });
  assert.match(
    text,
    /^dev {2}no change\n\n {2}unchanged \(read failed\): no namespace of dev is removed \(INVENTORY_NO_MATCH: no file\)\n/,
  );
});

test('counts files that change no access and says so', () => {
  const file = { cluster: 'prod', namespace: 'web', path: 'output/prod/web/rbac.yaml' };
  assert.match(textOf(scopeWith([], { files: [file] })), /^prod {2}1 file, nobody's access changes\n/);
});

test('long names do not break column alignment', () => {
  const change = (name: string): AccessChange => ({
    kind: 'gain',
    cluster: 'prod',
    namespace: 'web',
    role: 'oncall',
    permission: { roleRef: { kind: 'ClusterRole', name: 'view' } },
    subject: { kind: 'User', name },
    paths: [{}],
  });
  const file = { cluster: 'prod', namespace: 'web', path: 'output/prod/web/rbac.yaml' };
  const scope = scopeWith(['user.a', 'user.abcdef', 'x'.repeat(150)].map(change), { files: [file] });
  const rows = textOf(scope)
    .split('\n')
    .filter((line) => line.startsWith('    +'));
  const [first, second, third] = rows.map((row) => row.indexOf('oncall'));
  assert.equal(first, second);
  assert.ok((first ?? 0) < 60 && (third ?? 0) > 150);
});

test('lists some skipped members and counts the rest', () => {
  const dropped = Array.from({ length: 25 }, (_, index) => ({
    cluster: 'prod',
    namespace: 'web',
    role: 'oncall',
    dropped: { member: `acme.team${index}:ext.x`, reason: 'external', path: {} } as const,
  }));
  const file = { cluster: 'prod', namespace: 'web', path: 'output/prod/web/rbac.yaml' };
  const text = textOf(scopeWith([], { dropped, files: [file] }));
  assert.equal(text.match(/not bindable: /g)?.length, 20);
  assert.match(text, /… and 5 more not bindable/);
});

test('lists held subjects and the flag that approves them', () => {
  const where = { cluster: 'prod', namespace: 'web', role: 'oncall' };
  const gain = { ...where, kind: 'gain', permission: { roleRef: { kind: 'ClusterRole', name: 'view' } } } as const;
  const gains = Array.from({ length: 12 }, (_, index) => ({
    ...gain,
    subject: { kind: 'User', name: `user.n${index}` } as const,
    paths: [{}],
  }));
  const held = { ...where, code: 'LIMIT_ADDED_GRANTS', message: 'many', next: 'look', losses: [], gains } as const;
  const additions = scopeWith([], { held: [held] });
  const text = renderText(reportOf([additions], { heldAdditions: 'fedcba9876543210' }), { color: false });
  assert.match(text, /held: many; look\n {4}web\n {6}\+ user\.n0 +oncall +member of the role\n/);
  for (const { subject } of gains) assert.match(text, new RegExp(`${subject.name} +oncall`));
  assert.match(text, /\nto approve exactly the 12 held additions listed above: --accept-additions fedcba9876543210\n/);
  assert.doesNotMatch(text, /accept-removals/);

  assert.match(
    textOf(scopeOf(busy)),
    /k8s_ns_admins would lose its last member .*\n {4}ml-train\n {6}- user\.ida {2}k8s_ns_admins {2}not in Athenz; origin unknown/,
  );
  assert.match(
    textOf(scopeOf(busy)),
    new RegExp(`the held removal listed above: --accept-removals ${busy.heldRemovals}\\n`),
  );
  assert.doesNotMatch(textOf(scopeOf(busy)), /accept-additions/);
  assert.doesNotMatch(renderText(reportOf([scopeOf(busy), additions]), { color: false }), /--accept/);
});
