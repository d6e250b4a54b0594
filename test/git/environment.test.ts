import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gitEnvironment } from '../../src/git/environment.ts';
import { openGit } from '../../src/git/git.ts';
import { openRepository } from '../../src/git/repository.ts';
import { ownSettings } from '../../src/git/settings.ts';
import { makeFolder } from '../support/folder.ts';
import { recordedCalls, recordGit } from '../support/recorded-git.ts';
import { gitEnv, makeRepository } from '../support/repository.ts';

const dropped = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_EXTERNAL_DIFF',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_EMAIL',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_EDITOR',
  'GIT_SEQUENCE_EDITOR',
  'GIT_SSL_NO_VERIFY',
  'GIT_TEMPLATE_DIR',
  'GIT_EXEC_PATH',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'GIT_PAGER',
  'LANGUAGE',
  'ATHENZ_KEY',
  'ATHENZ_CERT',
  'GITHUB_TOKEN',
  'GITHUB_APP_PRIVATE_KEY',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'LD_PRELOAD',
];
const kept = [
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'SSH_AUTH_SOCK',
  'HTTPS_PROXY',
  'https_proxy',
  'no_proxy',
  'NO_PROXY',
  'all_proxy',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'GIT_TRACE',
  'GIT_TRACE2_EVENT',
];

test('git gets what it needs to reach a remote, and no other variable', () => {
  const given = Object.fromEntries([...dropped, ...kept].map((name) => [name, 'given']));
  const { GIT_TERMINAL_PROMPT, GIT_OPTIONAL_LOCKS, GIT_LITERAL_PATHSPECS, LC_ALL, ...more } = gitEnvironment(given);
  const { GIT_HTTP_LOW_SPEED_LIMIT, GIT_HTTP_LOW_SPEED_TIME, GIT_CONFIG_COUNT, ...others } = more;
  const { GIT_NO_REPLACE_OBJECTS, ...rest } = others;
  assert.ok(
    Number(GIT_HTTP_LOW_SPEED_LIMIT) > 0 && Number(GIT_HTTP_LOW_SPEED_TIME) > 0,
    'a stalled transfer is aborted',
  );
  assert.deepEqual(Object.keys(rest).sort(), [...kept].sort());
  assert.deepEqual([GIT_TERMINAL_PROMPT, GIT_OPTIONAL_LOCKS, GIT_LITERAL_PATHSPECS, LC_ALL], ['0', '0', '1', 'C']);
  assert.deepEqual([GIT_NO_REPLACE_OBJECTS, GIT_CONFIG_COUNT], ['1', '0']);
});

test('settings come after those of the caller, so that they count', () => {
  const caller = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'a.b',
    GIT_CONFIG_VALUE_0: 'c',
    GIT_CONFIG_KEY_1: 'unused',
  };
  const { GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, GIT_CONFIG_KEY_1, GIT_CONFIG_VALUE_1 } = gitEnvironment(caller, [
    ['a.b', 'd'],
  ]);
  assert.deepEqual(
    [GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, GIT_CONFIG_KEY_1, GIT_CONFIG_VALUE_1],
    ['2', 'a.b', 'a.b', 'd'],
  );
});

for (const count of ['x', '-1', '1.5']) {
  test(`GIT_CONFIG_COUNT=${count} is an error that names it`, () => {
    const error = { code: 'GIT_FAILED', message: `reading GIT_CONFIG_COUNT: "${count}" is not a number` };
    assert.throws(() => gitEnvironment({ GIT_CONFIG_COUNT: count }), error);
  });
}

test('only fetch, ls-remote and push get the settings for the remote', async () => {
  await using repository = await makeRepository();
  await using folder = await makeFolder();
  const git = openGit(repository.dir, await recordGit(folder.dir)).withRemote([['http.extraheader', 'secret']]);
  const commands = ['fetch', 'ls-remote', 'push', 'for-each-ref', 'ls-tree', 'cat-file', 'remote', 'config'];
  for (const command of commands) await git.feed([command, 'nothing']);
  await git.ask('fetch', 'nothing');
  const told = (await recordedCalls(folder.dir)).map(({ args: [name], env }) => {
    return `${name} ${Object.values(env).includes('secret')}`;
  });
  const expected = commands.map((name) => `${name} ${['fetch', 'ls-remote', 'push'].includes(name)}`);
  assert.deepEqual(told.sort(), [...expected, 'fetch true'].sort());
});

for (const [key, value] of [
  ['safe.bareRepository', 'all'],
  ['core.hooksPath', '.husky'],
  ['trailer.separators', '%'],
  ['core.commentChar', 'A'],
] as const) {
  test(`a user's ${key} is ignored`, async () => {
    await using repository = await makeRepository();
    repository.git('config', key, value);
    const env = { ...gitEnv, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: value };
    for (const from of [gitEnv, env]) {
      const said = await openGit(repository.dir, from).run('reading', 'config', key);
      assert.equal(said.trim(), ownSettings.find(([own]) => own === key)?.[1]);
    }
  });
}

