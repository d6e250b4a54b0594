import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bare, openBare, type TreeChange } from './bare.ts';

/** With one commit; everything that is ever in it stays there. */
export function createRepository(dir: string, base: string, files: TreeChange): Bare {
  mkdirSync(dir, { recursive: true });
  const git = openBare(dir);
  git.run('init', '--bare', '--quiet', `--initial-branch=${base}`);
  const settings = {
    'http.receivepack': 'true',
    'core.logAllRefUpdates': 'always',
    'gc.auto': '0',
    'receive.autogc': 'false',
    'receive.hideRefs': 'refs/pull',
  };
  for (const [name, value] of Object.entries(settings)) git.run('config', name, value);
  writeFileSync(join(dir, 'pushes'), '');
  const hook = '#!/bin/sh\nwhile read -r line; do echo "$line $REMOTE_USER"; done >> pushes\n';
  mkdirSync(join(dir, 'hooks'), { recursive: true });
  writeFileSync(join(dir, 'hooks', 'post-receive'), hook, { mode: 0o755 });
  const empty = git.run('mktree');
  const author = { name: 'Mona Lisa', email: '583231+octocat@users.noreply.github.com' };
  const nothing = git.commit({ tree: empty, parents: [], message: 'Nothing', author });
  const first = git.commit({ tree: git.changeTree(nothing, files), parents: [], message: 'First', author });
  git.setRef(`refs/heads/${base}`, first);
  return git;
}
