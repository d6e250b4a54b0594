import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGit } from '../../src/git/git.ts';
import { makeFolder } from '../support/folder.ts';
import { writeGit } from '../support/git-wrapper.ts';
import { gitEnv } from '../support/repository.ts';

// What a stop does to git: nothing more is started, and one that ends by Ctrl-C is no failure of git.

/** A git that does something else. */
async function openScript(dir: string, script: string, stop: AbortSignal) {
  const bin = join(dir, 'bin');
  await writeGit(bin, script);
  return openGit(dir, { ...gitEnv, PATH: `${bin}:${gitEnv['PATH']}` }, { stop });
}

test('after a stop no git is started', async () => {
  await using folder = await makeFolder();
  const git = await openScript(folder.dir, 'exit 0', AbortSignal.abort('SIGTERM'));
  const message = 'running git status: interrupted';
  await assert.rejects(git.run('listing', 'status'), { code: 'CANCELLED', message });
});

test('a git that ends by Ctrl-C before the stop is seen was interrupted', async () => {
  await using folder = await makeFolder();
  const controller = new AbortController();
  const git = await openScript(folder.dir, 'kill -INT $$', controller.signal);
  const running = git.run('listing', 'status');
  setTimeout(() => controller.abort('SIGINT'), 100);
  await assert.rejects(running, { code: 'CANCELLED' });
});

test('a git that is interrupted by somebody else failed', async () => {
  await using folder = await makeFolder();
  const git = await openScript(folder.dir, 'kill -TERM $$', new AbortController().signal);
  await assert.rejects(git.run('listing', 'status'), { code: 'GIT_FAILED', message: /git ended with SIGTERM/ });
});
