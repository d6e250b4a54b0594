import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { bindingsIn } from '../support/roles.ts';

const branch = 'athenz-gitops/main/prod';

/** Who is in the admin role of each namespace; an absent domain is `null`. */
type Teams = Readonly<Record<string, Admins | null>>;
type Admins = readonly (string | { readonly name: string; readonly suspended: true })[];

function stateOf(teams: Teams): StateInput {
  const domains = Object.entries(teams).flatMap(([namespace, members]) =>
    members === null ? [] : [[`acme.eks.${namespace}`, { roles: { k8s_ns_admins: members } }] as const],
  );
  return { domains: Object.fromEntries(domains) };
}

/** A fixture whose base has what these teams gave, under these limits from now on. */
async function openTeams(teams: Teams, limits: string): Promise<Fixture> {
  const fixture = await openFixture({ uncommitted: true });
  fixture.sandbox.update(() => stateOf(teams));
  await fixture.write({ 'clusters/prod/namespaces.yaml': JSON.stringify(Object.keys(teams)) });
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.editConfig((text) => text.replace(/^limits:\n.*\n/m, `limits: ${limits}\n`));
  await fixture.commit({}, 'Rendered');
  return fixture;
}

/** `team0` … each with its own five admins. */
function manyTeams(amount: number): Record<string, Admins> {
  return Object.fromEntries(Array.from({ length: amount }, (_, index) => [`team${index}`, people(`t${index}_`, 5)]));
}

function people(prefix: string, amount: number): readonly string[] {
  return Array.from({ length: amount }, (_, index) => `user.${prefix}${index}`);
}

/** Who has the admin role of each namespace in a commit. */
function adminsIn(fixture: Fixture, commit: string): Readonly<Record<string, readonly string[]>> {
  const paths = fixture.git('ls-tree', '-r', '--name-only', commit, 'output').split('\n');
  const bound = bindingsIn(new Map(paths.map((path) => [path, fixture.git('show', `${commit}:${path}`)])));
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

test('empty roles for a third of the namespaces are held, the others go on, and the override is for that plan alone', async () => {
  const teams = manyTeams(12);
  await using fixture = await openTeams(teams, '{neverEmpty: [k8s_ns_admins]}');
  const others = { team4: [...people('t4_', 5), 'user.zoe'], team5: people('t5_', 4) };
  const suspended = { ...others, team5: [...others.team5, { name: 'user.t5_4', suspended: true as const }] };
  const emptied = { team0: [], team1: [], team2: [], team3: [] };
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  const third = ['team0', 'team1', 'team2', 'team3'].map((team) => `LIMIT_REMOVED_GRANTS ${team} 5`);
  assert.deepEqual(await heldBy(fixture, ['plan']), third);
  const { out } = await fixture.expect(4, ['sync']);
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others });
  for (const team of Object.keys(emptied)) assert.match(out, new RegExp(`held back: ${team}: 5 of the 20 removals`));
  const [override = ''] = /--accept-removals [0-9a-f]{16}/.exec(out) ?? [];
  assert.ok(fixture.git('log', '-1', '--notes=*', branch).includes(`athenz-gitops sync ${override}`));

  // One more is another plan, and so is one less.
  for (const other of [
    { ...emptied, team6: [] },
    { team0: [], team1: [], team2: [], team3: ['user.t3_0'] },
  ]) {
    fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...other }));
    assert.equal((await heldBy(fixture, ['sync', ...override.split(' ')])).length, Object.keys(other).length);
    assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others });
  }
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  await fixture.expect(0, ['sync', ...override.split(' ')]);
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others, ...emptied });
  assert.match(fixture.git('log', '-1', '--notes=*', branch), /20 removals in 4 namespaces let through a limit/);

  // It stays proposed: the next run comes before anybody has merged it.
  const tip = fixture.git('rev-parse', branch);
  await fixture.expect(0, ['plan']);
  await fixture.expect(0, ['sync']);
  assert.equal(fixture.git('rev-parse', branch), tip);
  // Of what was looked at nothing is held, whatever else happens; what is new is.
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
  const looked = { team0: [], team1: [], team2: [] };
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others, ...looked });
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  await fixture.expect(4, ['sync']);
  const [again = ''] = /--accept-removals [0-9a-f]{16}/.exec((await fixture.expect(4, ['plan'])).out) ?? [];
  await fixture.expect(0, ['sync', ...again.split(' ')]);
  merge(fixture.dir, branch);
  await fixture.expect(0, ['sync']);

  // It is used up: what happens next is held again.
  fixture.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied, team7: [], team8: [], team9: [] }));
  assert.equal((await heldBy(fixture, ['sync', ...override.split(' ')])).length, 3);
});

