import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/load.ts';
import type { DetailedDocument, DomainStamp } from '../../src/model/domain.ts';
import { roleName } from '../../src/model/domain.ts';
import type { ProvisionPlan, Step } from '../../src/model/provision.ts';
import type { DomainRead } from '../../src/model/snapshot.ts';
import type { ProvisionInput } from '../../src/provision/input.ts';
import { planProvision } from '../../src/provision/plan.ts';
import { effort } from '../support/effort.ts';

// The plan and a model of Athenz that does what a step says: whatever is there in the beginning, one run is enough, and it
// only ever adds.

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

/** Domain → its document; `unknown`: it is listed, and its read failed. */
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
const wanted = fc.record({ one: fc.subarray(names), two: fc.subarray(names) });
type Wanted = typeof wanted extends fc.Arbitrary<infer T> ? T : never;

function inputOf(them: World, { one, two }: Wanted, reversed = false): ProvisionInput {
  const order = <T>(list: readonly T[]): readonly T[] => (reversed ? list.toReversed() : list);
  const list: readonly DomainStamp[] = [...them.keys()].sort().map((name) => {
    const found = them.get(name);
    return { name, modified: stampedAt, enabled: found === 'unknown' || found?.enabled !== false };
  });
  const problem = { code: 'ZMS_TIMEOUT', message: 'reading it' } as const;
  const reads = [...domains, 'eks.trusted'].map((name): readonly [string, DomainRead<DetailedDocument>] => {
    const found = them.get(name);
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
    config,
    inventory: order(inventory),
    athenz: { list: order(list), domains: new Map(order(reads)) },
    update: false,
    prune: false,
    now: new Date(stampedAt),
  };
}

/** What Athenz has after a step; a step about something that is there already would have replaced it. */
function carryOut(them: World, domain: string, step: Step): World {
  const at = step.kind === 'create-policy' ? step.target : domain;
  const old = them.get(at);
  if (step.kind === 'create-domain') {
    assert.equal(old, undefined, `${at} is there`);
    return new Map(them).set(at, documentOf(at, { settings: step.settings }));
  }
  assert.ok(old !== undefined && old !== 'unknown' && old.enabled, `${step.kind} in ${at}`);
  return new Map(them).set(at, { ...old, ...added(old, step) });
}

function added(old: DetailedDocument, step: Step): Partial<DetailedDocument> {
  switch (step.kind) {
    case 'create-role': {
      assert.ok(!old.roles.some(({ name }) => name === step.role), `${roleName(old.name, step.role)} is there`);
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
      assert.fail(`nobody asked for ${step.kind}`);
  }
}

function apply(them: World, { domains: plans }: ProvisionPlan): World {
  let next = them;
  for (const { domain, steps } of plans) for (const step of steps) next = carryOut(next, domain, step);
  return next;
}

const runs = { numRuns: effort(300) };

test('one run is enough: a second one has no steps, and what could not be read is still to be told', () => {
  fc.assert(
    fc.property(world, wanted, (them, want) => {
      const plan = planProvision(inputOf(them, want));
      const again = planProvision(inputOf(apply(them, plan), want));
      assert.deepEqual(
        again.domains.flatMap(({ steps }) => steps),
        [],
      );
      assert.deepEqual(again.problems, plan.problems);
      const asked = [...want.one.map((name) => `eks.one.${name}`), ...want.two.map((name) => `eks.two.${name}`)];
      assert.equal(again.needed, asked.length);
      const after = apply(them, plan);
      // ZMS refuses to delegate to a domain that is not there.
      const possible = roleNames.filter((name) => name !== 'oncall' || them.has('eks.trusted'));
      for (const domain of asked) {
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

test('what could not be read gets no step, nor does what nobody asked for', () => {
  fc.assert(
    fc.property(world, wanted, (them, want) => {
      const asked = new Set(
        Object.entries(want).flatMap(([cluster, all]) => all.map((name) => `eks.${cluster}.${name}`)),
      );
      const { domains: plans, problems } = planProvision(inputOf(them, want));
      for (const { domain, steps } of plans) {
        assert.ok(asked.has(domain));
        if (them.get(domain) === 'unknown') assert.deepEqual(steps, []);
        for (const step of steps) {
          if (step.kind === 'create-policy') assert.notEqual(them.get(step.target), 'unknown');
        }
      }
      const told = new Set(problems.map(({ domain }) => domain));
      for (const domain of asked) if (them.get(domain) === 'unknown') assert.ok(told.has(domain));
    }),
    runs,
  );
});

test('the order in which namespaces, clusters and domains are found changes nothing', () => {
  fc.assert(
    fc.property(world, wanted, (them, want) => {
      const [one, other] = [false, true].map((reversed) => planProvision(inputOf(them, want, reversed)));
      assert.deepEqual(other, one);
    }),
    runs,
  );
});
