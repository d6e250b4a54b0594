import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../src/core/plan.ts';
import { splitScopes } from '../../src/core/scope.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { rbacWords } from '../../src/generators/rbac/words/words.ts';
import type { AccessChange } from '../../src/model/access.ts';
import { approvalsOf } from '../../src/report/approval.ts';
import { renderMessage } from '../../src/report/message.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { renderSummary, summaryLimit } from '../../src/report/summary.ts';
import { renderText } from '../../src/report/terminal.ts';
import { wrapText } from '../../src/report/wrap.ts';
import { assertGolden } from '../support/golden.ts';
import { corePlanOf, treeOf } from '../support/planning.ts';
import { bodyFacts, bodyOf, busyPlan, reportOf, scopeOf } from '../support/proposal.ts';
import { clusterOf, configOf, granted, noLimits, unknown } from '../support/roles.ts';

const busy = busyPlan();
const facts = { ...bodyFacts, asOf: '2026-11-21T02:57:12.000Z' };

/** A plan for two clusters with changes of the same namespace in both. */
function twoClusters(): Plan<AccessChange> {
  const limits = { ...noLimits, neverEmpty: ['k8s_ns_viewers'] };
  const config = configOf({ clusters: [clusterOf('dev'), clusterOf('prod')], limits });
  const roles = (cluster: 'dev' | 'prod', ...names: string[]) => [
    granted(`${cluster}/payments/k8s_ns_admins`, names, {
      dropped: [{ member: 'acme.ext:ext.jo', reason: 'external', path: {} }],
      expires: '2026-12-01T09:30:00.000Z',
    }),
    granted(`${cluster}/payments/k8s_ns_viewers`, []),
    unknown(`${cluster}/search/k8s_ns_admins`),
  ];
  const previous = [...roles('dev', 'user.ada'), ...roles('prod', 'user.bo')].filter(
    (role) => role.role !== 'k8s_ns_viewers',
  );
  const viewers = (['dev', 'prod'] as const).map((cluster) =>
    granted(`${cluster}/payments/k8s_ns_viewers`, ['user.gus']),
  );
  const files = treeOf({ config, access: [...previous, ...viewers] });
  return corePlanOf({
    config,
    files,
    access: [...roles('dev', 'user.bo'), ...roles('prod', 'user.bo', 'user.ada')],
    incomplete: ['dev'],
  });
}

const place = { workflow: 'sync.yml', list: '[the log of this run](https://github.com/acme/gitops/actions/runs/1)' };
const both = twoClusters();
const [all] = splitScopes(both, rbac, { groupBy: 'all' });
assert.ok(all !== undefined);

const trailers = [
  ['Athenz-Gitops-Scope', 'prod'],
  ['Athenz-Gitops-Polled', facts.asOf],
] as const;

/** A sync run with varied outcomes. */
function busyRun(): RunReport {
  const branch = (scope: string) => ({ generator: 'rbac', scope, branch: `athenz-gitops/main/${scope}` });
  const pull = (number: number, state: 'open' | 'closed') =>
    ({ number, url: `https://github.com/acme/gitops/pull/${number}`, state }) as const;
  return reportOf([scopeOf(busy)], {
    ...busy,
    command: 'sync',
    exitCode: 4,
    base: { branch: 'main', commit: '41b548d33424c425e75416688f1a72d9a159b3d1' },
    proposals: [
      {
        ...branch('prod'),
        action: 'up-to-date',
        pull: { ...pull(12, 'open'), startsNoChecks: true },
        removalsSince: '2026-11-17T22:02:00.000Z',
      },
      {
        ...branch('stage'),
        action: 'declined',
        pull: pull(9, 'closed'),
        reason: '#9, which proposed the same, was closed',
      },
      { ...branch('old'), action: 'delete', pull: pull(3, 'closed') },
    ],
  });
}

/** Update with: UPDATE_GOLDEN=1 node --test test/report/golden.test.ts */
for (const [name, file, shown] of [
  ['a pull request body', 'body.md', bodyOf(scopeOf(busy), { ...facts, approvals: approvalsOf(busy), workflow: true })],
  [
    'a pull request body for two clusters',
    'body-two-clusters.md',
    bodyOf(all, { ...facts, approvals: approvalsOf(both) }),
  ],
  ['a plan on a terminal', 'terminal.txt', renderText(reportOf([scopeOf(busy)], busy), { color: false })],
  ...[80, 100, 120].map(
    (width) =>
      [
        `a plan on a terminal of ${width} columns`,
        `terminal-${width}.txt`,
        wrapText(renderText(reportOf([scopeOf(busy)], busy), { color: false }), width),
      ] as const,
  ),
  [
    'a plan for two clusters on a terminal',
    'terminal-two-clusters.txt',
    renderText(reportOf([all], both), { color: false }),
  ],
  ['the step summary', 'summary.md', renderSummary(busyRun(), summaryLimit, place)],
  ['a commit message', 'message.txt', renderMessage(scopeOf(busy), rbacWords, trailers)],
] as const) {
  test(`${name} matches ${file}`, () => assertGolden(file, shown));
}
