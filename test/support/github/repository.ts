import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bare, openBare, type TreeChange } from './bare.ts';

/** Repositories of this process that others are copied from, by what is in them. */
const prepared = new Map<string, string>();

/** With one commit; everything that is ever in it stays there. */
export function createRepository(dir: string, base: string, files: TreeChange): Bare {
  const key = JSON.stringify([base, files]);
  const from = prepared.get(key) ?? prepare(base, files);
  prepared.set(key, from);
  cpSync(from, dir, { recursive: true });
  return openBare(dir);
}

function prepare(base: string, files: TreeChange): string {
  const dir = mkdtempSync(join(tmpdir(), 'athenz-gitops-prepared-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
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
  return dir;
}
