import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Proposal, ProposalAction, ProposedPull } from '../../src/model/proposal.ts';
import { outputsOf, writeOutputs } from '../../src/report/outputs.ts';
import { readOutputs } from '../support/actions.ts';
import { hostileNames } from '../support/hostile.ts';
import { heldOf, reportOf } from '../support/proposal.ts';

function proposalOf(scope: string, action: ProposalAction, number?: number, state: ProposedPull['state'] = 'open') {
  const pull = number === undefined ? {} : { pull: { number, url: `https://github.com/a/b/pull/${number}`, state } };
  return { generator: 'rbac', scope, branch: `athenz-gitops/main/${scope}`, action, ...pull } satisfies Proposal;
}

const table: readonly (readonly [what: string, proposals: readonly Proposal[], operation: string, number: string])[] = [
  ['no change', [proposalOf('a', 'none')], 'none', ''],
  ['one created', [proposalOf('a', 'create', 1)], 'created', '1'],
  ['one updated', [proposalOf('a', 'update', 1)], 'updated', '1'],
  ['one up to date', [proposalOf('a', 'up-to-date', 1)], 'none', '1'],
  ['one closed', [proposalOf('a', 'delete', 1, 'closed')], 'closed', ''],
  ['one declined', [proposalOf('a', 'declined', 1, 'closed')], 'none', ''],
  ['one blocked', [proposalOf('a', 'blocked', 1)], 'none', '1'],
  ['one failed', [proposalOf('a', 'failed')], 'none', ''],
  ['closed before created', [proposalOf('a', 'delete', 1, 'closed'), proposalOf('b', 'create', 2)], 'created', '2'],
  ['updated before created', [proposalOf('a', 'update', 1), proposalOf('b', 'create', 2)], 'created', '1'],
  ['a branch without a pull request', [proposalOf('a', 'create')], 'created', ''],
];
for (const [what, proposals, operation, number] of table) {
  test(`outputs of ${what}: operation ${operation}, pull request ${number || 'none'}`, () => {
    const outputs = outputsOf(reportOf([], { proposals }));
    assert.equal(outputs.operation, operation);
    assert.equal(outputs['pull-request-number'], number);
    assert.equal(outputs['pull-request-url'], number === '' ? '' : `https://github.com/a/b/pull/${number}`);
    assert.deepEqual(
      JSON.parse(outputs['pull-requests']).map((it: { number: number }) => it.number),
      proposals.flatMap(({ pull }) => (pull === undefined ? [] : [pull.number])),
    );
  });
}

test('a dry run has the operation none', () => {
  const outputs = outputsOf(reportOf([], { dryRun: true, proposals: [proposalOf('a', 'update', 1)] }));
  assert.equal(outputs.operation, 'none');
  assert.equal(outputs['pull-request-number'], '1');
});

test('changed and held reflect the plan', () => {
  const file = { path: 'a', cluster: 'a', namespace: 'a' };
  const held = { cluster: 'a', code: 'LIMIT_SUBJECTS', message: '', next: '', losses: [] } as const;
  const calm = outputsOf(reportOf());
  assert.deepEqual([calm.changed, calm.held], ['false', '0']);
  const busy = outputsOf(reportOf([], { files: [file], held: [heldOf(held), heldOf(held)] }));
  assert.deepEqual([busy.changed, busy.held], ['true', '2']);
});

test('a value with line breaks or delimiters adds no output', () => {
  for (const name of [...hostileNames, 'a\nheld<<x\n9\nx', 'a\nheld=9', 'EOF\nheld=9\n']) {
    assert.deepEqual(readOutputs(writeOutputs({ url: name, held: '1' }, 'end-of-this')), { url: name, held: '1' });
  }
});
