import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Scope } from '../../src/core/scope.ts';
import type { AccessChange } from '../../src/model/access.ts';
import type { Proposal, ProposalAction } from '../../src/model/proposal.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { renderFailure, renderSummary, summaryLimit } from '../../src/report/summary.ts';
import { anyText, hostileNames } from '../support/hostile.ts';
import { assertHarmless } from '../support/outside.ts';
import { trials } from '../support/properties.ts';
import { reportOf, scopeWith } from '../support/proposal.ts';

const asOf = '2026-11-21T02:57:12.000Z';

/** A sync that read everything, unless told otherwise. */
function reportWith(
  proposals: readonly Proposal[],
  scopes: readonly Scope<AccessChange>[] = [scopeWith([])],
  told: Parameters<typeof reportOf>[1] & { readonly unknown?: number } = {},
): RunReport {
  const { unknown = 0, ...more } = told;
  const report = reportOf(scopes, { command: 'sync', proposals, ...more });
  const [part] = report.generators;
  const sources = part.sources.map((source) => ({ ...source, read: source.needed - unknown, unknown }));
  return { ...report, generators: [{ ...part, sources }] };
}

function proposalOf(action: ProposalAction, more: Partial<Proposal> = {}): Proposal {
  return { generator: 'rbac', scope: 'prod', branch: 'athenz-gitops/main/prod', action, ...more };
}

function rowOf(proposal: Proposal, { dryRun = false } = {}): string {
  const lines = renderSummary(reportWith([proposal], [scopeWith([])], { dryRun })).split('\n');
  return lines.find((line) => line.startsWith('| `prod` |')) ?? '';
}

const pull = { number: 7, url: 'https://github.example.com/acme/gitops/pull/7', state: 'open' } as const;
const link = '[#7](https://github.example.com/acme/gitops/pull/7)';

const outcomes: readonly (readonly [ProposalAction, dryRun: boolean, expected: readonly string[]])[] = [
  ['create', false, ['created: ', link]],
  ['create', true, ['would create ', link]],
  ['update', false, ['updated: ', link]],
  ['update', true, ['would update ', link]],
  ['up-to-date', false, ['up to date, awaiting merge', link]],
  ['delete', false, ['closed ', link]],
  ['delete', true, ['would close ', link]],
  ['leave', false, ['skipped', link]],
  ['waiting', false, ['not proposed yet']],
  ['declined', false, ['**declined**', 'Reopen', link]],
  ['blocked', false, ['**blocked**', link]],
  ['superseded', false, ['skipped', link]],
  ['failed', false, ['**failed**', link]],
];
for (const [action, dryRun, expected] of outcomes) {
  test(`shows the outcome ${action}${dryRun ? ' of a dry run' : ''} with its reason`, () => {
    const row = rowOf(proposalOf(action, { pull, reason: 'because' }), { dryRun });
    for (const words of [...expected, action === 'delete' ? '; because' : ': because'])
      assert.ok(row.includes(words), row);
  });
}

test('names the branch if there is no pull request', () => {
  assert.ok(rowOf(proposalOf('create')).includes('created: `athenz-gitops/main/prod`'));
});

test('shows the age of pending removals', () => {
  const age = (removalsSince: string) =>
    /since ([^)]*\))/.exec(rowOf(proposalOf('up-to-date', { removalsSince })))?.[1];
  assert.equal(age('2026-11-18T01:00:00.000Z'), '2026-11-18 01:00 UTC (3 days)');
  assert.equal(age('2026-11-20T02:57:12.000Z'), '2026-11-20 02:57 UTC (24 hours)');
  assert.equal(age(asOf), '2026-11-21 02:57 UTC (0 hours)');
});

