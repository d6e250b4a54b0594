import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/load.ts';
import type { DetailedDocument, DomainStamp } from '../../src/model/domain.ts';
import { roleName } from '../../src/model/domain.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';
import { planProvision } from '../../src/provision/plan.ts';
import type { ProvisionInput } from '../../src/provision/plan-input.ts';
import type { ProvisionPlan, Step } from '../../src/provision/result.ts';
import { trials } from '../support/properties.ts';

// Applies plans to a model of Athenz: one run converges from any state, and only adds.

const names = ['ant', 'bee', 'cat', 'dog', 'eel'];
const roleNames = ['admins', 'viewers', 'oncall'];
const stampedAt = '2026-11-21T00:00:00.000Z';

const config = parseConfig(
  `
athenz: {zmsUrl: "https://zms.example.com:4443/zms/v1"}
clusters:
  - {name: one, domain: "eks.one.{namespace}", namespaces: {files: [one/*.yaml]}}
  - {name: two, domain: "eks.two.{namespace}", namespaces: {files: [two/*.yaml]}}
roles: [${roleNames.map((name) => `{athenzRole: ${name}, clusterRole: view}`).join(', ')}]
provision:
  adminUsers: [user.lead]
  org: shop
  groups: {crew: {members: [user.kim]}}
  roles:
    admins: {members: [user.ida], description: May do all}
    oncall: {trust: {domain: eks.trusted, role: sre, policy: true}}
`,
  'g.yaml',
);

/** Domain name → document; `unknown`: listed, but its read failed. */
type World = ReadonlyMap<string, DetailedDocument | 'unknown'>;

function documentOf(name: string, parts: Partial<DetailedDocument> = {}): DetailedDocument {
  return {
    name,
    modified: stampedAt,
    enabled: true,
    roles: [],
    groups: [],
    assumes: [],
    settings: { tags: {} },
    roleSettings: new Map((parts.roles ?? []).map((role) => [role.name, { tags: {} }])),
    policies: [],
    services: [],
    ...parts,
  };
}

const members = fc
  .uniqueArray(fc.constantFrom('user.ada', 'user.bob', 'user.eve'))
  .map((all) => all.map((name) => ({ name })));
const role = (name: string) =>
  fc.oneof(
    members.map((all) => ({ name, members: all })),
    fc.constantFrom('eks.trusted', 'eks.other').map((trust) => ({ name, members: [], trust })),
  );
const document = (name: string) =>
  fc
    .record({
      enabled: fc.boolean(),
      roles: fc.subarray([...roleNames, 'by_hand']).chain((some) => fc.tuple(...some.map(role))),
      groups: fc
        .subarray(['crew', 'others'])
        .chain((some) => fc.tuple(...some.map((group) => members.map((all) => ({ name: group, members: all }))))),
    })
    .map((parts) => documentOf(name, parts));

const domains = ['one', 'two'].flatMap((cluster) => names.map((name) => `eks.${cluster}.${name}`));
const world: fc.Arbitrary<World> = fc
  .tuple(
    fc
      .subarray(domains)
      .chain((some) =>
        fc.tuple(
          ...some.map((name) =>
            fc
              .oneof({ weight: 4, arbitrary: document(name) }, fc.constant('unknown' as const))
              .map((it) => [name, it] as const),
          ),
        ),
      ),
    fc.constantFrom('there', 'asserts', 'unknown', 'absent'),
  )
  .map(([some, trusted]) => {
    const parents = ['eks.one', 'eks.two'].map((name) => [name, documentOf(name)] as const);
    const assumes = trusted === 'asserts' ? [{ role: 'eks.trusted:role.sre', resource: 'eks.*:role.oncall' }] : [];
    const there = documentOf('eks.trusted', { roles: [{ name: 'sre', members: [] }], assumes });
    const target = trusted === 'absent' ? [] : [['eks.trusted', trusted === 'unknown' ? 'unknown' : there] as const];
    return new Map<string, DetailedDocument | 'unknown'>([...parents, ...some, ...target]);
  });
const anyDesired = fc.record({ one: fc.subarray(names), two: fc.subarray(names) });
type Desired = typeof anyDesired extends fc.Arbitrary<infer T> ? T : never;

