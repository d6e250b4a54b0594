import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { bindingsIn } from '../support/roles.ts';
import { merge, openStage, type Stage } from '../support/stage.ts';

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

/** A stage whose base has what these teams gave, under these limits from now on. */
async function openTeams(teams: Teams, limits: string): Promise<Stage> {
  const stage = await openStage({ uncommitted: true });
  stage.sandbox.update(() => stateOf(teams));
  await stage.write({ 'clusters/prod/namespaces.yaml': JSON.stringify(Object.keys(teams)) });
  await stage.expect(0, ['render', '--quiet']);
  await stage.editConfig((text) => text.replace(/^limits:\n.*\n/m, `limits: ${limits}\n`));
  await stage.commit({}, 'Rendered');
  return stage;
}

/** `team0` … each with its own five admins. */
function manyTeams(amount: number): Record<string, Admins> {
  return Object.fromEntries(Array.from({ length: amount }, (_, index) => [`team${index}`, people(`t${index}_`, 5)]));
}

function people(prefix: string, amount: number): readonly string[] {
  return Array.from({ length: amount }, (_, index) => `user.${prefix}${index}`);
}

/** Who has the admin role of each namespace in a commit. */
function adminsIn(stage: Stage, commit: string): Readonly<Record<string, readonly string[]>> {
  const paths = stage.git('ls-tree', '-r', '--name-only', commit, 'output').split('\n');
  const bound = bindingsIn(new Map(paths.map((path) => [path, stage.git('show', `${commit}:${path}`)])));
  const admins = Object.entries(bound).filter(([id]) => id.endsWith('/k8s_ns_admins'));
  return Object.fromEntries(admins.map(([id, members]) => [id.split('/')[1] ?? '', members]));
}

async function heldBy(stage: Stage, args: readonly string[]): Promise<readonly string[]> {
  const { out } = await stage.expect(4, [...args, '--json']);
  const { plan } = JSON.parse(out) as RunResult;
  return plan.held.map(
    ({ code, namespace, losses, gains = [] }) => `${code} ${namespace} ${losses.length + gains.length}`,
  );
}

test('empty roles for a third of the namespaces are held, the others go on, and the override is for that plan alone', async () => {
  const teams = manyTeams(12);
  await using stage = await openTeams(teams, '{neverEmpty: [k8s_ns_admins]}');
  const others = { team4: [...people('t4_', 5), 'user.zoe'], team5: people('t5_', 4) };
  const suspended = { ...others, team5: [...others.team5, { name: 'user.t5_4', suspended: true as const }] };
  const emptied = { team0: [], team1: [], team2: [], team3: [] };
  stage.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  const third = ['team0', 'team1', 'team2', 'team3'].map((team) => `LIMIT_REMOVED_GRANTS ${team} 5`);
  assert.deepEqual(await heldBy(stage, ['plan']), third);
  const { out } = await stage.expect(4, ['sync']);
  assert.deepEqual(adminsIn(stage, branch), { ...teams, ...others });
  for (const team of Object.keys(emptied)) assert.match(out, new RegExp(`held back: ${team}: 5 of the 20 removals`));
  const [override = ''] = /--accept-removals [0-9a-f]{16}/.exec(out) ?? [];
  assert.ok(stage.git('log', '-1', '--notes=*', branch).includes(`athenz-gitops sync ${override}`));

  // One more is another plan, and so is one less.
  for (const other of [
    { ...emptied, team6: [] },
    { team0: [], team1: [], team2: [], team3: ['user.t3_0'] },
  ]) {
    stage.sandbox.update(() => stateOf({ ...teams, ...suspended, ...other }));
    assert.equal((await heldBy(stage, ['sync', ...override.split(' ')])).length, Object.keys(other).length);
    assert.deepEqual(adminsIn(stage, branch), { ...teams, ...others });
  }
  stage.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  await stage.expect(0, ['sync', ...override.split(' ')]);
  assert.deepEqual(adminsIn(stage, branch), { ...teams, ...others, ...emptied });
  assert.match(stage.git('log', '-1', '--notes=*', branch), /20 removals in 4 namespaces let through a limit/);

  // It stays proposed: the next run comes before anybody has merged it.
  const tip = stage.git('rev-parse', branch);
  await stage.expect(0, ['plan']);
  await stage.expect(0, ['sync']);
  assert.equal(stage.git('rev-parse', branch), tip);
  // Of what was looked at nothing is held, whatever else happens; what is new is.
  const more = { ...others, team4: people('t4_', 4), team3: ['user.t3_9'] };
  stage.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied, ...more }));
  await stage.expect(0, ['sync']);
  assert.deepEqual(adminsIn(stage, branch), { ...teams, ...others, ...emptied, ...more });
  stage.sandbox.update(() =>
    stateOf({ ...teams, ...suspended, ...emptied, team3: ['user.t3_0'], team6: [], team7: [], team8: [] }),
  );
  assert.deepEqual(await heldBy(stage, ['sync']), [
    'LIMIT_REMOVED_GRANTS team3 4',
    'LIMIT_REMOVED_GRANTS team6 5',
    'LIMIT_REMOVED_GRANTS team7 5',
    'LIMIT_REMOVED_GRANTS team8 5',
  ]);
  const looked = { team0: [], team1: [], team2: [] };
  assert.deepEqual(adminsIn(stage, branch), { ...teams, ...others, ...looked });
  stage.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied }));
  await stage.expect(4, ['sync']);
  const [again = ''] = /--accept-removals [0-9a-f]{16}/.exec((await stage.expect(4, ['plan'])).out) ?? [];
  await stage.expect(0, ['sync', ...again.split(' ')]);
  merge(stage.dir, branch);
  await stage.expect(0, ['sync']);

  // It is used up: what happens next is held again.
  stage.sandbox.update(() => stateOf({ ...teams, ...suspended, ...emptied, team7: [], team8: [], team9: [] }));
  assert.equal((await heldBy(stage, ['sync', ...override.split(' ')])).length, 3);
});