test('a thousand members that are suddenly there are held, the others go on, and the override is for that plan alone', async () => {
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
  const kept = { ...teams, ...others, team0: people('t0_', 4) };
  assert.deepEqual(adminsIn(fixture, branch), kept, 'who left has left, also where others stay out');
  assert.match(out, /held back: team1: 500 of the 1000 additions in prod.* Not added: user\.y0, .* and 490 more\.\n/);
  const [override = ''] = /--accept-additions [0-9a-f]{16}/.exec(out) ?? [];
  assert.ok(fixture.git('log', '-1', '--notes=*', branch).includes(`athenz-gitops sync ${override}`));

  for (const team3 of [['user.z'], [...people('t3_', 5), 'user.z']]) {
    fixture.sandbox.update(() => stateOf({ ...teams, ...flood, ...others, team3 }));
    assert.equal((await heldBy(fixture, ['sync', ...override.split(' ')])).length, 3);
    assert.ok(!adminsIn(fixture, branch)['team0']?.includes('user.x0'));
  }
  fixture.sandbox.update(() => stateOf({ ...teams, ...flood, ...others }));
  await fixture.expect(4, ['sync', ...override.replace('additions', 'removals').split(' ')]);
  await fixture.expect(0, ['sync', ...override.split(' ')]);
  const sorted = { team0: [...flood.team0].sort(), team1: [...flood.team1].sort() };
  assert.deepEqual(adminsIn(fixture, branch), { ...teams, ...others, ...sorted });
  merge(fixture.dir, branch);
  await fixture.expect(0, ['sync']);

  fixture.sandbox.update(() => stateOf({ ...teams, ...flood, ...others, team3: people('z', 800) }));
  assert.deepEqual(await heldBy(fixture, ['render', ...override.split(' ')]), ['LIMIT_ADDED_GRANTS team3 800']);
});

const nothing = 'maxRemovedGrants: {percent: 0, floor: 0}, maxAddedGrants: {percent: 0, floor: 0}';

for (const [name, limits, before, now, expected] of [
  ['a sole admin that is suspended goes', `{${nothing}}`, ['user.a'], [{ name: 'user.a', suspended: true }], []],
  [
    'a sole admin that is suspended goes, also where the role may never be empty',
    `{${nothing}, neverEmpty: [k8s_ns_admins]}`,
    ['user.a'],
    [{ name: 'user.a', suspended: true }],
    [],
  ],
  ['one of the only two grants of a cluster goes', '{}', ['user.a', 'user.b'], ['user.a'], ['user.a']],
] as const) {
  test(`${name}, without an override`, async () => {
    await using fixture = await openTeams({ search: before }, limits);
    fixture.sandbox.update(() => stateOf({ search: now }));
    await fixture.expect(0, ['sync']);
    assert.deepEqual(adminsIn(fixture, branch), { search: expected });
  });
}

for (const [name, before, now] of [
  ['stays empty', [], []],
  [
    'has only somebody suspended, as before',
    [{ name: 'user.a', suspended: true }],
    [{ name: 'user.a', suspended: true }],
  ],
  ['vanishes with its domain', [], null],
  ['was not there and comes empty', null, []],
] as const) {
  test(`a role that is empty in base and ${name} is never held`, async () => {
    await using fixture = await openTeams(
      { search: before, web: ['user.b'] },
      `{${nothing}, neverEmpty: [k8s_ns_admins]}`,
    );
    fixture.sandbox.update(() => stateOf({ search: now, web: ['user.b'] }));
    const { out } = await fixture.expect(0, ['sync']);
    assert.match(out, /^Nothing to change/);
  });
}
