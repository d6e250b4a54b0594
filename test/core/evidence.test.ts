import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Origin } from '../../src/core/evidence.ts';
import { type EndedAccess, grantKey } from '../../src/generators/rbac/proof.ts';
import type { Loss } from '../../src/model/access.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { applyPlan, type PlanView, planOf, type Situation, treeOf } from '../support/planning.ts';
import { trials } from '../support/properties.ts';
import { absent, configOf, ended, granted, noLimits, subjectOf, unknown } from '../support/roles.ts';
import { anyChange } from '../support/worlds.ts';

const admin = 'prod/payments/k8s_ns_admins';
const viewer = 'prod/payments/k8s_ns_viewers';
const config = configOf({
  limits: { ...noLimits, maxRemovedGrants: { percent: 0, floor: 0 }, neverEmpty: ['k8s_ns_admins'] },
});
const files = treeOf({ config, access: [granted(admin, ['user.ada']), granted(viewer, [])] });

type Known = Situation['evidence'] & object;

const early = '2026-11-01T00:00:00.000Z';
const middle = '2026-11-10T00:00:00.000Z';
const late = '2026-11-20T00:00:00.000Z';
/** When everything is planned. */
const now = '2026-11-21T02:57:00.000Z';

const place = { cluster: 'prod', namespace: 'payments', role: 'k8s_ns_admins', subject: subjectOf('user.ada') };
const proof: EndedAccess = { ...place, reason: 'suspended', polled: middle };
const byUs: Origin = { by: 'program', since: early };

function evidence(proofs: readonly EndedAccess[], origin?: Origin, baseAt?: string): Known {
  const origins = new Map(origin === undefined ? [] : [[grantKey(place), origin]]);
  return { proofs, origins, ...(baseAt === undefined ? {} : { baseAt }) };
}

function planWith(role: RoleAccess, known?: Known, more: Partial<Situation> = {}): PlanView {
  const situation = { config, files, access: [role, granted(viewer, [])], ...more };
  return planOf(known === undefined ? situation : { ...situation, evidence: known });
}

function lossesIn(plan: PlanView): readonly Loss[] {
  return [...plan.changes.filter((it) => it.kind === 'lose'), ...plan.held.flatMap(({ losses }) => losses)];
}

const gone = granted(admin, []);
const pending = granted(admin, [], { dropped: [ended('pending', 'user.ada')] });

for (const [name, role, known, expected] of [
  ['granted earlier by this program', gone, evidence([proof], byUs), 'suspended'],
  ['granted earlier, nobody knows how', gone, evidence([proof], { by: 'unknown', since: early }), 'suspended'],
  ['granted again since', gone, evidence([proof], { by: 'program', since: late }), undefined],
  [
    'granted at the same instant',
    gone,
    evidence([proof], { by: 'program', since: '2026-11-10T01:00:00+01:00' }),
    undefined,
  ],
  ['granted nobody knows when', gone, evidence([proof], { by: 'unknown' }), undefined],
  ['granted in a file that was not looked into', gone, evidence([proof]), undefined],
  ['a proof for another role', gone, evidence([{ ...proof, role: 'k8s_ns_viewers' }], byUs), undefined],
  ['a membership that waits for approval', pending, evidence([proof], byUs), undefined],
  ['an absent role', absent(admin, 'role'), evidence([proof], byUs), undefined],
  ['an absent domain', absent(admin), evidence([proof], byUs), undefined],
] as const) {
  test(`a remembered suspension, ${name}: ${expected === undefined ? 'held' : 'removed'}`, () => {
    const plan = planWith(role, known);
    const [loss] = lossesIn(plan);
    assert.deepEqual([plan.held.length, loss?.proven], expected === undefined ? [1, false] : [0, true]);
    if (expected !== undefined) assert.deepEqual([loss?.reason, loss?.seen !== undefined], [expected, true]);
    assert.deepEqual(
      plan.proofs.filter((it) => it.role === place.role).length > 0,
      known.proofs[0]?.role === place.role,
    );
  });
}

const proofs = [early, middle, late].map((polled) => ({ ...proof, polled }));
for (const [order, stored] of [
  ['the oldest', proofs],
  ['the latest', proofs.toReversed()],
] as const) {
  test(`of several proofs the latest counts and is kept, with ${order} first`, () => {
    const plan = planWith(gone, evidence(stored, { by: 'program', since: middle }));
    assert.deepEqual(
      lossesIn(plan).map(({ reason, seen }) => [reason, seen]),
      [['suspended', late]],
    );
    assert.deepEqual(plan.proofs, [{ ...proof, polled: late }]);
  });
}

