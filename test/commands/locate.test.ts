import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { gitEnv, writeFiles } from '../support/repository.ts';
import { runMain } from '../support/run.ts';

test('the config is found in the folders above, and named; --config and a nearer one win', async () => {
  await using fixture = await openFixture();
  const cwd = join(fixture.dir, 'some', 'folder');
  await mkdir(cwd, { recursive: true });
  const found = await fixture.run(['plan', '--exit-code'], { cwd });
  assert.deepEqual([found.code, found.err], [5, 'using the config ../../athenz-gitops.yaml\n']);
  assert.equal(found.out, (await fixture.run(['plan', '--exit-code'])).out);
  const quiet = await fixture.run(['render', '--quiet'], { cwd });
  assert.deepEqual([quiet.code, quiet.err], [0, '']);
  for (const args of [
    ['plan', '--config', 'athenz-gitops.yaml'],
    ['init', '--domain', 'a', '--offline'],
  ]) {
    assert.doesNotMatch((await fixture.run(args, { cwd })).err, /using the config/);
  }
  await fixture.write({ 'some/athenz-gitops.yaml': 'athenz: {}\n' });
  assert.match(
    (await fixture.run(['plan'], { cwd })).err,
    /^using the config \.\.\/athenz-gitops\.yaml\nerror: CONFIG/,
  );
});

test('a config above the repository, or above no repository, is not taken', async () => {
  await using folder = await makeFolder();
  const config = 'athenz: {}\n';
  await writeFiles(folder.dir, { 'athenz-gitops.yaml': config, 'plain/a': '', 'fake/below/a': '' });
  // A folder that anybody could make is no repository.
  await writeFiles(folder.dir, { 'fake/.git/HEAD': '', 'fake/athenz-gitops.yaml': config });
  await mkdir(join(folder.dir, 'own'));
  execFileSync('git', ['init', '--quiet'], { cwd: join(folder.dir, 'own'), env: gitEnv });
  for (const name of ['plain', 'own', 'fake/below']) {
    const { code, err } = await runMain(['plan'], { cwd: join(folder.dir, name), env: gitEnv });
    assert.equal(code, 2);
    assert.match(
      err,
      /^error: CONFIG_NOT_FOUND: reading the config .*athenz-gitops\.yaml: no such file or folder \(ENOENT\)\n/,
    );
  }
});
