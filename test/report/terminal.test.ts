import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { AccessChange, Scope } from '../../src/model/change.ts';
import { splitScopes } from '../../src/plan/scope.ts';
import { renderText } from '../../src/report/terminal.ts';
import { planOf } from '../support/planning.ts';
import { busyPlan, resultOf, scopeOf, scopeWith } from '../support/proposal.ts';
import { clusterOf, configOf } from '../support/roles.ts';

const busy = busyPlan();

function textOf(scope: Scope, color = false): string {
  return renderText(resultOf(busy), [scope], { color });
}

test('there is colour only when it is asked for, and it changes no word', () => {
  const plain = textOf(scopeOf(busy));
  const colored = textOf(scopeOf(busy), true);
  assert.ok(!plain.includes('\u001b'));
  assert.ok(colored.includes('\u001b[31m'), 'who loses is red');
  assert.ok(colored.includes('\u001b[32m'), 'who gains is green');
  assert.equal(stripVTControlCharacters(colored), plain);
});

test('nothing to change is said in one line, not cluster by cluster', () => {
  const config = configOf({ clusters: [clusterOf('dev'), clusterOf('prod')] });
  const scopes = splitScopes(planOf({ config, access: [] }), 'cluster');
  assert.equal(scopes.length, 2);
  const text = renderText(resultOf({}), scopes, { color: false });
  assert.match(
    text,
    /^Nothing to change: git has what Athenz says\.\n\nread 67 domains with 70 requests, as of 2026-11-21 02:57 UTC\n$/,
  );
});

test('scopes in which nothing changes are passed over, those with something held or kept are not', () => {
  const problem = { code: 'INVENTORY_NO_MATCH', message: 'no file' } as const;
  const kept = scopeWith([], { key: 'dev', kept: [{ cluster: 'dev', problem }] });
  const text = renderText(resultOf({}), [scopeWith([]), kept], { color: false });
  assert.match(
    text,
    /^dev {2}no change\n\n {2}kept as it was: no namespace of dev is removed \(INVENTORY_NO_MATCH: no file\)\n/,
  );
});

test('files that change nobody are counted, and it is said that they change nobody', () => {
  const file = { cluster: 'prod', namespace: 'web', path: 'output/prod/web/rbac.yaml' };
  assert.match(textOf(scopeWith([], { files: [file] })), /^prod {2}1 file, nobody's access changes\n/);
});

test('names of any length leave the columns of others in line', () => {
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

test('everything there is no subject for is counted, and some of it named', () => {
  const dropped = Array.from({ length: 25 }, (_, index) => ({
    cluster: 'prod',
    namespace: 'web',
    role: 'oncall',
    dropped: { member: `acme.team${index}:ext.x`, reason: 'external', path: {} } as const,
  }));
  const file = { cluster: 'prod', namespace: 'web', path: 'output/prod/web/rbac.yaml' };
  const text = textOf(scopeWith([], { dropped, files: [file] }));
  assert.equal(text.match(/no subject: /g)?.length, 20);
  assert.match(text, /… and 5 more that are no subjects/);
});

test('who is held back is named, and the value that lets it through is there to be copied', () => {
  const where = { cluster: 'prod', namespace: 'web', role: 'oncall' };
  const gain = { ...where, kind: 'gain', permission: { roleRef: { kind: 'ClusterRole', name: 'view' } } } as const;
  const gains = Array.from({ length: 12 }, (_, index) => ({
    ...gain,
    subject: { kind: 'User', name: `user.n${index}` } as const,
    paths: [{}],
  }));
  const held = { ...where, code: 'LIMIT_ADDED_GRANTS', message: 'many', next: 'look', losses: [], gains } as const;
  const additions = scopeWith([], { held: [held] });
  const text = renderText(resultOf({ heldAdditions: 'fedcba9876543210' }), [additions], { color: false });
  assert.match(text, /held back: web: many; look\. Not added: user\.n0, .*, user\.n9 and 2 more\.\n/);
  assert.match(text, /every addition that this run holds back .* once: --accept-additions fedcba9876543210\n/);
  assert.doesNotMatch(text, /accept-removals/);

  assert.match(textOf(scopeOf(busy)), /ml-train would lose its last member; .*\. Kept: user\.ida\.\n/);
  assert.match(textOf(scopeOf(busy)), new RegExp(`every removal .* once: --accept-removals ${busy.heldRemovals}\\n`));
  assert.doesNotMatch(textOf(scopeOf(busy)), /accept-additions/);
  assert.doesNotMatch(renderText(resultOf({}), [scopeOf(busy), additions], { color: false }), /--accept/);
});
