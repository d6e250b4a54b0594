import assert from 'node:assert/strict';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertFinding, diagnose } from '../support/diagnosis.ts';
import { openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { gitEnv, gitIn, refsOf } from '../support/repository.ts';

test('a valid repository and remote: ok, and no ref changes', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  const refs = () => [refsOf(fixture.dir), refsOf(fixture.target)];
  const before = refs();
  const diagnosis = await diagnose(fixture);
  assertFinding(diagnosis, { check: 'git', status: 'ok', says: /^git version \d+\.\d+/ });
  assertFinding(diagnosis, { check: 'history', status: 'ok', says: /whole/ });
  assertFinding(diagnosis, { check: 'remote', status: 'ok', says: /origin is reachable/ });
  const tip = fixture.tipOf('main').slice(0, 12);
  assertFinding(diagnosis, { check: 'base', status: 'ok', says: new RegExp(`^branch main at ${tip}$`) });
  assertFinding(diagnosis, { check: 'push', status: 'ok', says: /allowed below athenz-gitops\// });
  assert.deepEqual(refs(), before);
});

test('no repository: error', async () => {
  await using fixture = await openFixture();
  await rm(join(fixture.dir, '.git'), { recursive: true });
  const diagnosis = await diagnose(fixture);
  assertFinding(diagnosis, { check: 'git', status: 'error', says: /GIT_NOT_A_REPOSITORY/, fix: /git init/ });
  assertFinding(diagnosis, { check: 'remote', status: 'skipped', says: /fix git first/ });
  assertFinding(diagnosis, { check: 'zms', status: 'ok', says: /lists/ });
});

test('an outdated git: error', async () => {
  await using fixture = await openFixture();
  await using folder = await makeFolder();
  const wrapper = (version: string) => `#!/bin/sh
if [ "$1" = version ]; then echo 'git version ${version}'; exit; fi
PATH='${process.env['PATH']}' exec git "$@"
`;
  const env = { ...gitEnv, PATH: `${folder.dir}:${process.env['PATH']}` };
  const diagnoseWith = async (version: string) => {
    await writeFile(join(folder.dir, 'git'), wrapper(version), { mode: 0o755 });
    return diagnose(fixture, { env });
  };
  for (const version of ['2.37.9', '1.99.0']) {
    const expected = { check: 'git', status: 'error', says: new RegExp(`${version} is too old`) } as const;
    assertFinding(await diagnoseWith(version), { ...expected, fix: /install git 2\.38/ });
  }
  for (const version of ['2.38.0', '2.50.1 (Apple Git-155)', '3.0.0'])
    assertFinding(await diagnoseWith(version), { check: 'git', status: 'ok', says: /^git version/ });
});

test('a shallow clone: warning', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  await fixture.commit({ 'note.txt': 'x' });
  fixture.pushMain();
  await using folder = await makeFolder();
  const clone = join(folder.dir, 'clone');
  gitIn(folder.dir, 'clone', '--quiet', '--depth=1', `file://${fixture.target}`, clone);
  await rename(join(clone, '.git'), join(fixture.dir, '.git-shallow'));
  await rm(join(fixture.dir, '.git'), { recursive: true });
  await rename(join(fixture.dir, '.git-shallow'), join(fixture.dir, '.git'));
  const expected = { check: 'history', status: 'warning', says: /shallow/, fix: /fetch-depth: 0/ } as const;
  assertFinding(await diagnose(fixture), expected);
});

test('a missing base branch: error', async () => {
  const elsewhere = (text: string) => text.replace(/^forge:/m, 'forge:\n  base: trunk');
  const fix = /forge\.base/;
  await using local = await openRemoteFixture();
  await local.editConfig(elsewhere);
  const here = await diagnose(local);
  assertFinding(here, { check: 'base', status: 'error', says: /GIT_BASE_NOT_FOUND.*no branch trunk/, fix });
  await using remote = await openRemoteFixture({ remote: true });
  await remote.editConfig(elsewhere);
  const there = await diagnose(remote);
  assertFinding(there, { check: 'remote', status: 'error', says: /GIT_BASE_NOT_FOUND.*origin.*trunk/, fix });
  assertFinding(there, { check: 'push', status: 'skipped', says: /remote/ });
});

test('an unconfigured or missing remote: error', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  await rename(fixture.target, `${fixture.target}-gone`);
  const missing = await diagnose(fixture);
  assertFinding(missing, {
    check: 'remote',
    status: 'error',
    says: /GIT_FAILED: reading origin/,
    fix: /git remote add/,
  });
  await rename(`${fixture.target}-gone`, fixture.target);
  fixture.git('remote', 'remove', 'origin');
  const none = await diagnose(fixture);
  assertFinding(none, { check: 'remote', status: 'error', says: /no remote origin/, fix: /git remote add origin URL/ });
});

test('the password of an unreachable remote is not printed', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  fixture.git('remote', 'set-url', 'origin', 'http://bot:hunter2@127.0.0.1:1/a.git');
  const diagnosis = await diagnose(fixture);
  assertFinding(diagnosis, { check: 'remote', status: 'error', says: /GIT_FAILED/ });
  assert.ok(!JSON.stringify(diagnosis).includes('hunter2'));
});

test('conflicting branch names: error', async () => {
  for (const name of ['athenz-gitops', 'athenz-gitops/main']) {
    await using fixture = await openRemoteFixture({ remote: true });
    gitIn(fixture.target, 'branch', name, 'main');
    const says = new RegExp(`branch ${name} of origin conflicts with`);
    assertFinding(await diagnose(fixture), { check: 'branches', status: 'error', says, fix: /rename it/ });
  }
});

test('stale git locks: warning, and they are kept', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  const folder = join(fixture.dir, '.git/refs/heads/athenz-gitops/main');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'prod.lock');
  await writeFile(file, '');
  const young = await diagnose(fixture);
  assert.deepEqual(
    young.findings.filter(({ check }) => check === 'locks'),
    [],
    'a recent lock may be in use',
  );
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(file, hourAgo, hourAgo);
  const says = /^\.git\/refs\/heads\/athenz-gitops\/main\/prod\.lock was left behind/;
  for (const _ of [1, 2]) {
    assertFinding(await diagnose(fixture), { check: 'locks', status: 'warning', says, fix: /removes it/ });
  }
});

test('user hooks do not run', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  await fixture.write({ '.git/hooks/pre-push': '+x #!/bin/sh\ntouch hook-ran\nexit 1\n' });
  assertFinding(await diagnose(fixture), { check: 'push', status: 'ok', says: /allowed/ });
  await assert.rejects(utimes(join(fixture.dir, 'hook-ran'), 0, 0), { code: 'ENOENT' });
});