test('an unknown role keeps its subjects and its proofs', () => {
  const plan = planWith(unknown(admin), evidence([proof], byUs));
  assert.deepEqual([plan.changes, plan.held, plan.proofs], [[], [], [proof]]);
});

test('a poll in which Athenz grants it deletes the proof', () => {
  assert.deepEqual(planWith(granted(admin, ['user.ada']), evidence([proof], byUs)).proofs, []);
  assert.deepEqual(planWith(granted(admin, ['user.ada', 'user.bo']), evidence([proof], byUs)).proofs, []);
});

test('a proof is dropped once the removal is merged', () => {
  const known = evidence([proof], byUs);
  const plan = planWith(gone, known);
  assert.deepEqual(plan.proofs, [proof]);
  assert.deepEqual(planWith(gone, known, { files: applyPlan(files, plan) }).proofs, []);
});

test('a proof is kept while nobody can tell what git has', () => {
  const known = evidence([proof], byUs);
  const [path = '', text = ''] = [...files][0] ?? [];
  assert.deepEqual(planWith(gone, known, { files: new Map([[path, `${text}nonsense`]]) }).proofs, [proof]);
  assert.deepEqual(planWith(gone, known, { access: [], incomplete: ['prod'] }).proofs, [proof]);
  assert.deepEqual(planWith(gone, known, { access: [], files: new Map() }).proofs, []);
  const merged = treeOf({ config, access: [gone, granted(viewer, [])] });
  assert.deepEqual(planWith(gone, known, { files: merged, incomplete: ['prod'] }).proofs, []);
});

for (const [name, stored, baseAt, expected] of [
  ['is new', [], undefined, now],
  ['is known', [proof], early, middle],
  ['is older than the base commit', [proof], late, now],
  ['is of another reason', [{ ...proof, reason: 'expired', detail: early }], early, now],
] as const) {
  test(`a suspension that ${name} is remembered as of ${expected.slice(0, 10)}`, () => {
    const suspended = granted(admin, [], { dropped: [ended('suspended', 'user.ada')] });
    assert.deepEqual(planWith(suspended, evidence(stored, undefined, baseAt)).proofs, [{ ...proof, polled: expected }]);
  });
}

for (const [name, origin, reason, held] of [
  ['this program granted', byUs, 'not-a-member', true],
  ['a person added', { by: 'person', since: early, commit: 'c0ffee', author: 'Pat' }, 'added-by-hand', false],
  [
    'came in a commit without trailers',
    { by: 'unsigned', since: early, commit: 'c0ffee', author: 'Pat' },
    'added-by-hand',
    true,
  ],
  ['came in an unknown way', { by: 'unknown', since: early }, 'origin-unknown', true],
  ['nobody has looked for', undefined, 'origin-unknown', true],
] as const) {
  test(`a subject that ${name} is ${held ? 'protected' : 'not protected'} by limits`, () => {
    const plan = planWith(gone, evidence([], origin));
    const [loss] = lossesIn(plan);
    assert.deepEqual([plan.held.length > 0, loss?.reason, loss?.proven], [held, reason, !held]);
    assert.deepEqual(loss?.origin, reason === 'added-by-hand' ? { commit: 'c0ffee', author: 'Pat' } : undefined);
    assert.deepEqual(plan.proofs, [], 'only what Athenz says is a proof');
  });
}

test('evidence changes the reasons of losses, never what is desired', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), fc.nat(3), ({ before, after: world }, dice) => {
      const old = treeOf(...before);
      const free = { ...world, config: { ...world.config, limits: noLimits }, files: old };
      const plain = planOf(free);
      const losses = plain.changes.filter((it) => it.kind === 'lose');
      const proofs = losses.map(({ cluster, namespace, role, subject }): EndedAccess => {
        return { cluster, namespace, role, subject, reason: 'suspended', polled: middle };
      });
      const origins = new Map(
        losses.map((loss, index) => [
          grantKey(loss),
          (index + dice) % 2 === 0 ? byUs : ({ by: 'unknown', since: late } as const),
        ]),
      );
      const told = planOf({ ...free, evidence: { proofs, origins } });
      assert.deepEqual(told.files, plain.files);
      for (const loss of told.changes) {
        if (loss.kind !== 'lose' || !loss.proven) continue;
        assert.deepEqual(origins.get(grantKey(loss)), byUs, 'only where the proof is later than the grant');
      }
    }),
    { numRuns: trials(50) },
  );
});
