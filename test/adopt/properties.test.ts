import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseFile } from '../../src/generators/rbac/parse.ts';
import type { LiveObjects } from '../../src/model/cluster.ts';
import type { RoleAccess, Subject } from '../../src/model/grant.ts';
import type { PolicyRule } from '../../src/model/manifest.ts';
import { compareText } from '../../src/model/text.ts';
import { inferFrom, type Live, planFrom, proposalFrom, written } from '../support/adoption.ts';
import { trials } from '../support/properties.ts';
import { hostileText, user } from '../support/rbac.ts';

// Adopting the objects of an operator must render the same objects under the same names.

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
/** Some are labels of the parent domain, or prefixes of others. */
const namespaces = fc.uniqueArray(pick('eks', 'users', 'team-a', 'team', 'a', 'x1', 'role', 'members'), {
  minLength: 1,
});
const roleNames = fc.uniqueArray(pick('k8s_ns_admins', 'viewers', 'a.b', 'role', '_x-', '1'), { minLength: 1 });
const people = fc.uniqueArray(pick('user.ada', 'user.bob', 'user.o-x_1'), { maxLength: 3 });
const words = fc.array(hostileText({ minLength: 1 }), { minLength: 1, maxLength: 3 });
const rule: fc.Arbitrary<PolicyRule> = fc
  .tuple(fc.array(hostileText(), { minLength: 1, maxLength: 2 }), words, words, fc.option(words))
  .map(([apiGroups, resources, verbs, resourceNames]) =>
    resourceNames === null ? { apiGroups, resources, verbs } : { apiGroups, resources, verbs, resourceNames },
  );
const ofEach = <T>(names: readonly string[], value: fc.Arbitrary<T>): fc.Arbitrary<Readonly<Record<string, T>>> =>
  fc
    .tuple(...names.map(() => value))
    .map((values) => Object.fromEntries(names.map((name, index) => [name, values[index] as T])));
const cluster = fc
  .tuple(pick('eks.users.{namespace}', 'eks.{namespace}', '{namespace}'), namespaces, roleNames)
  .chain(([domain, names, roles]) =>
    fc
      .tuple(ofEach(roles, fc.array(rule, { minLength: 1, maxLength: 3 })), ofEach(names, ofEach(roles, people)))
      .map(([rules, members]) => ({ domain, rules, members })),
  );

/** Athenz grants exactly what the operator bound. */
function accessOf(live: Live, roles: readonly string[]): readonly RoleAccess[] {
  return [...live].flatMap(([namespace, { bindings }]) =>
    roles.map((role): RoleAccess => {
      const binding = bindings.find(({ name }) => name.endsWith(`:role.${role}:members`));
      const grants = (binding?.subjects ?? []).map((subject) => ({ subject, member: subject.name, paths: [{}] }));
      const domain = binding?.name.split(':')[0] ?? '';
      return {
        cluster: 'prod',
        namespace,
        domain,
        role,
        outcome: { kind: 'value', grants, dropped: [], unconfirmed: [] },
      };
    }),
  );
}

interface Bound {
  readonly namespace: string;
  readonly name: string;
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly rules: readonly PolicyRule[] | undefined;
  readonly subjects: readonly Subject[];
}

