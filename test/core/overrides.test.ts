import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccessChange } from '../../src/model/access.ts';
import { applyPlan, type PlanView, planOf, treeOf } from '../support/planning.ts';
import { trials } from '../support/properties.ts';
import { bindingsIn, noLimits } from '../support/roles.ts';
import { anyChange, anyLimits, many, tightLimits } from '../support/worlds.ts';

/** A gain or loss as text. */
function nameOf(change: AccessChange): readonly string[] {
  if (!('subject' in change)) return [];
  const { kind, cluster, namespace, role, subject } = change;
  return [`${kind} ${cluster}/${namespace}/${role} ${JSON.stringify(subject)}`];
}

function heldIn({ held }: PlanView): readonly AccessChange[] {
  return held.flatMap(({ losses, gains = [] }) => [...losses, ...gains]);
}

test('each gain or loss is either proposed or held', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), tightLimits, ({ before, after: world }, limits) => {
      const files = treeOf(...before);
      const unlimited = planOf({ ...world, config: { ...world.config, limits: noLimits }, files });
      const plan = planOf({ ...world, config: { ...world.config, limits }, files });
      const namesOf = (changes: readonly AccessChange[]) => changes.flatMap(nameOf);
      assert.deepEqual(
        [...namesOf(plan.changes), ...namesOf(heldIn(plan))].sort(),
        [...namesOf(unlimited.changes)].sort(),
      );
    }),
    { numRuns: trials(75) },
  );
});

test('after merging and approving all held changes, the tree matches Athenz', () => {
  let approvals = 0;
  fc.assert(
    fc.property(anyChange(), anyLimits, ({ before, after: world }, limits) => {
      const after = { ...world, config: { ...world.config, limits } };
      let files = treeOf(...before);
      let plan = planOf({ ...after, files });
      // An approved addition can unblock a removal, which then needs its own approval.
      for (let round = 0; round < 3 && plan.held.length > 0; round++) {
        files = applyPlan(files, plan);
        const { heldRemovals: acceptRemovals, heldAdditions: acceptAdditions } = plan;
        plan = planOf({
          ...after,
          files,
          accepted: {
            ...(acceptRemovals === undefined ? {} : { acceptRemovals }),
            ...(acceptAdditions === undefined ? {} : { acceptAdditions }),
          },
        });
        approvals++;
      }
      assert.deepEqual([plan.held, plan.heldRemovals, plan.heldAdditions], [[], undefined, undefined]);
      assert.deepEqual(new Map([...applyPlan(files, plan)].sort()), new Map([...treeOf(world)].sort()));
    }),
    { numRuns: trials(75) },
  );
  assert.ok(approvals > 0, 'some changes were held');
});

test('held additions grant no access and add no role to the tree', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), tightLimits, ({ before, after: world }, limits) => {
      const files = treeOf(...before);
      const plan = planOf({ ...world, config: { ...world.config, limits }, files });
      const had = bindingsIn(files);
      const has = bindingsIn(applyPlan(files, plan));
      for (const change of heldIn(plan)) {
        if (change.kind !== 'gain') continue;
        const id = `${change.cluster}/${change.namespace}/${change.role}`;
        const added = (has[id] ?? []).filter((member) => !had[id]?.includes(member));
        assert.deepEqual([added, id in has], [[], id in had]);
      }
    }),
    { numRuns: trials(75) },
  );
});

test('an addition limit that is off equals one that is not reached', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), anyLimits, ({ before, after: world }, limits) => {
      const files = treeOf(...before);
      const planWith = (maxAddedGrants: typeof limits.maxAddedGrants) =>
        planOf({ ...world, config: { ...world.config, limits: { ...limits, maxAddedGrants } }, files });
      const off = planWith(null);
      assert.deepEqual(off, planWith({ percent: 0, floor: many }));
      assert.ok(!('heldAdditions' in off));
      // With a held role that left the config, a namespace may be held as a whole.
      for (const { code, gains } of off.held) assert.ok(gains === undefined || code === 'LIMIT_REMOVED_GRANTS');
    }),
    { numRuns: trials(75) },
  );
});