test('a thousand members that are suddenly there are held, the others go on, and the override is for that plan alone', async () => {
  const teams = manyTeams(4);
  await using stage = await openTeams(teams, '{maxAddedGrants: {percent: 25, floor: 10}}');
  const flood = {
    team0: [...people('t0_', 4), ...people('x', 500)],
    team1: [...people('t1_', 5), ...people('y', 500)],
  };
  const others = { team2: people('t2_', 3) };
  stage.sandbox.update(() => stateOf({ ...teams, ...flood, ...others }));
  const held = ['team0', 'team1'].map((team) => `LIMIT_ADDED_GRANTS ${team} 500`);
  assert.deepEqual(await heldBy(stage, ['plan']), held);
  const { out } = await stage.expect(4, ['sync']);
  const kept = { ...teams, ...others, team0: people('t0_', 4) };
  assert.deepEqual(adminsIn(stage, branch), kept, 'who left has left, also where others stay out');
  assert.match(out, /held back: team1: 500 of the 1000 additions in prod.* Not added: user\.y0, .* and 490 more\.\n/);
  const [override = ''] = /--accept-additions [0-9a-f]{16}/.exec(out) ?? [];
  assert.ok(stage.git('log', '-1', '--notes=*', branch).includes(`athenz-gitops sync ${override}`));

  for (const team3 of [['user.z'], [...people('t3_', 5), 'user.z']]) {
    stage.sandbox.update(() => stateOf({ ...teams, ...flood, ...others, team3 }));
    assert.equal((await heldBy(stage, ['sync', ...override.split(' ')])).length, 3);
    assert.ok(!adminsIn(stage, branch)['team0']?.includes('user.x0'));
  }
  stage.sandbox.update(() => stateOf({ ...teams, ...flood, ...others }));
  await stage.expect(4, ['sync', ...override.replace('additions', 'removals').split(' ')]);
  await stage.expect(0, ['sync', ...override.split(' ')]);
  const sorted = { team0: [...flood.team0].sort(), team1: [...flood.team1].sort() };
  assert.deepEqual(adminsIn(stage, branch), { ...teams, ...others, ...sorted });
  merge(stage.dir, branch);
  await stage.expect(0, ['sync']);

  stage.sandbox.update(() => stateOf({ ...teams, ...flood, ...others, team3: people('z', 800) }));
  assert.deepEqual(await heldBy(stage, ['render', ...override.split(' ')]), ['LIMIT_ADDED_GRANTS team3 800']);
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
    await using stage = await openTeams({ search: before }, limits);
    stage.sandbox.update(() => stateOf({ search: now }));
    await stage.expect(0, ['sync']);
    assert.deepEqual(adminsIn(stage, branch), { search: expected });
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
    await using stage = await openTeams(
      { search: before, web: ['user.b'] },
      `{${nothing}, neverEmpty: [k8s_ns_admins]}`,
    );
    stage.sandbox.update(() => stateOf({ search: now, web: ['user.b'] }));
    const { out } = await stage.expect(0, ['sync']);
    assert.match(out, /^Nothing to change/);
  });
}
