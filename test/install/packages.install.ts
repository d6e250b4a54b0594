import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { projectRoot } from '../support/generated.ts';
import { type Packed, pack, packageNames, readPackage } from '../support/packed.ts';
import type { Action } from '../support/workflow.ts';

// npm run test:install: the packages as npm itself installs them, from a registry.

const run = promisify(execFile);
const lock = JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
};

let packed: Packed;
let prefix: string;
before(async () => {
  packed = await pack();
  prefix = join(packed.dir, 'global');
  await mkdir(prefix);
  const tarballs = packageNames.map((name) => packed.tarball(name));
  const args = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', ...tarballs];
  await run('npm', args, { cwd: packed.dir });
});
after(() => packed[Symbol.asyncDispose]());

/** Types only: nothing of them is loaded, and one package can name one version of another alone. */
const types = /(^|\/)(@types\/[^/]+|undici-types|@octokit\/(types|openapi-types))$/;

test('npm installs the versions of the lock file, whatever is newer', async () => {
  for (const name of packageNames) {
    const folder = join(prefix, 'lib/node_modules', name);
    const found = globSync('node_modules/**/package.json', { cwd: folder })
      .map(dirname)
      .filter((place) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/.test(place));
    assert.ok(found.length > 20, `${found.length}`);
    for (const place of found) {
      if (types.test(place)) continue;
      const { version } = await readPackage(join(folder, place));
      assert.equal(version, lock.packages[place]?.version, place);
    }
  }
});

test('the demo runs from the command that npm links', async () => {
  const env = { PATH: `${join(prefix, 'bin')}:${process.env['PATH']}`, HOME: packed.dir };
  const { stdout } = await run('athenz-gitops', ['demo'], { cwd: packed.dir, env });
  assert.match(stdout, /\nDone\. The folder was deleted/);
});

test('the action runs from its checkout, with production dependencies alone', async () => {
  const checkout = join(packed.dir, 'action');
  const { stdout: listed } = await run('git', ['ls-files', '-z'], { cwd: projectRoot });
  const files = listed.split('\0').filter((file) => file !== '' && !/^(docs|test)\//.test(file));
  for (const file of files) await cp(join(projectRoot, file), join(checkout, file));
  const { runs } = parse(await readFile(join(checkout, 'action.yml'), 'utf8')) as Action;
  const install = runs.steps.find((step) => step.run?.includes('npm ci'))?.run ?? assert.fail('no npm ci');
  const env = { ...process.env, GITHUB_ACTION_PATH: checkout };
  await run('bash', ['-euo', 'pipefail', '-c', install], { cwd: packed.dir, env });
  const bin = join(checkout, 'bin/athenz-gitops.js');
  const { version } = await readPackage(checkout);
  assert.equal((await run(process.execPath, [bin, '--version'], { cwd: packed.dir })).stdout, `${version}\n`);
  // Loads the modules of a run, and needs none of the tools of development.
  await assert.rejects(run(process.execPath, [bin, 'drift'], { cwd: packed.dir }), /CONFIG_NOT_FOUND/);
  await assert.rejects(run(process.execPath, [bin, 'demo'], { cwd: packed.dir }), /SANDBOX_MISSING: .*development/);
});
