import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Plan } from '../../src/model/change.ts';
import { applyPlan, planOf, type Texts, treeOf } from '../support/planning.ts';
import { bindingsIn, bindingsOf } from '../support/roles.ts';
import { anyChange, anyLimits, many } from '../support/worlds.ts';

test('a merged plan makes the files say exactly what Athenz says, wherever it started from', () => {
  fc.assert(
    fc.property(anyChange(), ({ before, after }) => {
      const files = treeOf(...before);
      const merged = applyPlan(files, planOf({ ...after, files }));
      assert.deepEqual(bindingsIn(merged), bindingsOf(after));
      assert.deepEqual(new Map([...merged].sort()), new Map([...treeOf(after)].sort()), 'as if rendered from nothing');
    }),
    { numRuns: 300 },
  );
});

test('once a plan is merged, planning again finds nothing to do and nothing to say', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), ({ before, after }) => {
      const files = treeOf(...before);
      const merged = applyPlan(files, planOf({ ...after, files }));
      const { files: more, changes, held } = planOf({ ...after, files: merged });
      assert.deepEqual({ more, changes, held }, { more: [], changes: [], held: [] });
    }),
    { numRuns: 300 },
  );
});

test('a plan under limits is finished by one merge too: what is held stays held, the rest is done', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), anyLimits, ({ before, after: world }, limits) => {
      const after = { ...world, config: { ...world.config, limits } };
      const files = treeOf(...before);
      const first = planOf({ ...after, files });
      for (const { cluster } of first.totals) {
        const unproven = first.changes.filter((it) => it.kind === 'lose' && it.cluster === cluster && !it.proven);
        const gains = first.changes.filter((it) => it.kind === 'gain' && it.cluster === cluster);
        assert.ok(unproven.length <= (limits.maxRemovedGrants?.floor ?? many), 'no more are lost than may be');
        assert.ok(gains.length <= (limits.maxAddedGrants?.floor ?? many), 'no more are gained than may be');
      }
      const had = bindingsIn(files);
      for (const [id, members] of Object.entries(bindingsIn(applyPlan(files, first)))) {
        const emptied = members.length === 0 && (had[id] ?? []).length > 0;
        const guarded = limits.neverEmpty.some((role) => id.endsWith(`/${role}`));
        assert.ok(!emptied || !guarded, `${id} did not become empty`);
      }
      const second = planOf({ ...after, files: applyPlan(files, first) });
      assert.deepEqual(second.files, []);
      assert.deepEqual(second.changes, []);
      assert.deepEqual(digestsOf(second), digestsOf(first));
    }),
    { numRuns: 300 },
  );
});

test('the changes a plan names are exactly who gains and who loses in the files', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), ({ before, after }) => {
      const files = treeOf(...before);
      const plan = planOf({ ...after, files });
      const was = grantsIn(files);
      const is = grantsIn(applyPlan(files, plan));
      const named = (kind: 'gain' | 'lose') =>
        plan.changes.flatMap((change) => {
          if (change.kind !== kind) return [];
          const { subject } = change;
          const member = subject.kind === 'ServiceAccount' ? `${subject.namespace}/${subject.name}` : subject.name;
          return [`${change.cluster}/${change.namespace}/${change.role} ${member}`];
        });
      assert.deepEqual(named('gain').sort(), [...is.difference(was)].sort());
      assert.deepEqual(named('lose').sort(), [...was.difference(is)].sort());
      const totals = plan.totals.map(({ grantsBefore, grantsAfter }) => [grantsBefore, grantsAfter]);
      assert.equal(sum(totals.map(([amount = 0]) => amount)), was.size);
      assert.equal(sum(totals.map(([, amount = 0]) => amount)), is.size);
    }),
    { numRuns: 300 },
  );
});

function digestsOf({ heldRemovals, heldAdditions }: Plan): readonly unknown[] {
  return [heldRemovals, heldAdditions];
}

function grantsIn(files: Texts): Set<string> {
  return new Set(Object.entries(bindingsIn(files)).flatMap(([id, members]) => members.map((it) => `${id} ${it}`)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

test('a plan is the same whatever the order of files, inventory and access', () => {
  fc.assert(
    fc.property(
      anyChange({ unread: true }),
      anyLimits,
      fc.infiniteStream(fc.nat()),
      ({ before, after: world }, limits, dice) => {
        const after = { ...world, config: { ...world.config, limits } };
        const files = treeOf(...before);
        const incomplete = ['dev', 'prod'];
        const shuffle = <T>(list: readonly T[]): readonly T[] =>
          list
            .map((item) => [dice.next().value ?? 0, item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        assert.deepEqual(planOf({ ...after, files, incomplete, shuffle }), planOf({ ...after, files, incomplete }));
      },
    ),
    { numRuns: 300 },
  );
});
