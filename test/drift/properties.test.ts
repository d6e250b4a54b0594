import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify, isDrifted } from '../../src/drift/classify.ts';
import { drawProbes } from '../../src/drift/probe.ts';
import type { BoundAccess, DriftState } from '../../src/drift/result.ts';
import { compareSides } from '../../src/drift/sides.ts';
import type { LiveBinding, LiveCluster, LiveObjects, LiveOwner } from '../../src/model/cluster.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { compared, now, problem, type Side, version, type Written } from '../support/drift.ts';
import { sidesOf, treeOf } from '../support/planning.ts';
import { trials } from '../support/properties.ts';
import { configOf, everything, granted } from '../support/roles.ts';

/** States that require a cluster read. */
const requiringCluster: readonly DriftState[] = ['missing', 'orphan', 'changed-in-cluster', 'waiting-for-engine'];

const anySide: fc.Arbitrary<Side> = fc.constantFrom('-', '?', '', 'ada', 'ada bob', 'eve');
const anyHistory = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('ours' as const, 'theirs' as const), anySide),
  { maxLength: 4 },
);
const anyWrite: fc.Arbitrary<Written> = fc.record({
  owner: fc.constantFrom<LiveOwner>('athenz-gitops', 'operator', 'other'),
  written: fc.integer({ min: 0, max: 9999 }),
});

test('an unreadable cluster gives no state that requires a cluster read', () => {
  fc.assert(
    fc.property(anySide, anySide, anyHistory, anyWrite, (athenz, git, history, more) => {
      const binding = compared(athenz, git, '?', more);
      if (!isDrifted(binding)) return;
      const { states, subjects } = classify(binding, new Map([['f.yaml', history.map(version)]]), now);
      assert.deepEqual(
        states.filter((state) => requiringCluster.includes(state)),
        [],
      );
      assert.ok(subjects.every(({ live }) => live === null));
    }),
    { numRuns: trials(125) },
  );
});

test('drift has unique states, and unreadable sides are null for each subject', () => {
  fc.assert(
    fc.property(anySide, anySide, anySide, anyHistory, anyWrite, (athenz, git, live, history, more) => {
      const binding = compared(athenz, git, live, more);
      if (!isDrifted(binding)) return;
      const { states, subjects } = classify(binding, new Map([['f.yaml', history.map(version)]]), now);
      assert.ok(states.length > 0 && new Set(states).size === states.length);
      assert.ok(
        !(states.includes('orphan') && (athenz === '?' || git !== '-')),
        'orphaned means absent in Athenz and git',
      );
      assert.ok(!(states.includes('missing') && live !== '-'));
      for (const it of subjects) {
        assert.deepEqual(
          [it.athenz === null, it.git === null, it.live === null],
          [athenz, git, live].map((side) => side === '?'),
        );
      }
    }),
    { numRuns: trials(125) },
  );
});

const config = configOf();
const namespaces = ['team-a', 'team-b', 'team-c'] as const;
const roles = (members: readonly string[]) =>
  namespaces.flatMap((name) => [
    granted(`prod/${name}/k8s_ns_admins`, members),
    granted(`prod/${name}/k8s_ns_viewers`, [`user.${name}`, 'user.vi']),
  ]);
const input = sidesOf({
  config,
  access: roles(['user.ada', 'user.bo']),
  files: treeOf({ config, access: roles(['user.ada']) }),
});

/** A cluster whose namespaces match git, differ, have extra bindings or are unreadable. */
const anyCluster: fc.Arbitrary<LiveCluster> = fc
  .array(
    fc.record({
      readable: fc.constantFrom(true, true, true, false),
      extra: fc.uniqueArray(fc.constantFrom('orphan', 'prod.team-a:role.x:members', 'theirs', 'z'), { maxLength: 4 }),
      changed: fc.option(fc.uniqueArray(fc.constantFrom('user.ada', 'user.eve', 'user.zoe'), { maxLength: 3 }), {
        freq: 1,
      }),
    }),
    { minLength: 3, maxLength: 3 },
  )
  .map((all) => {
    const entries = all.map(({ readable, extra, changed }, at): readonly [string, Outcome<LiveObjects>] => {
      const namespace = namespaces[at] ?? '';
      if (!readable) return [namespace, { kind: 'unknown', problem }];
      const bindings = [
        ...bindingsInGit(namespace).map(([name, access]) => live(namespace, name, changed, access)),
        ...extra.map((name) => live(namespace, name, changed)),
      ];
      const rules = [{ name: 'athenz-k8s_ns_admins', namespace, owner: 'athenz-gitops', rules: everything } as const];
      return [namespace, { kind: 'value', value: { roles: rules, bindings } }];
    });
    return clusterOf(entries);
  });

