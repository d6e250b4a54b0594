import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gain, Loss } from '../../src/model/access.ts';
import { approvalSentences, approvalsIn, approvalsOf, unmatchedSentences } from '../../src/report/approval.ts';
import { describeMany, tallyHeld } from '../../src/report/held.ts';
import { describeStale } from '../../src/report/stale.ts';
import { heldOf, reportOf } from '../support/proposal.ts';
import { subjectOf } from '../support/roles.ts';

const plain = (text: string) => text;
const unmatched = [{ kind: 'removals', digest: 'a' }] as const;
const approvedBefore = { cluster: 'prod', namespace: 'web', kind: 'removals', changes: 3, digest: 'd' } as const;

for (const [name, plan, expected] of [
  ['nothing is held', { unmatched }, 'no removals are held'],
  [
    'others are held',
    { unmatched, heldRemovals: 'b', heldAdditions: 'c' },
    'other removals are held now; review them, then approve them with --accept-removals b',
  ],
  [
    'it was approved before',
    { unmatched, approved: [approvedBefore] },
    'no removals are held; 3 approved before stay proposed',
  ],
] as const) {
  test(`a digest that matches nothing is answered where ${name}`, () => {
    assert.deepEqual(unmatchedSentences(reportOf([], plan).generators, plain), [
      `--accept-removals a matches nothing: ${expected}`,
    ]);
  });
}

test('of the additions only those that a limit of their own holds can be approved', () => {
  const place = { cluster: 'prod', namespace: 'web', role: 'admins' };
  const about = {
    ...place,
    permission: { roleRef: { kind: 'ClusterRole', name: 'view' } },
    subject: subjectOf('user.ada'),
  } as const;
  const gain: Gain = { ...about, kind: 'gain', paths: [] };
  const loss: Loss = { ...about, kind: 'lose', reason: 'origin-unknown', proven: false };
  const why = { cluster: 'prod', namespace: 'web', message: 'm', next: 'n' };
  const tooLarge = heldOf({ ...why, code: 'LIMIT_SUBJECTS', losses: [], gains: [gain, gain] });
  const along = heldOf({ ...why, code: 'LIMIT_REMOVED_GRANTS', losses: [loss], gains: [gain] });
  const limited = heldOf({ ...why, code: 'LIMIT_ADDED_GRANTS', losses: [], gains: [gain] });
  const digests = { heldRemovals: 'a', heldAdditions: 'b' };

  const held = [tooLarge, along, limited];
  const all = approvalsOf({ held, ...digests });
  assert.deepEqual(
    all.map(({ name, changes }) => [name, changes]),
    [
      ['accept-removals', 1],
      ['accept-additions', 1],
    ],
  );
  assert.equal(tallyHeld({ held }), '1 removal, 4 additions');
  assert.deepEqual(approvalsOf({ held: [tooLarge], ...digests }), []);
  assert.deepEqual(approvalsIn({ held: [tooLarge] }, all), []);
  const [text] = approvalSentences(approvalsIn({ held: [tooLarge, limited] }, all), {}, { held: [tooLarge, limited] });
  assert.match(text ?? '', /^To approve exactly the held addition, run /);
});

test('several foreign files are said in words', () => {
  assert.equal(describeMany(2, 'OUTPUT_FOREIGN'), '2 files were not written by athenz-gitops (OUTPUT_FOREIGN)');
  assert.equal(describeMany(3, 'LIMIT_SUBJECTS'), '3 problems (LIMIT_SUBJECTS)');
});

test('a kustomization that lacks several files says so in the plural', () => {
  const stale = { cluster: 'prod', path: 'k.yaml', missing: ['x', 'y'], unlisted: ['a', 'b', 'c'] };
  const [missing = '', unlisted = ''] = describeStale(stale, plain);
  assert.match(missing, /Remove them from the list$/);
  assert.equal(unlisted, 'k.yaml does not name a, b, c, which are never applied. Add them to resources');
});
