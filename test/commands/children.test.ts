import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { takeEnvironment } from '../../src/run/io.ts';
import { makeFolder } from '../support/folder.ts';
import { everyToken } from '../support/github/options.ts';
import { type GitHubFixture, openGitHubFixture } from '../support/github-fixture.ts';
import { programsOfGit, recordedCalls, recordGit } from '../support/recorded-git.ts';
import { gitEnv, gitIn, writeFiles } from '../support/repository.ts';

/** A bare repository made of ordinary files, whose configuration starts programs that leave a mark. */
function hostileFiles(mark: string): Readonly<Record<string, string>> {
  const config = `
[core]
	repositoryformatversion = 1
	bare = false
	worktree = .
	sshCommand = touch ${mark};
	fsmonitor = touch ${mark};
	hooksPath = hooks
	alternateRefsCommand = touch ${mark};
[extensions]
	partialClone = origin
[remote "origin"]
	url = ssh://localhost/x
	promisor = true
	uploadpack = touch ${mark};
[include]
	path = more
`;
  const hook = `+x #!/bin/sh\ntouch ${mark}\n`;
  return {
    HEAD: 'ref: refs/heads/main\n',
    config,
    'objects/.keep': '',
    'refs/x': '',
    'hooks/reference-transaction': hook,
    'hooks/pre-push': hook,
  };
}

/** What git starts by itself to fetch and push over HTTP; ssh and credential helpers are the user's own. */
const startedByGit: ReadonlySet<string> = new Set([
  'git remote-http',
  'git-remote-http',
  'git index-pack',
  'git unpack-objects',
  'git rev-list',
  'git send-pack',
  'git pack-objects',
  'git maintenance',
  'git gc',
]);

/** The repository becomes a folder of a larger one, with such files beside the config. */
async function belowHostileFiles(fixture: GitHubFixture, mark: string): Promise<string> {
  const root = dirname(fixture.dir);
  await rename(join(fixture.dir, '.git'), join(root, '.git'));
  await writeFiles(fixture.dir, hostileFiles(mark));
  gitIn(root, 'add', '--all', '.');
  gitIn(root, 'commit', '--quiet', '--message=Add files');
  gitIn(root, 'push', '--quiet', '--force', fixture.github.git.dir, 'main');
  // Hooks of a commit, as husky sets them up, and settings that would change what is read back.
  gitIn(root, 'config', 'core.hooksPath', 'repository/hooks');
  gitIn(root, 'config', 'trailer.separators', '%');
  gitIn(root, 'config', 'core.commentChar', 'A');
  gitIn(root, 'config', 'color.ui', 'always');
  gitIn(root, 'config', 'log.showSignature', 'true');
  return root;
}

const commands: readonly (readonly [code: number, args: readonly string[]])[] = [
  [0, ['plan']],
  [0, ['sync']],
  [0, ['sync']],
  [0, ['guard', '--base=main', '--head=main']],
  [3, ['provision', '--offline', '--base=main']],
  [3, ['provision']],
  [5, ['render', '--check']],
];

test('no child gets a secret that is not for it, nor settings from files of a commit', async () => {
  await using fixture = await openGitHubFixture();
  await using folder = await makeFolder();
  const mark = join(folder.dir, 'mark');
  const root = await belowHostileFiles(fixture, mark);
  const config = await readFile(fixture.paths.config, 'utf8');
  const fileOf = (key: string) => join(fixture.dir, new RegExp(`${key}: (.+)`).exec(config)?.[1] ?? '');
  const secrets = {
    ATHENZ_KEY: await readFile(fileOf('keyPath'), 'utf8'),
    ATHENZ_CERT: await readFile(fileOf('certPath'), 'utf8'),
    GITHUB_TOKEN: everyToken,
    DEPLOY_PASSWORD: 'hunter2',
  };
  const env = { ...(await recordGit(folder.dir)), ...secrets };
  for (const [code, args] of commands) await fixture.expect(code, args, { env });
  const doctor = await fixture.run(['doctor'], { env });
  assert.match(doctor.out, /^ok {2,}git /m);
  assert.equal(existsSync(mark), false, 'a program that a commit names was started');
  assert.equal(fixture.github.pulls().length, 1, 'the second sync knows the branch as its own');

  const calls = await recordedCalls(folder.dir);
  const nameOf = (args: readonly string[]) => args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? '';
  const names = new Set(calls.map(({ args }) => nameOf(args)));
  for (const name of ['fetch', 'push', 'ls-remote', 'ls-tree', 'fast-import', 'for-each-ref']) {
    assert.ok(names.has(name), `git ${name} was recorded`);
  }
  const basic = Buffer.from(`x-access-token:${everyToken}`).toString('base64');
  const { ATHENZ_KEY, DEPLOY_PASSWORD } = secrets;
  for (const { args, env: given } of calls) {
    const name = nameOf(args);
    const all = [...args, ...Object.values(given)].join('\n');
    for (const secret of [everyToken, ATHENZ_KEY, DEPLOY_PASSWORD]) assert.ok(!all.includes(secret), name);
    assert.ok(!args.join('\n').includes(basic), `arguments of git ${name}`);
    assert.equal(all.includes(basic), ['fetch', 'ls-remote', 'push'].includes(name), `token of git ${name}`);
    if (name === 'version') continue;
    // Named, or looked for exactly where a .git was found.
    const found = given['GIT_DIR'] ?? given['GIT_CEILING_DIRECTORIES'];
    assert.ok(found === join(root, '.git') || found === dirname(root), `repository of git ${name}: ${found}`);
  }
  const started = await programsOfGit(folder.dir);
  assert.deepEqual(
    [...started].filter((program) => !startedByGit.has(program)),
    [],
  );
});

test('credentials of the program are taken out of the environment of its children', () => {
  const own = { ATHENZ_KEY: 'k', ATHENZ_CERT: 'c', GITHUB_TOKEN: 't', GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: 'p' };
  const env: NodeJS.ProcessEnv = { PATH: '/bin', AWS_PROFILE: 'prod', GITHUB_ACTIONS: 'true', ...own };
  assert.deepEqual(takeEnvironment(env), { PATH: '/bin', AWS_PROFILE: 'prod', GITHUB_ACTIONS: 'true', ...own });
  assert.deepEqual(env, { PATH: '/bin', AWS_PROFILE: 'prod', GITHUB_ACTIONS: 'true' });
});

test('the process is left without credentials, and verifies certificates for every library', () => {
  const taken = { GITHUB_TOKEN: 't', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const source = new URL('../../src/run/io.ts', import.meta.url);
  const program = `
    const { processIo } = await import('${source}');
    const show = ({ GITHUB_TOKEN, NODE_TLS_REJECT_UNAUTHORIZED, AWS_PROFILE }) =>
      ({ GITHUB_TOKEN, NODE_TLS_REJECT_UNAUTHORIZED, AWS_PROFILE });
    console.log(JSON.stringify([processIo().env, process.env].map(show)));`;
  const env = { ...gitEnv, AWS_PROFILE: 'prod', ...taken };
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { env, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(out), [{ ...taken, AWS_PROFILE: 'prod' }, { AWS_PROFILE: 'prod' }]);
});
