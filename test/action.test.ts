import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readOutputs } from './support/actions.ts';
import { openFixture } from './support/fixture.ts';
import { makeFolder } from './support/folder.ts';
import { projectRoot } from './support/generated.ts';
import { everyToken } from './support/github/options.ts';
import { startGitHub } from './support/github/stand-in.ts';
import { gitEnv, makeRepository, writeFiles } from './support/repository.ts';
import type { Action, Step, Workflow } from './support/workflow.ts';

// Runs the scripts of the action and the workflows like a GitHub runner.

const action = parse(await readFile(join(projectRoot, 'action.yml'), 'utf8')) as Action;
const guard = parse(await readFile(join(projectRoot, '.github/workflows/guard.yml'), 'utf8')) as Workflow;
const release = parse(await readFile(join(projectRoot, '.github/workflows/release.yml'), 'utf8')) as Workflow;
const run = action.runs.steps.find(({ id }) => id === 'run') ?? assert.fail('the action has no run step');

async function runScript({ run: script = '' }: Step, cwd: string, env: NodeJS.ProcessEnv) {
  const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
  const child = spawn('bash', args, { cwd, env: { ...gitEnv, ...env }, timeout: 60_000, killSignal: 'SIGKILL' });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => log.push(String(chunk)));
  const [code] = await once(child, 'close');
  return { code: code as number, log: log.join('') };
}

/** The step's `env` for these inputs, with defaults for the others. */
function inputs(given: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const entries = Object.entries(run.env ?? {}).map(([name, value]) => {
    const input = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(value)?.[1] ?? assert.fail(value);
    return [name, given[input] ?? (input === 'token' ? '' : (action.inputs[input]?.default ?? assert.fail(input)))];
  });
  return { ...Object.fromEntries(entries), GITHUB_ACTION_PATH: projectRoot };
}

test('a package.json of the repository around the action does not decide what is installed', async () => {
  const install = action.runs.steps.find(({ run: it }) => it?.includes('npm ci')) ?? assert.fail('no step installs');
  await using around = await makeFolder();
  const own = { name: 'own', version: '1.0.0' };
  const lock = { ...own, lockfileVersion: 3, requires: true, packages: { '': own } };
  await writeFiles(around.dir, {
    // Without a lock file, from which npm would install.
    'package.json': JSON.stringify({ name: 'around', workspaces: ['.own'] }),
    '.own/package.json': JSON.stringify(own),
    '.own/package-lock.json': JSON.stringify(lock),
  });
  const env = { GITHUB_ACTION_PATH: join(around.dir, '.own'), npm_config_offline: 'true' };
  const { code, log } = await runScript(install, around.dir, env);
  assert.equal(code, 0, log);
});

test('the tag of a major version moves to its newest release alone', async () => {
  const step = release.jobs['action']?.steps?.[0] ?? assert.fail('no step moves the tag');
  await using folder = await makeFolder();
  const gh =
    '#!/bin/sh\ncase "$*" in *matching-refs*) printf "refs/tags/v1.%s\\n" 10.0 9.1 9.0;; *) echo "$*";; esac\n';
  await writeFiles(folder.dir, { gh });
  await chmod(join(folder.dir, 'gh'), 0o755);
  for (const [tag, said] of [
    ['v1.10.0', /^api --method PATCH repos\/acme\/x\/git\/refs\/tags\/v1 --field sha=abc /],
    ['v1.9.1', /^v1 stays at refs\/tags\/v1\.10\.0\n$/],
  ] as const) {
    const path = `${folder.dir}:${process.env['PATH']}`;
    const env = { PATH: path, GH_REPO: 'acme/x', GITHUB_REF_NAME: tag, GITHUB_SHA: 'abc' };
    const { code, log } = await runScript(step, folder.dir, env);
    assert.equal(code, 0, log);
    assert.match(log, said);
  }
});

test('the action passes arguments on and returns outputs and exit code', async () => {
  await using fixture = await openFixture();
  const output = join(fixture.dir, '..', 'step-output');
  const env = { ...inputs({ command: 'plan', args: '\n--exit-code\n\n--cluster\nprod\n' }), GITHUB_OUTPUT: output };
  const { code, log } = await runScript(run, fixture.dir, env);
  assert.equal(code, 5, log);
  const outputs = readOutputs(await readFile(output, 'utf8'));
  assert.deepEqual(Object.keys(outputs), Object.keys(action.outputs));
  assert.equal(outputs['changed'], 'true');
});

test('an input is passed as one argument and never run by the shell', async () => {
  await using fixture = await openFixture();
  const bad = 'x; touch a $(touch b) `touch c` "\' *';
  for (const given of [{ args: `--cluster=${bad}` }, { command: bad }, { config: bad }]) {
    const { code, log } = await runScript(run, fixture.dir, inputs({ command: 'plan', ...given }));
    assert.equal(code, 2, log);
    assert.ok(log.includes(bad), log);
  }
  for (const name of ['a', 'b', 'c']) await assert.rejects(stat(join(fixture.dir, name)), { code: 'ENOENT' });
});

test('the guard fetches the pull request head without checking it out', async () => {
  const step =
    guard.jobs['rendered-files']?.steps?.find((it) => it.run?.includes('git fetch')) ?? assert.fail('no script');
  await using github = await startGitHub();
  await using clone = await makeRepository();
  clone.git('remote', 'add', 'origin', github.remoteUrl);
  const base = await clone.commit({ 'README.md': 'Base.' });
  const head = github.git.branches().get('main') ?? assert.fail('the stand-in has no main');
  const env = { TOKEN: everyToken, HEAD: head, GITHUB_SERVER_URL: new URL(github.remoteUrl).origin };
  assert.notEqual((await runScript(step, clone.dir, { ...env, TOKEN: 'wrong' })).code, 0);
  const { code, log } = await runScript(step, clone.dir, env);
  assert.equal(code, 0, log);
  assert.ok(!log.includes(everyToken));
  assert.equal(clone.git('cat-file', '-t', head), 'commit');
  assert.deepEqual([clone.git('rev-parse', 'HEAD'), clone.git('status', '--porcelain')], [base, '']);
  assert.doesNotMatch(clone.git('config', '--list'), /extraheader/i);
});
