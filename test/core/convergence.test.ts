import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyPlan, type PlanView, planOf, type Texts, treeOf } from '../support/planning.ts';
import { trials } from '../support/properties.ts';
import { bindingsIn, bindingsOf } from '../support/roles.ts';
import { anyChange, anyLimits, many, tightLimits } from '../support/worlds.ts';

test('a merged plan makes the tree match Athenz', () => {
  fc.assert(
    fc.property(anyChange(), ({ before, after }) => {
      const files = treeOf(...before);
      const merged = applyPlan(files, planOf({ ...after, files }));
      assert.deepEqual(bindingsIn(merged), bindingsOf(after));
      assert.deepEqual(new Map([...merged].sort()), new Map([...treeOf(after)].sort()), 'same as a fresh render');
    }),
    { numRuns: trials(75) },
  );
});

test('planning again after a merge finds no changes', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), ({ before, after }) => {
      const files = treeOf(...before);
      const merged = applyPlan(files, planOf({ ...after, files }));
      const { files: more, changes, held } = planOf({ ...after, files: merged });
      assert.deepEqual({ more, changes, held }, { more: [], changes: [], held: [] });
    }),
    { numRuns: trials(75) },
  );
});

test('with limits, one merge applies all but the held changes', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), tightLimits, ({ before, after: world }, limits) => {
      const after = { ...world, config: { ...world.config, limits } };
      const files = treeOf(...before);
      const first = planOf({ ...after, files });
      for (const { cluster } of first.totals) {
        const unproven = first.changes.filter((it) => it.kind === 'lose' && it.cluster === cluster && !it.proven);
        const gains = first.changes.filter((it) => it.kind === 'gain' && it.cluster === cluster);
        assert.ok(unproven.length <= (limits.maxRemovedGrants?.floor ?? many), 'losses are within the limit');
        assert.ok(gains.length <= (limits.maxAddedGrants?.floor ?? many), 'gains are within the limit');
      }
      const had = bindingsIn(files);
      for (const [id, members] of Object.entries(bindingsIn(applyPlan(files, first)))) {
        const emptied = members.length === 0 && (had[id] ?? []).length > 0;
        const guarded = limits.neverEmpty.some((role) => id.endsWith(`/${role}`));
        assert.ok(!emptied || !guarded, `${id} did not become empty`);
        const grew = members.some((member) => !(had[id] ?? []).includes(member));
        assert.ok(!grew || members.length <= limits.maxSubjects, `${id} did not grow over maxSubjects`);
      }
      const second = planOf({ ...after, files: applyPlan(files, first) });
      assert.deepEqual(second.files, []);
      assert.deepEqual(second.changes, []);
      assert.deepEqual(digestsOf(second), digestsOf(first));
    }),
    { numRuns: trials(75) },
  );
});

test('the changes of a plan match the gains and losses in its files', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), ({ before, after }) => {
      const files = treeOf(...before);
      const plan = planOf({ ...after, files });
      const oldGrants = grantsIn(files);
      const newGrants = grantsIn(applyPlan(files, plan));
      const changesOf = (kind: 'gain' | 'lose') =>
        plan.changes.flatMap((change) => {
          if (change.kind !== kind) return [];
          const { subject } = change;
          const member = subject.kind === 'ServiceAccount' ? `${subject.namespace}/${subject.name}` : subject.name;
          return [`${change.cluster}/${change.namespace}/${change.role} ${member}`];
        });
      assert.deepEqual(changesOf('gain').sort(), [...newGrants.difference(oldGrants)].sort());
      assert.deepEqual(changesOf('lose').sort(), [...oldGrants.difference(newGrants)].sort());
      const totals = plan.totals.map(({ grantsBefore, grantsAfter }) => [grantsBefore, grantsAfter]);
      assert.equal(sum(totals.map(([amount = 0]) => amount)), oldGrants.size);
      assert.equal(sum(totals.map(([, amount = 0]) => amount)), newGrants.size);
    }),
    { numRuns: trials(75) },
  );
});

function digestsOf({ heldRemovals, heldAdditions }: PlanView): readonly unknown[] {
  return [heldRemovals, heldAdditions];
}

function grantsIn(files: Texts): Set<string> {
  return new Set(Object.entries(bindingsIn(files)).flatMap(([id, members]) => members.map((it) => `${id} ${it}`)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

test('the order of files, inventory and access does not matter', () => {
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
    { numRuns: trials(75) },
  );
});
