import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { readFiles } from '../support/generated.ts';
import { fingerprint, gitEnv } from '../support/repository.ts';
import { runMain } from '../support/run.ts';
import { shareOf } from '../support/tier.ts';

const bin = fileURLToPath(new URL('../../bin/athenz-gitops.js', import.meta.url));
const old = oldNode();
/** Kills a program that hangs, which fails its test. */
const bounded = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

test('an older Node fails with one clear line, exit 2', {
  skip: old ? false : 'no older Node here',
}, () => {
  for (const args of [[], ['--version'], ['sync']]) {
    const { status, stdout, stderr } = spawnSync(old ?? '', [bin, ...args], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^athenz-gitops needs Node 22\.19 or later; this is v\d+\.\d+\.\d+\. In a clone, npx .*\n$/);
  }
});

test('as a process, the program has the right exit codes and streams', async () => {
  await using fixture = await openFixture();
  const run = (...args: readonly string[]) =>
    spawned([bin, ...args], { cwd: fixture.dir, env: { ...gitEnv, GIT_DIR: '/nowhere', EDITOR: 'false' } });
  const plan = await run('plan', '--json', '--exit-code');
  assert.equal(plan.code, 5);
  assert.equal(JSON.parse(plan.out).exitCode, 5);
  assert.equal(plan.err, '');
  const failed = await run('sync', '--config', 'nowhere.yaml');
  assert.equal(failed.code, 2);
  assert.match(failed.err, /^error: CONFIG_NOT_FOUND: /);
  assert.equal(
    (await run('--version')).out,
    `${JSON.parse(await readFile(join(bin, '../../package.json'), 'utf8')).version}\n`,
  );
});

test('compiled code is cached below the cache folder of the user, if it is theirs', async () => {
  await using folder = await makeFolder();
  const { NODE_COMPILE_CACHE: _, ...env } = gitEnv;
  const version = (changes: NodeJS.ProcessEnv) =>
    spawned([bin, '--version'], { cwd: folder.dir, env: { ...env, ...changes } });
  const [mine, theirs] = [join(folder.dir, 'mine'), join(folder.dir, 'theirs')];
  for (const dir of [mine, theirs]) await mkdir(dir);
  assert.equal((await version({ XDG_CACHE_HOME: mine })).code, 0);
  assert.deepEqual(await readdir(join(mine, 'node-compile-cache')), ['athenz-gitops']);
  const unusable = [{}, { HOME: 'not/absolute' }, { XDG_CACHE_HOME: join(folder.dir, 'missing') }];
  for (const missing of shareOf(unusable, 1, 3)) assert.equal((await version(missing)).code, 0);
  assert.deepEqual((await readdir(folder.dir)).sort(), ['mine', 'theirs']);
  // Where no folder can be made, as in /proc, it is not tried without end.
  assert.equal((await version({ XDG_CACHE_HOME: '/proc/self' })).code, 0);
  // Only root can give a folder away.
  if (process.getuid?.() !== 0) return;
  await chown(theirs, 65_534, 65_534);
  assert.equal((await version({ XDG_CACHE_HOME: theirs })).code, 0);
  assert.deepEqual(await readdir(theirs), []);
});

const noDevices = existsSync('/dev/full') ? false : 'no /dev/full here';

test('what goes wrong outside a command is one clear error too', { skip: noDevices }, async () => {
  await using fixture = await openFixture();
  const shell = (command: string) => {
    const script = `run() { "${process.execPath}" "${bin}" "$@"; }; ${command}`;
    return spawned(['-c', script], { cwd: fixture.dir, env: gitEnv }, 'sh');
  };
  const cases: readonly (readonly [command: string, code: number, err: RegExp])[] = [
    ['mkdir gone; cd gone; rmdir ../gone; run plan', 2, /^error: USAGE: the working directory no longer exists\n/],
    ['ALL_PROXY=socks5://127.0.0.1:1 run plan --quiet', 0, /^$/],
    ['run plan --json > /dev/full', 1, /^error: OUTPUT_WRITE: writing to stdout: ENOSPC: .*\n$/],
    ['run plan --config nowhere.yaml 2> /dev/full', 2, /^$/],
    [
      'run plan --snapshot /dev/zero',
      2,
      /^error: SNAPSHOT_INVALID: reading the snapshot \/dev\/zero: line 1: not JSON\n/,
    ],
  ];
  for (const [command, code, err] of cases) {
    const ran = await shell(command);
    assert.equal(ran.code, code, `${command}: ${ran.err}`);
    assert.match(ran.err, err);
    assert.doesNotMatch(ran.err, /\n {4}at /);
  }
});

test('a closed stdout pipe is not an error', async () => {
  await using fixture = await openFixture();
  const command = `"${process.execPath}" "${bin}" plan | head -1; exit "\${PIPESTATUS[0]}"`;
  const child = spawn('bash', ['-c', command], { cwd: fixture.dir, env: gitEnv, ...bounded });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
});