const byName = (a: Bound, b: Bound) => compareText(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`);

function boundIn(live: Live): readonly Bound[] {
  return [...live]
    .flatMap(([namespace, { bindings, roles }]) =>
      bindings.map(({ name, roleRef, subjects }): Bound => {
        const rules = roles.find((it) => it.name === roleRef.name)?.rules;
        return { namespace, name, roleRef, rules, subjects };
      }),
    )
    .sort(byName);
}

function boundBy(texts: readonly string[]): readonly Bound[] {
  return texts
    .flatMap((text) => {
      const parsed = parseFile(Buffer.from(text));
      assert.ok(parsed.kind === 'rendered', parsed.kind);
      return parsed.roles.map(({ namespace, bindingName: name, roleRef, rules, subjects }): Bound => {
        return { namespace, name, roleRef, rules, subjects };
      });
    })
    .sort(byName);
}

const textsOf = ({ files }: ReturnType<typeof planFrom>) => files.map(({ after }) => after?.text ?? '');

test('operator objects render as the same bindings, roleRefs, rules and subjects', () => {
  fc.assert(
    fc.property(cluster, ({ members, rules, domain }) => {
      const live = written(members, rules, domain);
      const { proposal, left, unproposed } = proposalFrom(live);
      assert.deepEqual([proposal.domain, left, unproposed], [domain, [], []]);
      const plan = planFrom(live, proposal, accessOf(live, Object.keys(rules)));
      assert.deepEqual(boundBy(textsOf(plan)), boundIn(live));
      for (const { gains, losses, permission, roleRef, before, after } of plan.bindings) {
        assert.deepEqual([gains, losses, permission, roleRef], [[], [], undefined, undefined]);
        assert.deepEqual(after, before);
      }
    }),
    { numRuns: trials(25) },
  );
});

/** Arbitrary cluster objects, with few names so that many of them relate. */
const anyCluster: fc.Arbitrary<Live> = fc
  .uniqueArray(
    fc.record({
      namespace: pick('a', 'b', 'kube-system'),
      name: pick('p.a:role.x', 'p.b:role.x', 'q.a:role.x', 'p.z.a:role.x', 'p.a:role.y', 'mine', 'P.a:role.x'),
      kind: pick('binding' as const, 'role' as const),
      rules: pick<readonly PolicyRule[]>(
        [],
        [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
        [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      ),
      owner: pick('operator' as const, 'other' as const),
      roleRef: pick<readonly ['Role' | 'ClusterRole', string]>(['Role', ''], ['ClusterRole', 'admin']),
      subject: pick('user.ada', 'robot'),
    }),
    { selector: ({ namespace, name, kind }) => `${namespace}/${name}/${kind}`, maxLength: 14 },
  )
  .map((objects) => {
    const live = new Map<string, LiveObjects>();
    for (const { namespace, name, kind, rules, owner, roleRef, subject } of objects) {
      const { bindings, roles } = live.get(namespace) ?? { bindings: [], roles: [] };
      const [refKind, refName] = roleRef;
      const bound = { kind: refKind, name: refName === '' ? name : refName };
      live.set(
        namespace,
        kind === 'role'
          ? { bindings, roles: [...roles, { namespace, name, owner, rules }] }
          : {
              roles,
              bindings: [
                ...bindings,
                { namespace, name: `${name}:members`, owner, roleRef: bound, subjects: [user(subject)] },
              ],
            },
      );
    }
    return live;
  });

function reversed(live: Live): Live {
  return new Map(
    [...live]
      .toReversed()
      .map(([name, { bindings, roles }]) => [name, { bindings: bindings.toReversed(), roles: roles.toReversed() }]),
  );
}

test('the order of cluster objects does not matter', () => {
  fc.assert(
    fc.property(anyCluster, (live) => {
      const inferred = inferFrom(live);
      assert.deepEqual(inferFrom(reversed(live)), inferred);
      if (inferred.kind !== 'proposal') return;
      const { proposal } = inferred;
      const access = proposal.namespaces.flatMap((namespace) =>
        proposal.roles.map(({ athenzRole: role }): RoleAccess => {
          const domain = proposal.domain.replace('{namespace}', namespace);
          return {
            cluster: 'prod',
            namespace,
            domain,
            role,
            outcome: { kind: 'absent', what: 'role', unconfirmed: [] },
          };
        }),
      );
      assert.deepEqual(planFrom(reversed(live), proposal, access.toReversed()), planFrom(live, proposal, access));
    }),
    { numRuns: trials(75) },
  );
});

test('proposes only existing rules, and adopts or reports every binding', () => {
  fc.assert(
    fc.property(anyCluster, (live) => {
      const inferred = inferFrom(live);
      if (inferred.kind !== 'proposal') return;
      const { proposal, left, unproposed } = inferred;
      const texts = new Set([...live.values()].flatMap(({ roles }) => roles.map(({ rules }) => JSON.stringify(rules))));
      for (const { rules } of proposal.roles) assert.ok(texts.has(JSON.stringify(rules)));
      for (const [namespace, { bindings }] of live) {
        for (const { name, owner } of bindings.filter((it) => it.owner === 'operator')) {
          const adopted = proposal.roles.some(({ athenzRole }) => {
            const domain = proposal.domain.replace('{namespace}', namespace);
            return proposal.namespaces.includes(namespace) && name === `${domain}:role.${athenzRole}:members`;
          });
          const reported = left.some((it) => it.namespace === namespace && it.name === name);
          const open = unproposed.some((it) => it.namespaces.includes(namespace) && name.includes(`:role.${it.role}:`));
          assert.ok(adopted || reported || open, `${namespace}/${name} of ${owner}`);
        }
      }
    }),
    { numRuns: trials(75) },
  );
});