test('git always runs in the C locale', () => {
  assert.equal(gitEnvironment({ LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' })['LC_ALL'], 'C');
  assert.equal('LANGUAGE' in gitEnvironment({ LANGUAGE: 'de' }), false);
});

test('the caller can override the low-speed timeout', () => {
  assert.equal(gitEnvironment({ GIT_HTTP_LOW_SPEED_TIME: '9' })['GIT_HTTP_LOW_SPEED_TIME'], '9');
});

test('an undefined variable is omitted', () => {
  assert.equal('HOME' in gitEnvironment({ HOME: undefined }), false);
});

test('GIT_* variables of another repository are ignored', async () => {
  await using other = await makeRepository();
  await using repository = await makeRepository();
  await other.commit({ other: 'x' }, 'Of the other');
  const commit = await repository.commit({ own: 'x' }, 'Own');
  const misleading = {
    ...gitEnv,
    GIT_DIR: join(other.dir, '.git'),
    GIT_WORK_TREE: other.dir,
    GIT_INDEX_FILE: join(other.dir, '.git', 'index'),
    GIT_OBJECT_DIRECTORY: join(other.dir, '.git', 'objects'),
    EDITOR: 'false',
    GIT_EDITOR: 'false',
    VISUAL: 'false',
  };
  const { git, root } = await openRepository(repository.dir, misleading);
  assert.equal(root, repository.dir);
  assert.equal((await git.run('reading', 'rev-parse', 'HEAD')).trim(), commit);
  assert.equal((await git.feed(['ls-tree', '--name-only', 'HEAD'])).stdout.toString(), 'own\n');
});

test('GIT_DIR and GIT_INDEX_FILE set by a hook are ignored', async () => {
  await using hooked = await makeRepository();
  await using repository = await makeRepository();
  const commit = await repository.commit({ own: 'x' });
  const module = fileURLToPath(new URL('../../src/git/repository.ts', import.meta.url));
  const script = `
    import { openRepository } from ${JSON.stringify(module)};
    const { git, root } = await openRepository(${JSON.stringify(repository.dir)}, process.env);
    console.log(root, process.env.GIT_INDEX_FILE !== undefined, await git.run('reading', 'rev-parse', 'HEAD'));
  `;
  await hooked.write({
    '.git/hooks/pre-commit': `#!/bin/sh\nexec "${process.execPath}" hook.mjs\n`,
    'hook.mjs': script,
  });
  await chmod(join(hooked.dir, '.git/hooks/pre-commit'), 0o755);
  const args = ['commit', '--allow-empty', '--message=x'];
  const env = {
    ...gitEnv,
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  const output = execFileSync('sh', ['-c', `git ${args.join(' ')} 2>&1`], { cwd: hooked.dir, env, encoding: 'utf8' });
  assert.ok(output.includes(`${repository.dir} true ${commit}`), output);
});

const callers: readonly (readonly [name: string, env: NodeJS.ProcessEnv])[] = [
  ['an editor', { EDITOR: 'vim', VISUAL: 'vim', GIT_EDITOR: 'vim', PAGER: 'less', GIT_PAGER: 'less' }],
  ['a desktop askpass program', { SSH_ASKPASS: '/usr/bin/ksshaskpass', GIT_ASKPASS: '/usr/bin/ksshaskpass' }],
  ['a custom ssh command', { GIT_SSH_COMMAND: 'ssh -i key', GIT_SSH: '/usr/bin/ssh' }],
  ['PREFIX as set by conda', { PREFIX: '/opt/conda' }],
  ['a proxy', { HTTPS_PROXY: 'http://proxy:3128', GIT_PROXY_COMMAND: 'proxy' }],
];
for (const [name, env] of callers) {
  test(`git works with ${name} in the environment`, async () => {
    await using repository = await makeRepository();
    const commit = await repository.commit();
    const { git } = await openRepository(repository.dir, { ...gitEnv, ...env });
    assert.equal((await git.run('reading', 'rev-parse', 'HEAD')).trim(), commit);
  });
}

for (const key of [
  'http.https://github.com/.extraHeader',
  'credential.helper',
  'url.https://token@github.com/.insteadOf',
  'safe.directory',
  'core.sshCommand',
]) {
  test(`config from the environment applies: ${key}`, async () => {
    await using repository = await makeRepository();
    const env = { ...gitEnv, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: '/given' };
    assert.equal((await openGit(repository.dir, env).run('reading', 'config', key)).trim(), '/given');
  });
}

test('a command that fails without output is a failure', async () => {
  await using repository = await makeRepository();
  const first = await repository.commit({}, 'One');
  const second = await repository.commit({}, 'Two');
  const { own } = repository;
  assert.equal(await own.ask('merge-base', '--is-ancestor', second, first), undefined);
  assert.equal(await own.ask('merge-base', '--is-ancestor', first, second), '');
  assert.equal(await own.ask('rev-parse', '--verify', '--quiet', 'nothing'), undefined);
  await assert.rejects(own.run('looking', 'rev-parse', '--verify', '--quiet', 'nothing'), {
    code: 'GIT_FAILED',
    message: 'looking: git ended with exit code 1',
  });
  await assert.rejects(own.run('reading', 'log', 'nothing'), { code: 'GIT_FAILED', message: /^reading: fatal: / });
});

test('git killed by a signal is a failure, not truncated output', async () => {
  await using repository = await makeRepository();
  await repository.commit({ a: 'x' });
  repository.git('config', 'alias.half', '!echo half; kill -9 $PPID');
  await assert.rejects(repository.own.run('listing', 'half'), { code: 'GIT_FAILED' });
  assert.notEqual((await repository.own.feed(['half'])).code, 0);
});

test('a missing git binary is reported', async () => {
  await using repository = await makeRepository();
  const none = openGit(repository.dir, { PATH: '/nowhere' });
  await assert.rejects(none.run('listing', 'log'), {
    code: 'GIT_FAILED',
    message: /git is not installed, or not on PATH/,
  });
  await assert.rejects(none.feed(['log']), { code: 'GIT_FAILED', message: /running git log: git is not installed/ });
});