test('demo prints its six steps and cleans up, also inside a git hook', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-test-'));
  const hook = { GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index', VISUAL: 'vim' };
  const { code, out, err } = await spawned([bin, 'demo'], { cwd: dir, env: { ...gitEnv, ...hook, TMPDIR: dir } });
  assert.deepEqual([code, err], [0, '']);
  assert.deepEqual(await readdir(dir), []);
  await rm(dir, { recursive: true });
  const titles = out.split('\n').filter((line) => /^\d\. /.test(line));
  assert.deepEqual(
    titles.map((line) => line.slice(0, 2)),
    ['1.', '2.', '3.', '4.', '5.', '6.'],
  );
  const steps = out.split(/^\d\. .*$/m).slice(1);
  assert.match(steps[1] ?? '', /24 grants to add in .*Created branch athenz-gitops\/main\/prod.*\$ git merge/s);
  const manifest =
    /\$ git show .*\n {2}# Code generated by athenz-gitops\. DO NOT EDIT\.\n.*kind: "RoleBinding".*"user\.dara"\n/s;
  assert.match(steps[1] ?? '', manifest);
  assert.match(steps[2] ?? '', /^ {2}- payments: .*\n {2}\+ payments: /m);
  assert.match(steps[3] ?? '', /- user\.bo .*no longer a member.*- user\.hana .*suspended in Athenz/s);
  assert.match(steps[3] ?? '', /\$ git notes .*Merging this changes who may do what/s);
  assert.match(steps[4] ?? '', /No changes\. Git matches Athenz/);
  assert.match(steps[5] ?? '', /acme\.eks\.labs\n.*\+ role k8s_ns_admins {2}done.*Completed \d of \d steps\./s);
});

test('demo --keep keeps its folder and prints its path', async () => {
  const { code, out } = await runMain(['demo', '--keep'], { env: gitEnv });
  assert.equal(code, 0);
  const [, dir = ''] = /Everything is in (\S+)\.\n/.exec(out) ?? [];
  assert.match(dir, /athenz-gitops-demo-/);
  try {
    await access(join(dir, 'gitops', 'output', 'prod', 'search', 'rbac.yaml'));
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('sandbox serves a working config until stopped, and keeps edited state', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-test-'));
  try {
    let rendered = 0;
    const untilStopped = async () => {
      const args = ['render', '--config', 'try/athenz-gitops.yaml', '--quiet'];
      assert.equal((await runMain(args, { cwd: dir, env: gitEnv })).code, 0);
      rendered = (await readFiles(dir, 'try/output')).size;
    };
    const { code, out } = await runMain(['sandbox', '--dir', 'try', '--port', '0'], { cwd: dir, untilStopped });
    assert.equal(code, 0);
    assert.match(out, /^A ZMS listens at https:\/\/localhost:\d+\/zms\/v1 until you stop it/);
    assert.match(out, /try\/athenz\.yaml .*edit it/);
    assert.equal(rendered, 6);
    // After the stop, nothing answers.
    const again = await runMain(['render', '--config', 'try/athenz-gitops.yaml'], {
      cwd: dir,
      env: gitEnv,
      clock: noWaiting,
    });
    assert.match(again.err, /^error: ZMS_UNREACHABLE/);
    // A second start keeps the edited state.
    await writeFile(join(dir, 'try', 'athenz.yaml'), 'domains: {}\n');
    await runMain(['sandbox', '--dir', 'try', '--port', '0', '--quiet'], { cwd: dir });
    assert.equal(await readFile(join(dir, 'try', 'athenz.yaml'), 'utf8'), 'domains: {}\n');
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('sandbox reports a port in use, exit 2', async () => {
  await using fixture = await openFixture();
  const port = new URL(fixture.sandbox.url).port;
  const { code, err } = await runMain(['sandbox', '--dir', 'try', '--port', port], { cwd: fixture.dir });
  assert.equal(code, 2);
  assert.match(
    err,
    new RegExp(
      `^error: USAGE: starting the sandbox on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*\n {2}Choose another port`,
    ),
  );
});

for (const signal of shareOf(['SIGINT', 'SIGTERM'] as const, 1, 2)) {
  test(`sandbox stops on ${signal}, exit 0`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-test-'));
    try {
      const child = spawn(process.execPath, [bin, 'sandbox', '--port', '0', '--dir', dir], { env: gitEnv, ...bounded });
      await once(child.stdout, 'data');
      child.kill(signal);
      const [code] = await once(child, 'exit');
      assert.equal(code, 0);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
}

test('demo deletes its folder when it is interrupted at its first word', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-test-'));
  try {
    const child = spawn(process.execPath, [bin, 'demo'], { env: { ...gitEnv, TMPDIR: dir }, ...bounded });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 143);
    assert.deepEqual(
      (await readdir(dir)).filter((name) => name.includes('demo')),
      [],
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('sync killed during a poll has written nothing', async () => {
  await using fixture = await openFixture();
  const before = await fingerprint(fixture.dir);
  const polled = new Promise<void>((resolve) => {
    fixture.sandbox.intercept(({ path }) => {
      if (!path.endsWith('/signed')) return undefined;
      resolve();
      return { kind: 'hang' };
    });
  });
  const child = spawn(process.execPath, [bin, 'sync'], { cwd: fixture.dir, env: gitEnv, ...bounded });
  await polled;
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await fingerprint(fixture.dir), before);
  fixture.sandbox.intercept(undefined);
  await fixture.expect(0, ['sync']);
});

const noWaiting = { now: () => Date.now(), sleep: async () => {} };

/** The system's own Node, if it is too old for the program. */
function oldNode(): string | undefined {
  try {
    const [major = 0, minor = 0] = execFileSync('/usr/bin/node', ['-p', 'process.versions.node'], { encoding: 'utf8' })
      .split('.')
      .map(Number);
    return major < 22 || (major === 22 && minor < 19) ? '/usr/bin/node' : undefined;
  } catch {
    return undefined;
  }
}

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function spawned(
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  program = process.execPath,
): Promise<Finished> {
  const child = spawn(program, [...args], { ...options, ...bounded });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = await once(child, 'close');
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}
