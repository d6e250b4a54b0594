import assert from 'node:assert/strict';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertFinding, diagnose } from '../../support/diagnosis.ts';
import { makeFolder } from '../../support/folder.ts';
import { openPlace } from '../../support/place.ts';
import { gitEnv, gitIn, refsOf } from '../../support/repository.ts';
import { openStage } from '../../support/stage.ts';

test('a repository and a remote that are right: ok, and no ref has come or moved', async () => {
  await using place = await openPlace({ remote: true });
  const refs = () => [refsOf(place.dir), refsOf(place.target)];
  const before = refs();
  const diagnosis = await diagnose(place);
  assertFinding(diagnosis, { check: 'git', status: 'ok', says: /^git version \d+\.\d+/ });
  assertFinding(diagnosis, { check: 'history', status: 'ok', says: /whole/ });
  assertFinding(diagnosis, { check: 'remote', status: 'ok', says: /origin is reachable/ });
  const tip = place.tipOf('main').slice(0, 12);
  assertFinding(diagnosis, { check: 'base', status: 'ok', says: new RegExp(`^branch main at ${tip}$`) });
  assertFinding(diagnosis, { check: 'push', status: 'ok', says: /allowed below athenz-gitops\// });
  assert.deepEqual(refs(), before);
});

test('no repository: error', async () => {
  await using stage = await openStage();
  await rm(join(stage.dir, '.git'), { recursive: true });
  const diagnosis = await diagnose(stage);
  assertFinding(diagnosis, { check: 'git', status: 'error', says: /GIT_NOT_A_REPOSITORY/, fix: /git init/ });
  assertFinding(diagnosis, { check: 'remote', status: 'skipped', says: /git has to be right first/ });
  assertFinding(diagnosis, { check: 'zms', status: 'ok', says: /lists/ });
});

test('a git that is too old: error', async () => {
  await using stage = await openStage();
  await using folder = await makeFolder();
  const wrapper = (version: string) => `#!/bin/sh
if [ "$1" = version ]; then echo 'git version ${version}'; exit; fi
PATH='${process.env['PATH']}' exec git "$@"
`;
  const env = { ...gitEnv, PATH: `${folder.dir}:${process.env['PATH']}` };
  const with_ = async (version: string) => {
    await writeFile(join(folder.dir, 'git'), wrapper(version), { mode: 0o755 });
    return diagnose(stage, { env });
  };
  for (const version of ['2.37.9', '1.99.0']) {
    const expected = { check: 'git', status: 'error', says: new RegExp(`${version} is too old`) } as const;
    assertFinding(await with_(version), { ...expected, fix: /install git 2\.38/ });
  }
  for (const version of ['2.38.0', '2.50.1 (Apple Git-155)', '3.0.0'])
    assertFinding(await with_(version), { check: 'git', status: 'ok', says: /^git version/ });
});

test('a shallow clone: warning', async () => {
  await using place = await openPlace({ remote: true });
  await place.commit({ 'note.txt': 'x' });
  place.pushMain();
  await using folder = await makeFolder();
  const clone = join(folder.dir, 'clone');
  gitIn(folder.dir, 'clone', '--quiet', '--depth=1', `file://${place.target}`, clone);
  await rename(join(clone, '.git'), join(place.dir, '.git-shallow'));
  await rm(join(place.dir, '.git'), { recursive: true });
  await rename(join(place.dir, '.git-shallow'), join(place.dir, '.git'));
  const expected = { check: 'history', status: 'warning', says: /shallow/, fix: /fetch-depth: 0/ } as const;
  assertFinding(await diagnose(place), expected);
});

test('a base branch that is not there: error', async () => {
  const elsewhere = (text: string) => text.replace(/^forge:/m, 'forge:\n  base: trunk');
  const fix = /forge\.base/;
  await using local = await openPlace();
  await local.editConfig(elsewhere);
  const here = await diagnose(local);
  assertFinding(here, { check: 'base', status: 'error', says: /GIT_BASE_NOT_FOUND.*no branch trunk/, fix });
  await using remote = await openPlace({ remote: true });
  await remote.editConfig(elsewhere);
  const there = await diagnose(remote);
  assertFinding(there, { check: 'remote', status: 'error', says: /GIT_BASE_NOT_FOUND.*origin.*trunk/, fix });
  assertFinding(there, { check: 'push', status: 'skipped', says: /remote/ });
});

test('a remote that is not configured, or not there: error', async () => {
  await using place = await openPlace({ remote: true });
  await rename(place.target, `${place.target}-gone`);
  const gone = await diagnose(place);
  assertFinding(gone, { check: 'remote', status: 'error', says: /GIT_FAILED: reading origin/, fix: /credentials/ });
  await rename(`${place.target}-gone`, place.target);
  place.git('remote', 'remove', 'origin');
  const none = await diagnose(place);
  assertFinding(none, { check: 'remote', status: 'error', says: /no remote origin/, fix: /git remote add origin URL/ });
});

test('the password in the URL of a remote that cannot be reached is not shown', async () => {
  await using place = await openPlace({ remote: true });
  place.git('remote', 'set-url', 'origin', 'http://bot:hunter2@127.0.0.1:1/a.git');
  const diagnosis = await diagnose(place);
  assertFinding(diagnosis, { check: 'remote', status: 'error', says: /GIT_FAILED/ });
  assert.ok(!JSON.stringify(diagnosis).includes('hunter2'));
});

test('branches in the way of ours: error', async () => {
  for (const name of ['athenz-gitops', 'athenz-gitops/main']) {
    await using place = await openPlace({ remote: true });
    gitIn(place.target, 'branch', name, 'main');
    const says = new RegExp(`branch ${name} of origin is in the way`);
    assertFinding(await diagnose(place), { check: 'branches', status: 'error', says, fix: /rename it/ });
  }
});

test('locks that a killed git has left: warning, and they stay', async () => {
  await using place = await openPlace({ remote: true });
  const folder = join(place.dir, '.git/refs/heads/athenz-gitops/main');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'prod.lock');
  await writeFile(file, '');
  const young = await diagnose(place);
  assert.deepEqual(
    young.findings.filter(({ check }) => check === 'locks'),
    [],
    'a git may be at it',
  );
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(file, hourAgo, hourAgo);
  const says = /^\.git\/refs\/heads\/athenz-gitops\/main\/prod\.lock was left behind/;
  for (const _ of [1, 2]) {
    assertFinding(await diagnose(place), { check: 'locks', status: 'warning', says, fix: /takes it away/ });
  }
});

test('no hook of the user runs', async () => {
  await using place = await openPlace({ remote: true });
  await place.write({ '.git/hooks/pre-push': '+x #!/bin/sh\ntouch hook-ran\nexit 1\n' });
  assertFinding(await diagnose(place), { check: 'push', status: 'ok', says: /allowed/ });
  await assert.rejects(utimes(join(place.dir, 'hook-ran'), 0, 0), { code: 'ENOENT' });
});
