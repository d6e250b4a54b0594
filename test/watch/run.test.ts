import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Proposal } from '../../src/model/proposal.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { outcomeOf } from '../../src/watch/run.ts';

const table: readonly (readonly [scope: string, action: Proposal['action'], again: boolean])[] = [
  ['prod', 'update', false],
  ['prod', 'failed', true],
  // A later run has proposed it.
  ['prod', 'superseded', false],
  ['direct', 'commit', false],
  ['direct', 'failed', true],
  // Others have moved the branch: nothing says that what is on it now is as desired.
  ['direct', 'superseded', true],
  // When it may be pushed is known.
  ['direct', 'waiting', false],
];
for (const [scope, action, again] of table) {
  test(`a scope ${scope} that is ${action} is ${again ? '' : 'not '}tried again`, () => {
    const proposal: Proposal = { generator: 'mirrors', scope, branch: 'b', action };
    const report = { generators: [], failed: [], proposals: [proposal] } as unknown as RunReport;
    assert.deepEqual(outcomeOf(report, { woken: [] }).failed, again ? [`mirrors scope ${scope}`] : []);
  });
}
