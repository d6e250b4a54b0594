import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { Sbom } from '../../packaging/sbom.ts';
import { projectRoot } from '../support/generated.ts';
import { type Packed, pack, readPackage } from '../support/packed.ts';
import type { Action, Workflow } from '../support/workflow.ts';

// npm run test:install: the package and the action as npm itself installs them.

const run = promisify(execFile);

let packed: Packed;
let prefix: string;
before(async () => {
  packed = await pack();
  prefix = join(packed.dir, 'global');
  await mkdir(prefix);
  // Whatever it has to fetch would fail.
  const offline = ['--offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', '--global', '--prefix', prefix, ...offline, packed.tarball], { cwd: packed.dir });
});
after(() => packed[Symbol.asyncDispose]());

test('the demo runs from the command that npm links', async () => {
  const env = { PATH: `${join(prefix, 'bin')}:${process.env['PATH']}`, HOME: packed.dir };
  const { stdout } = await run('athenz-gitops', ['demo'], { cwd: packed.dir, env });
  assert.match(stdout, /\nDone\. The folder was deleted/);
});

test('the SBOM of a release has every package that is bundled', async () => {
  const { jobs } = parse(await readFile(join(projectRoot, '.github/workflows/release.yml'), 'utf8')) as Workflow;
  const lines = Object.values(jobs).flatMap(({ steps = [] }) =>
    steps.flatMap(({ run: script = '' }) => script.split('\n')),
  );
  const [script = ''] = lines.filter((line) => line.startsWith('npm sbom'));
  // Built and listed in a copy, as the file is written beside the package.
  const copy = join(packed.dir, 'copy');
  await cp(join(projectRoot, 'package-lock.json'), join(copy, 'package-lock.json'));
  await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: copy });
  const { components } = JSON.parse(await readFile(join(copy, 'build/athenz-gitops.cdx.json'), 'utf8')) as Sbom;
  const listed = components.map((it) => it['bom-ref']);
  const { dependencies = {} } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(dependencies)) {
    const { version } = await readPackage(join(projectRoot, 'node_modules', name));
    assert.ok(listed.includes(`${name}@${version}`), name);
  }
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
});