/** The bindings of a namespace in git. */
function bindingsInGit(namespace: string): readonly (readonly [string, BoundAccess])[] {
  return compareSides({ ...input, live: [clusterOf([])] }).flatMap((it) =>
    it.namespace === namespace && it.git.kind === 'value' ? [[it.name, it.git.value] as const] : [],
  );
}

function live(namespace: string, name: string, changed: readonly string[] | null, access?: BoundAccess): LiveBinding {
  const users = (changed ?? []).toSorted().map((user) => ({ kind: 'User', name: user }) as const);
  const owner = name === 'orphan' || name === 'z' ? 'athenz-gitops' : 'other';
  const roleRef = access?.permission.roleRef ?? ({ kind: 'ClusterRole', name: 'view' } as const);
  return { namespace, name, owner, roleRef, subjects: changed === null ? (access?.subjects ?? []) : users };
}

function clusterOf(entries: readonly (readonly [string, Outcome<LiveObjects>])[]): LiveCluster {
  return { cluster: 'prod', context: 'c', server: 'https://s', namespaces: new Map(entries), requests: 0 };
}

function reversed({ namespaces: all, ...rest }: LiveCluster): LiveCluster {
  const entries = [...all].toReversed().map(([name, it]): readonly [string, Outcome<LiveObjects>] => {
    if (it.kind !== 'value') return [name, it];
    return [name, { kind: 'value', value: { ...it.value, bindings: it.value.bindings.toReversed() } }];
  });
  return { ...rest, namespaces: new Map(entries) };
}

test('the order of listed objects does not matter', () => {
  fc.assert(
    fc.property(anyCluster, (cluster) => {
      const found = compareSides({ ...input, live: [cluster] });
      assert.deepEqual(compareSides({ ...input, live: [reversed(cluster)] }), found);
      assert.ok(found.length >= 6);
    }),
    { numRuns: trials(25) },
  );
});

test('an unreadable namespace is only compared between git and Athenz', () => {
  fc.assert(
    fc.property(anyCluster, (cluster) => {
      for (const binding of compareSides({ ...input, live: [cluster] })) {
        if (cluster.namespaces.get(binding.namespace)?.kind !== 'unknown') continue;
        assert.equal(binding.live.kind, 'unknown');
        if (!isDrifted(binding)) continue;
        const { states } = classify(binding, new Map(), now);
        assert.deepEqual(states, ['waiting-for-merge']);
      }
    }),
    { numRuns: trials(25) },
  );
});

test('probes only readable namespaces, and expects what all sides agree on', () => {
  const drawn = { grants: 0, strangers: 0 };
  fc.assert(
    fc.property(anyCluster, fc.integer({ min: 0, max: 30 }), fc.string(), (cluster, amount, salt) => {
      const sides = compareSides({ ...input, live: [cluster] });
      const { questions } = drawProbes(sides, amount, salt);
      assert.deepEqual(drawProbes(sides, amount, salt).questions, questions);
      const grants = questions.filter(({ expected }) => expected).length;
      assert.ok(grants <= amount && questions.length - grants <= amount);
      drawn.grants += grants;
      drawn.strangers += questions.length - grants;
      for (const it of questions) {
        assert.equal(cluster.namespaces.get(it.namespace)?.kind, 'value');
        const here = sides.filter(({ namespace }) => namespace === it.namespace);
        const binds = (side: Outcome<BoundAccess>) =>
          side.kind === 'value' && side.value.subjects.some(({ name }) => name === it.subject.name);
        const all = here.some((one) => [one.athenz, one.git, one.live].every(binds));
        const any = here.some((one) => [one.athenz, one.git, one.live].some(binds));
        assert.equal(it.expected ? all : any, it.expected);
      }
    }),
    { numRuns: trials(25) },
  );
  assert.ok(drawn.grants > 0 && drawn.strangers > 0, JSON.stringify(drawn));
});
