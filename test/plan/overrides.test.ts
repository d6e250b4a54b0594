import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccessChange, Plan } from '../../src/model/change.ts';
import { effort } from '../support/effort.ts';
import { applyPlan, planOf, treeOf } from '../support/planning.ts';
import { bindingsIn, noLimits } from '../support/roles.ts';
import { anyChange, anyLimits, many } from '../support/worlds.ts';

/** The change of somebody's access, as text. */
function nameOf(change: AccessChange): readonly string[] {
  if (!('subject' in change)) return [];
  const { kind, cluster, namespace, role, subject } = change;
  return [`${kind} ${cluster}/${namespace}/${role} ${JSON.stringify(subject)}`];
}

function heldIn({ held }: Plan): readonly AccessChange[] {
  return held.flatMap(({ losses, gains = [] }) => [...losses, ...gains]);
}

test('whatever the limits are, each change of access is proposed or held, and none is both', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), anyLimits, ({ before, after: world }, limits) => {
      const files = treeOf(...before);
      const wanted = planOf({ ...world, config: { ...world.config, limits: noLimits }, files });
      const plan = planOf({ ...world, config: { ...world.config, limits }, files });
      // A namespace with a role that is held and cannot be rendered stays to the byte: what else it wants has to wait.
      const stuck = new Set(
        heldIn(plan).flatMap((it) =>
          it.kind === 'lose' && it.reason === 'role-unconfigured' ? [`${it.cluster}/${it.namespace}`] : [],
        ),
      );
      const moves = (changes: readonly AccessChange[]) =>
        changes.filter(({ cluster, namespace }) => !stuck.has(`${cluster}/${namespace}`)).flatMap(nameOf);
      assert.deepEqual([...moves(plan.changes), ...moves(heldIn(plan))].sort(), [...moves(wanted.changes)].sort());
    }),
    { numRuns: effort(300) },
  );
});

test('nothing that is held is lost: merged, then let through, everything is as Athenz says', () => {
  let overridden = 0;
  fc.assert(
    fc.property(anyChange(), anyLimits, ({ before, after: world }, limits) => {
      const after = { ...world, config: { ...world.config, limits } };
      let files = treeOf(...before);
      let plan = planOf({ ...after, files });
      // Who is let in may be the one that a removal waited for: then that is another set of removals, to be looked at anew.
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
        overridden++;
      }
      assert.deepEqual([plan.held, plan.heldRemovals, plan.heldAdditions], [[], undefined, undefined]);
      assert.deepEqual(new Map([...applyPlan(files, plan)].sort()), new Map([...treeOf(world)].sort()));
    }),
    { numRuns: effort(300) },
  );
  assert.ok(overridden > 0, 'something was held now and then');
});

test('who is held out has no access, and a role that was not in the tree is not in it', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), anyLimits, ({ before, after: world }, limits) => {
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
    { numRuns: effort(300) },
  );
});

test('a limit on additions that is off, or that nothing reaches, changes nothing in a plan', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), anyLimits, ({ before, after: world }, limits) => {
      const files = treeOf(...before);
      const planWith = (maxAddedGrants: typeof limits.maxAddedGrants) =>
        planOf({ ...world, config: { ...world.config, limits: { ...limits, maxAddedGrants } }, files });
      const off = planWith(null);
      assert.deepEqual(off, planWith({ percent: 0, floor: many }));
      assert.ok(!('heldAdditions' in off) && off.held.every((held) => !('gains' in held)));
    }),
    { numRuns: effort(300) },
  );
});
