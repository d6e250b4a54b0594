import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

/**
 * Writes a script as the `git` of a folder for PATH. The program hands few variables on to git, so the script has its own, and
 * exports them to what it starts; `$REAL_GIT` is the real one.
 */
export async function writeGit(
  dir: string,
  script: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  await mkdir(dir, { recursive: true });
  const all = Object.entries({ REAL_GIT: real, ...variables }).filter(([, value]) => value !== undefined);
  const exports = all.map(([name, value]) => `export ${name}='${value}'\n`).join('');
  await writeFile(join(dir, 'git'), `#!/bin/sh\n${exports}${script}\n`);
  await chmod(join(dir, 'git'), 0o755);
}
