import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../support/folder.ts';
import { projectRoot } from '../support/generated.ts';
import { credential } from '../support/github/client.ts';
import { everyToken } from '../support/github/options.ts';
import { type GitHubStandIn, startGitHub } from '../support/github/stand-in.ts';
import { fencedBlocks } from '../support/markdown.ts';
import { gitEnv, gitIn } from '../support/repository.ts';
import { serveSandbox } from '../support/run.ts';
import { openShell } from '../support/shell.ts';

// docs/tutorial.md, typed as it is written; GitHub is on loopback, and its command line is played by this file.

const tutorial = await readFile(join(projectRoot, 'docs/tutorial.md'), 'utf8');
const commands = fencedBlocks(tutorial, 'sh').flatMap((block) => block.trimEnd().split('\n'));
const sandboxCommand = 'athenz-gitops sandbox --dir try';

test('every command of the tutorial does what it says', async () => {
  await using folder = await makeFolder();
  await using github = await startGitHub();
  await writePrograms(join(folder.dir, 'bin'));
  // On any free port.
  const [, , ...flags] = sandboxCommand.split(' ');
  await using _sandbox = await serveSandbox([...flags, '--port', '0'], { cwd: folder.dir, env: gitEnv });
  await using shell = openShell(folder.dir, environment(folder.dir, github));
  const said: string[] = [];
  let digest = 'none';
  for (const written of commands) {
    if (written === sandboxCommand) continue;
    const command = written.replaceAll('OWNER/NAME', 'acme/gitops').replace('DIGEST', digest);
    if (command.startsWith('gh ')) {
      onGitHub(command, github, join(folder.dir, 'try'));
      continue;
    }
    const { code, text } = await shell.type(command);
    const expected = Number(/# exit code (\d)$/.exec(command)?.[1] ?? 0);
    assert.equal(code, expected, `${command}\n${text}`);
    digest = /--accept-removals ([0-9a-f]{16})/.exec(text)?.[1] ?? digest;
    said.push(text);
  }
  assert.equal(commands.filter((it) => it === sandboxCommand).length, 1);
  assert.match(said.join(''), /through group acme\.org:group\.payments/);
  assert.match(said.join(''), /held: k8s_ns_admins would lose its last member/);
  assert.match(said.join(''), /^Created http\S+\/pull\/1\.$/m);
  assert.match(said.at(-1) ?? '', /^No changes\. Git matches Athenz\./);
  assert.deepEqual(
    github.pulls().map(({ number, merged }) => [number, merged !== undefined]),
    [[1, true]],
  );
});

/** `athenz-gitops` as any way to install it gives, and a `gh` that knows a token. */
async function writePrograms(dir: string): Promise<void> {
  const programs = {
    'athenz-gitops': `exec "${process.execPath}" "${join(projectRoot, 'bin/athenz-gitops.js')}" "$@"`,
    gh: `test "$*" = "auth token" && echo ${everyToken}`,
  };
  await mkdir(dir);
  for (const [name, line] of Object.entries(programs)) {
    await writeFile(join(dir, name), `#!/bin/sh\n${line}\n`);
    await chmod(join(dir, name), 0o755);
  }
}

/** A person's, whose git signs in to GitHub by itself. */
function environment(dir: string, github: GitHubStandIn): NodeJS.ProcessEnv {
  const path = `${join(dir, 'bin')}:${gitEnv['PATH']}`;
  return { ...gitEnv, PATH: path, HOME: dir, GITHUB_API_URL: github.apiUrl, ...credential(github, everyToken) };
}

/** What GitHub's command line does. */
function onGitHub(command: string, github: GitHubStandIn, dir: string): void {
  switch (command) {
    case 'gh repo create acme/gitops --private --source . --push':
      gitIn(dir, 'remote', 'add', 'origin', github.remoteUrl);
      // Not over HTTP: the server is in this process, which waits for git.
      gitIn(dir, 'push', '--quiet', '--force', github.git.dir, 'main');
      gitIn(dir, 'config', 'branch.main.remote', 'origin');
      gitIn(dir, 'config', 'branch.main.merge', 'refs/heads/main');
      return;
    case 'gh pr view 1':
      assert.equal(github.pull(1).state, 'open');
      return;
    case 'gh pr merge 1 --squash':
      github.merge(1, 'squash');
      return;
    default:
      throw new Error(`nobody knows ${command}`);
  }
}