function inputOf(state: World, { one, two }: Desired, reversed = false): ProvisionInput {
  const order = <T>(list: readonly T[]): readonly T[] => (reversed ? list.toReversed() : list);
  const list: readonly DomainStamp[] = [...state.keys()].sort().map((name) => {
    const found = state.get(name);
    return { name, modified: stampedAt, enabled: found === 'unknown' || found?.enabled !== false };
  });
  const problem = { code: 'ZMS_TIMEOUT', message: 'reading it' } as const;
  const reads = [...domains, 'eks.trusted'].map((name): readonly [string, DomainRead<DetailedDocument>] => {
    const found = state.get(name);
    if (found === undefined) return [name, { kind: 'absent', confirmed: false }];
    return [name, found === 'unknown' ? { kind: 'unknown', problem } : { kind: 'value', value: found }];
  });
  const inventory = Object.entries({ one, two }).map(([cluster, namespaces]) => ({
    cluster,
    namespaces: order(namespaces.map((name) => ({ name, source: `${cluster}/a.yaml` }))),
    excluded: [],
    problems: [],
  }));
  return {
    config: { ...config, owner: 'ours' },
    inventory: order(inventory),
    athenz: { list: order(list), domains: new Map(order(reads)) },
    update: false,
    prune: false,
    now: new Date(stampedAt),
  };
}

/** Applies a step; fails on a step that would replace something. */
function applyStep(state: World, domain: string, step: Step): World {
  const at = step.kind === 'create-policy' ? step.target : domain;
  const old = state.get(at);
  if (step.kind === 'create-domain') {
    assert.equal(old, undefined, `${at} exists`);
    return new Map(state).set(at, documentOf(at, { settings: step.settings }));
  }
  assert.ok(old !== undefined && old !== 'unknown' && old.enabled, `${step.kind} in ${at}`);
  return new Map(state).set(at, { ...old, ...added(old, step) });
}

function added(old: DetailedDocument, step: Step): Partial<DetailedDocument> {
  switch (step.kind) {
    case 'create-role': {
      assert.ok(!old.roles.some(({ name }) => name === step.role), `${roleName(old.name, step.role)} exists`);
      const { members, trust } = step.settings;
      const made = { name: step.role, members: members.map((name) => ({ name })) };
      return { roles: [...old.roles, trust === undefined ? made : { ...made, trust: trust.domain }] };
    }
    case 'create-group': {
      assert.ok(!old.groups.some(({ name }) => name === step.group));
      return { groups: [...old.groups, { name: step.group, members: step.members.map((name) => ({ name })) }] };
    }
    case 'create-policy':
      return { policies: [...old.policies, step.policy], assumes: [...old.assumes, step.asserts] };
    default:
      assert.fail(`unexpected step ${step.kind}`);
  }
}

function apply(state: World, { domains: plans }: ProvisionPlan): World {
  let next = state;
  for (const { domain, steps } of plans) for (const step of steps) next = applyStep(next, domain, step);
  return next;
}

const runs = { numRuns: trials(75) };

test('a second run has no steps and the same problems', () => {
  fc.assert(
    fc.property(world, anyDesired, (state, desired) => {
      const plan = planProvision(inputOf(state, desired));
      const again = planProvision(inputOf(apply(state, plan), desired));
      assert.deepEqual(
        again.domains.flatMap(({ steps }) => steps),
        [],
      );
      assert.deepEqual(again.problems, plan.problems);
      const needed = [...desired.one.map((name) => `eks.one.${name}`), ...desired.two.map((name) => `eks.two.${name}`)];
      assert.equal(again.needed, needed.length);
      const after = apply(state, plan);
      // ZMS rejects delegation to an absent domain.
      const possible = roleNames.filter((name) => name !== 'oncall' || state.has('eks.trusted'));
      for (const domain of needed) {
        const found = after.get(domain);
        if (found === 'unknown' || found?.enabled === false) continue;
        assert.deepEqual(
          possible.filter((name) => !found?.roles.some((it) => it.name === name)),
          [],
          domain,
        );
        assert.ok(found?.groups.some(({ name }) => name === 'crew'));
      }
    }),
    runs,
  );
});

test('unreadable and unneeded domains get no steps', () => {
  fc.assert(
    fc.property(world, anyDesired, (state, desired) => {
      const needed = new Set(
        Object.entries(desired).flatMap(([cluster, all]) => all.map((name) => `eks.${cluster}.${name}`)),
      );
      const { domains: plans, problems } = planProvision(inputOf(state, desired));
      for (const { domain, steps } of plans) {
        assert.ok(needed.has(domain));
        if (state.get(domain) === 'unknown') assert.deepEqual(steps, []);
        for (const step of steps) {
          if (step.kind === 'create-policy') assert.notEqual(state.get(step.target), 'unknown');
        }
      }
      const reported = new Set(problems.map(({ domain }) => domain));
      for (const domain of needed) if (state.get(domain) === 'unknown') assert.ok(reported.has(domain));
    }),
    runs,
  );
});

test('the order of namespaces, clusters and domains does not matter', () => {
  fc.assert(
    fc.property(world, anyDesired, (state, desired) => {
      const [one, other] = [false, true].map((reversed) => planProvision(inputOf(state, desired, reversed)));
      assert.deepEqual(other, one);
    }),
    runs,
  );
});
