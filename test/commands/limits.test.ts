import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerLine } from '../../src/model/manifest.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import type { RunResult } from '../support/result.ts';
import { bindingsIn } from '../support/roles.ts';
import { sampleOf, shareOf } from '../support/tier.ts';

const branch = 'athenz-gitops/main/prod';

/** The admins of each namespace; `null` if it has no domain. */
type Teams = Readonly<Record<string, Admins | null>>;
type Admins = readonly (string | { readonly name: string; readonly suspended: true })[];

function stateOf(teams: Teams): StateInput {
  const domains = Object.entries(teams).flatMap(([namespace, members]) =>
    members === null ? [] : [[`acme.eks.${namespace}`, { roles: { k8s_ns_admins: members } }] as const],
  );
  return { domains: Object.fromEntries(domains) };
}

/** A fixture with these teams in the base, and these limits for later changes. */
async function openTeams(teams: Teams, limits: string): Promise<Fixture> {
  const fixture = await openFixture({ uncommitted: true });
  fixture.sandbox.update(() => stateOf(teams));
  await fixture.write({ 'clusters/prod/namespaces.yaml': JSON.stringify(Object.keys(teams)) });
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.editConfig((text) => text.replace(/^limits:\n.*\n/m, `limits: ${limits}\n`));
  await fixture.commit({}, 'Rendered');
  return fixture;
}

/** `team0`, `team1` … with five admins each. */
function manyTeams(amount: number): Record<string, Admins> {
  return Object.fromEntries(Array.from({ length: amount }, (_, index) => [`team${index}`, people(`t${index}_`, 5)]));
}

function people(prefix: string, amount: number): readonly string[] {
  return Array.from({ length: amount }, (_, index) => `user.${prefix}${index}`);
}

/** The admins of each namespace in a commit. */
function adminsIn(fixture: Fixture, commit: string): Readonly<Record<string, readonly string[]>> {
  const paths = fixture.git('ls-tree', '-r', '--name-only', commit, 'output').split('\n');
  const texts = fixture
    .git('show', ...paths.map((path) => `${commit}:${path}`))
    .split(new RegExp(`^(?=${headerLine})`, 'm'));
  assert.equal(texts.length, paths.length);
  const bound = bindingsIn(new Map(paths.map((path, index) => [path, texts[index] ?? ''])));
  const admins = Object.entries(bound).filter(([id]) => id.endsWith('/k8s_ns_admins'));
  return Object.fromEntries(admins.map(([id, members]) => [id.split('/')[1] ?? '', members]));
}

async function heldBy(fixture: Fixture, args: readonly string[]): Promise<readonly string[]> {
  const { out } = await fixture.expect(4, [...args, '--json']);
  const { plan } = JSON.parse(out) as RunResult;
  return plan.held.map(
    ({ code, namespace, losses, gains = [] }) => `${code} ${namespace} ${losses.length + gains.length}`,
  );
}

test('mass removals are held, and an approval covers only that plan', async () => {
  const teams = manyTeams(12);
  await using fixture = await openTeams(teams, '{neverEmpty: [k8s_ns_admins]}');
  const others = { team4: [...people('t4_', 5), 'user.zoe'], team5: people('t5_', 4) };
  const suspended = { ...others, team5: [...others.team5, { name: 'user.t5_4', suspended: true as const }] };
  const emptied = { team0: [], team1: [], team2: [], team3: [] };
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  const third = ['team0', 'team1', 'team2', 'team3'].map((team) => `LIMIT_REMOVED_GRANTS ${team} 5`);
  assert.deepEqual(await heldBy(fixture, ['plan']), third);
  const quiet = await fixture.expect(4, ['plan', '--quiet']);
  assert.deepEqual([quiet.out, quiet.err], ['', 'exit code 4: 4 held (needs approval)\n']);
  const { out } = await fixture.expect(4, ['sync']);
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others });
  assert.equal(out.match(/held: 20 removals in prod exceed limits\.maxRemovedGrants/g)?.length, 1);
  // Approving one limit approves the other: whoever does has read of both.
  const places = ['team0', 'team1', 'team2', 'team3'].map((team) => `k8s_ns_admins in ${team}`).join(', ');
  assert.ok(out.includes(`\n    also held by limits.neverEmpty: ${places} would lose their last member\n`), out);
  for (const member of ['t0_0', 't1_4', 't3_4'])
    assert.match(out, new RegExp(`- user\\.${member} +k8s_ns_admins +not in Athenz; origin unknown`));
  const [approval = ''] = /--accept-removals [0-9a-f]{16}/.exec(out) ?? [];
  const note = fixture.git('log', '-1', '--notes=*', branch);
  assert.ok(note.includes(`athenz-gitops sync ${approval}`));
  assert.match(note, /also held by limits\.neverEmpty: k8s_ns_admins in team0, .* would lose their last member/);

  // One removal more or less is another plan.
  const otherPlans = [
    { ...emptied, team6: [] },
    { team0: [], team1: [], team2: [], team3: ['user.t3_0'] },
  ] as const;
  for (const other of shareOf(otherPlans, 1, 2)) {
    fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...other }));
    assert.equal((await heldBy(fixture, ['sync', ...approval.split(' ')])).length, Object.keys(other).length);
    assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others });
  }
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  await fixture.expect(0, ['sync', ...approval.split(' ')]);
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others, ...emptied });
  assert.match(
    fixture.git('log', '-1', '--notes=*', branch),
    /20 removals in 4 namespaces approved with --accept-removals/,
  );

  // It stays proposed until it is merged.
  const tip = fixture.git('rev-parse', branch);
  await fixture.expect(0, ['plan']);
  await fixture.expect(0, ['sync']);
  assert.equal(fixture.git('rev-parse', branch), tip);
  // Approved removals are not held again; new ones are.
  const more = { ...others, team4: people('t4_', 4), team3: ['user.t3_9'] };
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied, ...more }));
  await fixture.expect(0, ['sync']);
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others, ...emptied, ...more });
  fixture.sandbox.update(() =>
    stateOf({ ...teams, ...suspended, ...emptied, team3: ['user.t3_0'], team6: [], team7: [], team8: [] }),
  );
  assert.deepEqual(await heldBy(fixture, ['sync']), [
    'LIMIT_REMOVED_GRANTS team3 4',
    'LIMIT_REMOVED_GRANTS team6 5',
    'LIMIT_REMOVED_GRANTS team7 5',
    'LIMIT_REMOVED_GRANTS team8 5',
  ]);
  const stillApproved = { team0: [], team1: [], team2: [] };
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others, ...stillApproved });
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  await fixture.expect(4, ['sync']);
  const [again = ''] = /--accept-removals [0-9a-f]{16}/.exec((await fixture.expect(4, ['plan'])).out) ?? [];
  await fixture.expect(0, ['sync', ...again.split(' ')]);
  merge(fixture.dir, branch);
  await fixture.expect(0, ['sync']);

  // The approval is used up: later removals are held again.
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied, team7: [], team8: [], team9: [] }));
  assert.equal((await heldBy(fixture, ['sync', ...approval.split(' ')])).length, 3);
});

