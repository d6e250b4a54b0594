import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertAges, alertsOf, describeAlert } from '../../src/report/alerts.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { renderText } from '../../src/report/terminal.ts';
import { reportOf } from '../support/proposal.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-28T12:00:00Z');
const ago = (hours: number) => new Date(now - hours * hour).toISOString();
const problem = { code: 'ZMS_TIMEOUT', message: 'no response' } as const;

const report = reportOf([], {
  kept: [
    { cluster: 'prod', namespace: 'a', part: 'x', problem, since: ago(30) },
    { cluster: 'prod', namespace: 'b', part: 'x', problem, since: ago(24) },
    { cluster: 'prod', namespace: 'c', part: 'x', problem, since: ago(23) },
    { cluster: 'prod', namespace: 'd', part: 'x', problem },
  ],
  proposals: [
    { generator: 'rbac', scope: 'prod', branch: 'b', action: 'up-to-date', removalsSince: ago(50) },
    { generator: 'rbac', scope: 'dev', branch: 'c', action: 'up-to-date', removalsSince: ago(2) },
    { generator: 'rbac', scope: 'qa', branch: 'd', action: 'up-to-date' },
  ],
});

const unread = { kind: 'unread', generator: 'rbac', parts: 2, since: ago(30) };
const removal = { kind: 'removal', generator: 'rbac', scope: 'prod', since: ago(50) };
const cases: readonly (readonly [name: string, ages: AlertAges, alerts: readonly object[]])[] = [
  ['what is as old as it may be is alerted', { unread: 24 * hour, removals: 24 * hour }, [unread, removal]],
  ['null alerts never', { unread: null, removals: null }, []],
  ['each has an age of its own', { unread: 100 * hour, removals: 50 * hour }, [removal]],
];
for (const [name, ages, alerts] of cases) test(name, () => assert.deepEqual(alertsOf(report, ages, now), alerts));

test('alerts are in the text, the summary and in plain words', () => {
  const alerts = alertsOf(report, { unread: 24 * hour, removals: 24 * hour }, now);
  assert.deepEqual(
    alerts.map((it) => describeAlert(it, (text) => text)),
    [
      '2 parts could not be read since 2026-11-27 06:00 UTC: what Athenz says of them is not in git',
      'removals of prod wait to be merged since 2026-11-26 10:00 UTC: until then that access stands',
    ],
  );
  assert.match(renderText({ ...report, alerts }, { color: false }), /^alert: 2 parts could not be read since/m);
  assert.match(renderSummary({ ...report, alerts }), /^⏱️ Removals of prod wait to be merged since/m);
});