test('warns about pull requests that start no checks', () => {
  const withoutChecks = proposalOf('create', { pull: { ...pull, startsNoChecks: true } });
  assert.match(renderSummary(reportWith([withoutChecks])), /^ℹ️ #7 was opened .* starts no checks/m);
  assert.doesNotMatch(renderSummary(reportWith([proposalOf('create', { pull })])), /no checks/);
});

test('lists a deleted scope and omits a scope without changes', () => {
  const deleted = proposalOf('delete', { scope: 'gone', branch: 'athenz-gitops/main/gone' });
  const text = renderSummary(reportWith([proposalOf('none'), deleted]));
  assert.match(text, /^\| `gone` \| {2}\| deleted .*, no longer needed/m);
  assert.doesNotMatch(text, /`prod`/);
});

test('shows how to approve held removals and held additions', () => {
  const place = { cluster: 'prod', namespace: 'web', role: 'admins' } as const;
  const permission = { roleRef: { kind: 'ClusterRole', name: 'view' } } as const;
  const subject = { kind: 'User', name: 'user.ada' } as const;
  const gain = { ...place, kind: 'gain', subject, permission, paths: [] } as const;
  const loss = { ...place, kind: 'lose', subject, permission, reason: 'not-a-member', proven: false } as const;
  const where = { cluster: 'prod', namespace: 'web', message: 'too many', next: 'look' };
  const held = [
    { ...where, code: 'LIMIT_REMOVED_GRANTS', losses: [loss] },
    { ...where, code: 'LIMIT_ADDED_GRANTS', losses: [], gains: [gain] },
  ] as const;
  const digests = { heldRemovals: '0123456789abcdef', heldAdditions: 'fedcba9876543210' };
  const report = reportWith([], [scopeWith([], { held })], digests);
  const summary = renderSummary(report, summaryLimit, { workflow: 'sync.yml', list: 'the log' });
  assert.match(
    summary,
    /the held removal, run `athenz-gitops sync --accept-removals 0123456789abcdef`, or run the workflow by hand with the input `accept-removals` set to `0123456789abcdef` \(`gh workflow run sync\.yml -f accept-removals=0123456789abcdef`\)\. .*`athenz-gitops plan` prints it, and so does the log\./,
  );
  assert.match(summary, /the held addition, run `athenz-gitops sync --accept-additions fedcba9876543210`/);
});

test('shows no success mark after failed, blocked, declined or unread results', () => {
  const success = /✅/;
  for (const proposals of [[], [proposalOf('create')], [proposalOf('up-to-date')]])
    assert.match(renderSummary(reportWith(proposals)), success);
  for (const action of ['failed', 'blocked', 'declined'] as const)
    assert.doesNotMatch(renderSummary(reportWith([proposalOf(action)])), success);
  assert.doesNotMatch(renderSummary(reportWith([], [], { unknown: 1 })), success);
});

/** A run with this name in every field that is controlled from outside. */
function hostileReport(name: string): RunReport {
  const where = { cluster: 'prod', namespace: 'payments', role: name };
  const permission = { roleRef: { kind: 'ClusterRole', name } } as const;
  const gain: AccessChange = { ...where, kind: 'gain', permission, subject: { kind: 'User', name }, paths: [{}] };
  const held = [{ ...where, code: 'LIMIT_NEVER_EMPTY', message: name, next: name, losses: [] }] as const;
  const kept = [{ ...where, problem: { code: 'ZMS_UNAVAILABLE', message: name } }] as const;
  const proposal = proposalOf('blocked', { scope: name, branch: name, reason: name, pull: { ...pull, url: name } });
  const base = { branch: name, commit: '0'.repeat(40) };
  return reportWith([proposal], [scopeWith([gain], { key: name, held, kept })], { base });
}

test('names do not change the markup of a summary', () => {
  fc.assert(
    fc.property(anyText, (name) => {
      const text = renderSummary(hostileReport(name));
      assertHarmless(text);
      const rest = text
        .replace(/<code>[^<>|`\n]*<\/code>|`[^`|<\n]+`/g, '')
        .replace(/<\/?(details|summary)>|\[#7\]\(https?:\/\/[A-Za-z0-9./:_-]+\)/g, '');
      assert.doesNotMatch(rest, /[@<>`[\]~$\\]|:\/\//, text);
      for (const row of rest.split('\n').filter((line) => line.startsWith('|')))
        assert.match(row, /^(\|[^|]*){3}\|$|^(\|[^|]*){5}\|$/, row);
    }),
    { numRuns: trials(50), examples: hostileNames.map((name): [string] => [name]) },
  );
});

test('a failure summary shows the error as plain text', () => {
  for (const message of hostileNames) {
    const text = renderFailure({ code: 'ZMS_UNREACHABLE', message, next: message });
    assertHarmless(text);
    assert.equal(text.split('\n').length, 6);
    assert.match(text, /\(ZMS_UNREACHABLE\)/);
  }
});

test('a summary fits the size limit and keeps urgent rows', () => {
  const changes = Array.from({ length: 60 }, (_, index): AccessChange => {
    const subject = { kind: 'User', name: `user.person_${index}` } as const;
    const permission = { roleRef: { kind: 'ClusterRole', name: 'view' } } as const;
    return { cluster: 'prod', namespace: `n${index}`, role: 'viewers', kind: 'gain', permission, subject, paths: [{}] };
  });
  const files = [{ path: 'output/prod/n/rbac.yaml', cluster: 'prod', namespace: 'n' }];
  const scopes = Array.from({ length: 300 }, (_, index) => scopeWith(changes, { key: `prod/n${index}`, files }));
  const proposals = scopes.map(({ key }) => proposalOf(key === 'prod/n299' ? 'failed' : 'create', { scope: key }));
  const report = reportWith(proposals, scopes);
  const whole = renderSummary(report);
  assert.ok(Buffer.byteLength(whole) <= summaryLimit && Buffer.byteLength(whole) > 100_000);
  for (const limit of [500_000, 50_000, 5_000, 1_000]) {
    const text = renderSummary(report, limit);
    assert.ok(Buffer.byteLength(text) <= limit, `${limit}: ${Buffer.byteLength(text)}`);
    assert.match(text, /1 could not be proposed/);
    if (limit > 1_000) assert.match(text, /^\| `prod\/n299` .*\*\*failed\*\*/m);
  }
  assert.equal(renderSummary(report, 0), '');
});
