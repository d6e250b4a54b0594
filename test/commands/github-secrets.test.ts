import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../support/folder.ts';
import { everyPermission, everyToken } from '../support/github/options.ts';
import { type GitHubFixture, openGitHubFixture, proposed } from '../support/github-fixture.ts';
import { gitEnv } from '../support/repository.ts';
import { sampleOf } from '../support/tier.ts';

const bin = fileURLToPath(new URL('../../bin/athenz-gitops.js', import.meta.url));
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = String(privateKey.export({ type: 'pkcs1', format: 'pem' }));
const app = { id: 7, slug: 'acme-gitops', installationId: 70, publicKey, permissions: everyPermission };

const token = { GITHUB_TOKEN: everyToken };
const asApp = { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: pem };

/** A personal token, an installation token, git's basic auth, an App's JWT and its key. */
const secrets = [
  /ghp_\w+/,
  /ghs_\w+/,
  new RegExp(Buffer.from('x-access-token:').toString('base64')),
  /eyJ[\w-]+\.eyJ/,
  ...pem
    .split('\n')
    .filter((line) => /^[\w+/=]{20,}$/.test(line))
    .map((line) => new RegExp(line.replace(/[+/]/g, '\\$&'))),
];

function assertNoSecret(what: string, content: string): void {
  for (const secret of secrets) assert.doesNotMatch(content, secret, what);
}

/** The command lines of all running processes. */
async function runningCommands(): Promise<readonly string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
}

/** Checks every file of the repository, including `.git`. */
async function checkFiles({ dir }: GitHubFixture): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    assertNoSecret(entry.name, await readFile(join(entry.parentPath, entry.name), 'latin1'));
  }
}

/** Runs the program; checks all command lines at each GitHub request, and those of each git call. */
async function runAndCheck(
  fixture: GitHubFixture,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): Promise<number | null> {
  await using folder = await makeFolder();
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const log = join(folder.dir, 'log');
  await writeFile(join(folder.dir, 'git'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nexec '${real}' "$@"\n`);
  await chmod(join(folder.dir, 'git'), 0o755);
  const seen: string[] = [];
  fixture.github.intercept(async () => {
    seen.push(...(await runningCommands()));
    return undefined;
  });
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: fixture.dir,
    env: { ...gitEnv, ...env, PATH: `${folder.dir}:${gitEnv['PATH']}` },
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  fixture.github.intercept(undefined);
  assertNoSecret('stdout', out);
  assertNoSecret('stderr', err);
  const gits = await readFile(log, 'utf8');
  assert.match(gits, /^fetch /m);
  assertNoSecret('git arguments', gits);
  assertNoSecret('arguments', seen.join('\n'));
  await checkFiles(fixture);
  return code as number | null;
}

const all = ['sync', '--log-level', 'debug'];

const holders: readonly (readonly [string, NodeJS.ProcessEnv])[] = [
  ['a token', token],
  ["an App's key", asApp],
];

// children has the token in npm test.
for (const [name, env] of sampleOf(holders, ["an App's key"])) {
  test(`${name} appears in no output, argument or file`, async () => {
    await using fixture = await openGitHubFixture({ github: { app } });
    assert.equal(await runAndCheck(fixture, env, all), 0);
    assert.equal(await runAndCheck(fixture, env, [...all, '--json']), 0);
    const { title, body, comments } = fixture.github.pull(1);
    assertNoSecret('the pull request', JSON.stringify({ title, body, comments }));
    assertNoSecret('the commit', fixture.github.git.run('show', proposed));
  });
}

/** Failing runs, which must not print a secret. */
const failures: readonly [string, NodeJS.ProcessEnv, (fixture: GitHubFixture) => void][] = [
  ['an unknown token', { GITHUB_TOKEN: 'ghp_nobodyknowsthisone' }, () => {}],
  ['an App that is not installed', { ...asApp, GITHUB_APP_ID: '8' }, () => {}],
  ['a truncated App key', { ...asApp, GITHUB_APP_PRIVATE_KEY: pem.slice(0, 900) }, () => {}],
  ['a rejected push', token, (fixture) => breakAt(fixture, '/git-receive-pack', 403)],
  ['a 401 from the API', token, (fixture) => breakAt(fixture, '/pulls', 401)],
  ['a 429 from the API', token, (fixture) => breakAt(fixture, '/pulls', 429)],
  ['a reset connection', token, (fixture) => breakAt(fixture, '/pulls', undefined)],
];

function breakAt({ github }: GitHubFixture, end: string, status: number | undefined): void {
  github.intercept(({ path }) => {
    if (!path.endsWith(end)) return undefined;
    return status === undefined ? { kind: 'reset' } : { kind: 'status', status, body: '{"message":"no"}' };
  });
}

for (const [name, env, arrange] of sampleOf(failures, ['an unknown token', 'a truncated App key', 'a rejected push'])) {
  test(`no secret leaks after ${name}`, async () => {
    await using fixture = await openGitHubFixture({ github: { app } });
    arrange(fixture);
    const { code, out, err } = await fixture.run(all, { env: { ...gitEnv, ...env } });
    assert.equal(code, name.includes('App key') ? 2 : 1);
    assert.match(out + err, /FORGE_|GIT_|Failed to propose/);
    assertNoSecret('stdout', out);
    assertNoSecret('stderr', err);
    await checkFiles(fixture);
  });
}
