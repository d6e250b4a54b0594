import assert from 'node:assert/strict';
import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGit } from '../../src/git/git.ts';
import { verifying } from '../../src/git/verification.ts';
import { serveHttps } from '../support/https.ts';
import { gitEnv, makeRepository } from '../support/repository.ts';

const unverified: readonly (readonly [name: string, config: string, ignored: readonly string[]])[] = [
  ['nothing', '', []],
  ['true in any spelling', '[http]\n\tsslVerify\n[http "https://a/"]\n\tsslVerify = on\n', []],
  ['http.sslVerify', '[http]\n\tsslVerify = false\n', ['http.sslverify']],
  ['an empty value', '[http]\n\tsslVerify =\n', ['http.sslverify']],
  ...['0x0', '-0', '+0', '0k', '00', '" 0"', 'oFF'].map(
    (value) => [`false spelled ${value}`, `[http]\n\tsslVerify = ${value}\n`, ['http.sslverify']] as const,
  ),
  ['false, then true', '[http]\n\tsslVerify = 0x0\n\tsslVerify = 2\n', []],
  [
    'one server',
    '[http "https://Git.example.com/a.b"]\n\tSSLVERIFY = 0\n',
    ['http.https://Git.example.com/a.b.sslverify'],
  ],
];
for (const [name, config, ignored] of unverified) {
  test(`certificates are verified again with ${name} configured`, async () => {
    await using repository = await makeRepository();
    await repository.write({ global: config });
    const env = { ...gitEnv, GIT_CONFIG_GLOBAL: join(repository.dir, 'global') };
    const verified = await verifying(openGit(repository.dir, env), env);
    assert.deepEqual(verified.ignored, ignored);
    const all = await verifying(openGit(repository.dir, env), { ...env, GIT_SSL_NO_VERIFY: '1' });
    assert.deepEqual(all.ignored, ['GIT_SSL_NO_VERIFY', ...ignored]);
  });
}

test('an sslVerify that is neither true nor false is an error that names it', async () => {
  await using repository = await makeRepository();
  repository.git('config', 'http.sslVerify', 'maybe');
  const message = /bad boolean config value 'maybe' for 'http\.sslverify'/;
  await assert.rejects(verifying(repository.own, gitEnv), { code: 'GIT_FAILED', message });
});

test('git rejects an impostor whatever sslVerify is set to, for every server or one, in any spelling', async () => {
  await using server = await serveHttps((_, response) => response.end('impostor'));
  await using repository = await makeRepository();
  const url = new URL(server.url).origin;
  repository.git('remote', 'add', 'origin', `${url}/a.git`);
  for (const key of ['http.sslVerify', `http.${url}.sslVerify`, `http.${url}/a.git.sslVerify`]) {
    for (const value of ['false', '0x0', '-0', '0k', ' 0']) repository.git('config', '--add', key, value);
    const { git } = await verifying(repository.own, gitEnv);
    await assert.rejects(git.run('asking', 'ls-remote', 'origin'), { message: /certificate/i }, key);
  }
});

/** With a stand-in for ssh that notes how it is called. */
async function sshArguments(config: Readonly<Record<string, string>>, more: NodeJS.ProcessEnv = {}): Promise<string> {
  await using repository = await makeRepository();
  const { dir } = repository;
  repository.git('remote', 'add', 'origin', 'git@git.example.com:a/b.git');
  for (const [key, value] of Object.entries(config)) repository.git('config', key, value);
  await repository.write({ 'bin/ssh': '#!/bin/sh\necho "$@" >"$0.args"\nexit 255\n' });
  await chmod(join(dir, 'bin/ssh'), 0o755);
  await copyFile(join(dir, 'bin/ssh'), join(dir, 'bin/own-ssh'));
  const env = { ...gitEnv, ...more, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` };
  const { git } = await verifying(openGit(dir, env), env);
  await assert.rejects(git.run('asking', 'ls-remote', 'origin'), { code: /^GIT_/ });
  return readFile(join(dir, 'bin/ssh.args'), 'utf8').catch(() => readFile(join(dir, 'bin/own-ssh.args'), 'utf8'));
}

const limit = /ConnectTimeout=\d+ .*ServerAliveInterval=\d+ .*git@git\.example\.com/;

test('ssh gets a time limit', async () => {
  assert.match(await sshArguments({}), limit);
});

for (const [name, config, env] of [
  ['core.sshCommand', { 'core.sshCommand': 'own-ssh' }, {}],
  ['ssh.variant', { 'ssh.variant': 'ssh' }, {}],
  ['GIT_SSH_COMMAND', {}, { GIT_SSH_COMMAND: 'own-ssh' }],
] as const) {
  test(`ssh is called as ${name} says`, async () => {
    const args = await sshArguments(config, env);
    assert.match(args, /git@git\.example\.com/);
    assert.doesNotMatch(args, limit);
  });
}