test('mass additions are held, and an approval covers only that plan', async () => {
  const teams = manyTeams(4);
  await using fixture = await openTeams(teams, '{maxAddedGrants: {percent: 25, floor: 10}}');
  const flood = {
    team0: [...people('t0_', 4), ...people('x', 500)],
    team1: [...people('t1_', 5), ...people('y', 500)],
  };
  const others = { team2: people('t2_', 3) };
  fixture.sandbox.update(() => stateOf({ ...teams, ...flood, ...others }));
  const held = ['team0', 'team1'].map((team) => `LIMIT_ADDED_GRANTS ${team} 500`);
  assert.deepEqual(await heldBy(fixture, ['plan']), held);
  const { out } = await fixture.expect(4, ['sync']);
  const withoutFlood = { ...teams, ...others, team0: people('t0_', 4) };
  assert.deepEqual(adminsIn(fixture, branch), withoutFlood, 'removals go through where additions are held');
  assert.match(out, /held: 1000 additions in prod exceed limits\.maxAddedGrants/);
  const [approval = ''] = /--accept-additions [0-9a-f]{16}/.exec(out) ?? [];
  assert.ok(fixture.git('log', '-1', '--notes=*', branch).includes(`athenz-gitops sync ${approval}`));

  for (const team3 of [['user.z'], [...people('t3_', 5), 'user.z']]) {
    fixture.sandbox.update(() => stateOf({ ...teams, ...flood, ...others, team3 }));
    assert.equal((await heldBy(fixture, ['sync', ...approval.split(' ')])).length, 3);
    assert.ok(!adminsIn(fixture, branch)['team0']?.includes('user.x0'));
  }
  fixture.sandbox.update(() => stateOf({ ...teams, ...flood, ...others }));
  await fixture.expect(4, ['sync', ...approval.replace('additions', 'removals').split(' ')]);
  await fixture.expect(0, ['sync', ...approval.split(' ')]);
  const sorted = { team0: [...flood.team0].sort(), team1: [...flood.team1].sort() };
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others, ...sorted });
  merge(fixture.dir, branch);
  await fixture.expect(0, ['sync']);

  fixture.sandbox.update(() => stateOf({ ...teams, ...flood, ...others, team3: people('z', 800) }));
  assert.deepEqual(await heldBy(fixture, ['render', ...approval.split(' ')]), ['LIMIT_ADDED_GRANTS team3 800']);
});

const zeroLimits = 'maxRemovedGrants: {percent: 0, floor: 0}, maxAddedGrants: {percent: 0, floor: 0}';

const small = [
  ['a suspended sole admin is dropped', `{${zeroLimits}}`, ['user.a'], [{ name: 'user.a', suspended: true }], []],
  [
    'a suspended sole admin is dropped despite neverEmpty',
    `{${zeroLimits}, neverEmpty: [k8s_ns_admins]}`,
    ['user.a'],
    [{ name: 'user.a', suspended: true }],
    [],
  ],
  ['one of two grants of a cluster is dropped', '{}', ['user.a', 'user.b'], ['user.a'], ['user.a']],
] as const;
for (const [name, limits, before, now, expected] of sampleOf(small, [
  'a suspended sole admin is dropped despite neverEmpty',
])) {
  test(`${name} without an approval`, async () => {
    await using fixture = await openTeams({ search: before }, limits);
    fixture.sandbox.update(() => stateOf({ search: now }));
    await fixture.expect(0, ['sync']);
    assert.deepEqual(adminsIn(fixture, branch), { search: expected });
  });
}

type Members = Teams[string];
const emptyRoles: readonly (readonly [name: string, before: Members, now: Members])[] = [
  ['stays empty', [], []],
  ['has only a suspended member', [{ name: 'user.a', suspended: true }], [{ name: 'user.a', suspended: true }]],
  ['disappears with its domain', [], null],
  ['is new', null, []],
];
for (const [name, before, now] of sampleOf(emptyRoles, ['disappears with its domain'])) {
  test(`an empty role that ${name} is not held`, async () => {
    await using fixture = await openTeams(
      { search: before, web: ['user.b'] },
      `{${zeroLimits}, neverEmpty: [k8s_ns_admins]}`,
    );
    fixture.sandbox.update(() => stateOf({ search: now, web: ['user.b'] }));
    const { out } = await fixture.expect(0, ['sync']);
    assert.match(out, /^No changes\./);
  });
}
